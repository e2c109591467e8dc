-- Members who want to be told when their video is done: bot/domain/job.py, TellBy.
ALTER TABLE job ADD COLUMN tell_by TEXT  -- none: nobody asked for it
    CONSTRAINT tell_by_is_known CHECK (tell_by IN ('mention', 'direct message'));
ALTER TABLE job ADD COLUMN tell_tried_at_ms INTEGER;  -- a message may have been sent since then
ALTER TABLE job ADD COLUMN told_at_ms INTEGER;
ALTER TABLE confirmation ADD COLUMN tell_by TEXT;  -- of the job that is made of it

CREATE INDEX job_to_tell ON job (job_id) WHERE tell_by IS NOT NULL AND told_at_ms IS NULL;

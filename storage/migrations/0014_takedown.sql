-- What moderators took down: the record stays, the post and the files go.
ALTER TABLE job ADD COLUMN taken_down_at_ms INTEGER;
ALTER TABLE job ADD COLUMN takedown_done_at_ms INTEGER;  -- post and files are gone
CREATE INDEX job_to_clear_away ON job (job_id)
    WHERE taken_down_at_ms IS NOT NULL AND takedown_done_at_ms IS NULL;

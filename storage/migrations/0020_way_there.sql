-- Where a result goes when it cannot go where it was asked for.
ALTER TABLE job ADD COLUMN parent_channel_id INTEGER;  -- above the public thread that it lives in
ALTER TABLE job ADD COLUMN late_at_ms INTEGER;  -- it took longer than its patience
-- No place takes the clip: it waits for its member, and is tried again now and then.
ALTER TABLE job ADD COLUMN parked_at_ms INTEGER;
ALTER TABLE job ADD COLUMN parked_why TEXT;
ALTER TABLE job ADD COLUMN post_again_at_ms INTEGER;
ALTER TABLE job ADD COLUMN claimed_into INTEGER;  -- the channel that its member wants it in
ALTER TABLE job ADD COLUMN result_is_direct INTEGER NOT NULL DEFAULT 0
    CONSTRAINT result_is_direct_or_not CHECK (result_is_direct IN (0, 1));

CREATE INDEX job_parked ON job (post_again_at_ms)
    WHERE state = 'fetched' AND parked_at_ms IS NOT NULL;

-- Written before a result is posted: it may be there from then on.
CREATE TABLE post_try (
    job_id INTEGER NOT NULL REFERENCES job (job_id),
    channel_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT post_try_kind_is_known CHECK (kind IN ('thread', 'channel', 'direct', 'claim')),
    why TEXT NOT NULL,  -- why it is not a better place; empty for the best
    tried_at_ms INTEGER NOT NULL,
    PRIMARY KEY (job_id, channel_id)
) STRICT;

CREATE INDEX job_held ON job (state_at_ms) WHERE state = 'held';

-- What the status message last said of a job at rest: the last word survives a crash before it.
ALTER TABLE job ADD COLUMN shown_state TEXT;

-- What ended before this migration was shown by a program that kept no record of it.
UPDATE job SET shown_state = state
WHERE state IN ('delivered', 'failed', 'cancelled', 'expired', 'held');

CREATE INDEX job_not_shown ON job (state_at_ms)
    WHERE state IN ('delivered', 'failed', 'cancelled', 'expired', 'held')
    AND shown_state IS NOT state;

-- What is not kept for ever: words, images and clips by age or at their member's wish, and what is
-- left of a server that the bot was taken from.
ALTER TABLE job ADD COLUMN withdrawn_at_ms INTEGER;  -- its member wanted it deleted
ALTER TABLE job ADD COLUMN erased_at_ms INTEGER;  -- its words, images and clip are gone
CREATE INDEX job_not_erased ON job (state_at_ms)
    WHERE erased_at_ms IS NULL AND state IN ('delivered', 'failed', 'cancelled', 'expired');
ALTER TABLE guild_setting ADD COLUMN keep_days INTEGER
    CONSTRAINT keep_days_counts_from_one CHECK (keep_days >= 1);
CREATE TABLE guild_departure (
    guild_id INTEGER PRIMARY KEY,
    left_at_ms INTEGER NOT NULL
) STRICT;

-- Whom moderators keep from making videos. One that is over counts for nothing.
CREATE TABLE member_block (
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    blocked_by INTEGER NOT NULL,
    blocked_at_ms INTEGER NOT NULL,
    until_ms INTEGER,  -- none: for ever
    reason TEXT,
    PRIMARY KEY (guild_id, user_id)
) STRICT;

-- Up to which entry of the audit a server's log channel shows its own; a server without one has
-- no row.
CREATE TABLE log_cursor (
    guild_id INTEGER PRIMARY KEY,
    posted_seq INTEGER NOT NULL,
    -- A post with the entries up to this one was about to be made, and may be there.
    tried_seq INTEGER,
    tried_at_ms INTEGER,
    CONSTRAINT log_try_has_an_instant CHECK ((tried_seq IS NULL) = (tried_at_ms IS NULL)),
    CONSTRAINT log_try_is_ahead CHECK (tried_seq IS NULL OR tried_seq > posted_seq)
) STRICT;

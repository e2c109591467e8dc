-- What an enqueue writes: a server's newest day and its newest quarter on one page, mostly.

CREATE TABLE balance_now (
    scope TEXT NOT NULL
        CONSTRAINT balance_scope_is_known
        CHECK (scope = 'member' OR scope = 'server' OR scope = 'bot'),
    guild_id INTEGER NOT NULL,  -- 0 for the bot
    user_id INTEGER NOT NULL,  -- 0 but for a member
    span TEXT NOT NULL
        CONSTRAINT balance_span_is_known CHECK (span IN ('grain', 'day')),
    -- Of a day its start. Of a quarter its start below zero: the newest come first, after the
    -- newest day.
    place_ms INTEGER NOT NULL,
    currency TEXT NOT NULL,
    videos INTEGER NOT NULL,
    micros INTEGER NOT NULL,
    PRIMARY KEY (scope, guild_id, user_id, span, place_ms, currency)
) WITHOUT ROWID, STRICT;
INSERT INTO balance_now
    SELECT scope, guild_id, user_id, span,
        CASE span WHEN 'day' THEN start_ms ELSE -start_ms END AS place_ms,
        currency, videos, micros
    FROM balance ORDER BY scope, guild_id, user_id, span, place_ms, currency;
DROP TABLE balance;
ALTER TABLE balance_now RENAME TO balance;

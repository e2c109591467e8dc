-- What was made and paid on a server, and how long it waited, by the time at which it was asked
-- for. Both are written when a video was made, so an enqueue costs what it did. The last columns
-- say nothing; without them the rows themselves would be read.
CREATE INDEX ledger_settled ON ledger (guild_id, counts_at_ms, user_id, currency, micros, kind)
    WHERE kind = 'settle';
CREATE INDEX job_waited
    ON job (guild_id, created_at_ms, user_id, submitted_at_ms, fetched_at_ms, state)
    WHERE state = 'delivered';

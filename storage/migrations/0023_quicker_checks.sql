-- The same rules, cheaper to ask: for a list of three or more SQLite builds a table each time it
-- checks a row, and comparisons stop at the first that holds. A third of what an INSERT costs.

CREATE TABLE job_now (
    -- AUTOINCREMENT: a number is never used again, also not after a purge.
    -- People cite it, and request ids are made of it: a repeated one would adopt an old clip.
    job_id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL
        CONSTRAINT job_state_is_known CHECK (
            state = 'queued' OR state = 'submitting' OR state = 'rendering' OR state = 'fetched'
            OR state = 'delivered' OR state = 'failed' OR state = 'cancelled'
            OR state = 'expired' OR state = 'held'
        ),
    state_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,

    -- Who asked, for what, and because of what.
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    request TEXT NOT NULL,  -- JSON with a version: storage/request_codec.py
    model TEXT NOT NULL,  -- of the request, for render times
    duration_s INTEGER,  -- likewise
    origin TEXT NOT NULL
        CONSTRAINT job_origin_is_known CHECK (
            origin = 'command' OR origin = 'again' OR origin = 'edit' OR origin = 'reaction'
        ),
    origin_key TEXT,
    parent_job_id INTEGER REFERENCES job (job_id),

    -- Where it lives.
    channel_id INTEGER NOT NULL,
    in_thread INTEGER NOT NULL
        CONSTRAINT job_is_in_a_thread_or_not CHECK (in_thread IN (0, 1)),
    status_message_id INTEGER,
    thread_id INTEGER,
    parent_channel_id INTEGER,
    result_message_id INTEGER,
    result_is_direct INTEGER NOT NULL DEFAULT 0
        CONSTRAINT result_is_direct_or_not CHECK (result_is_direct IN (0, 1)),
    claimed_into INTEGER,
    shown_state TEXT,

    -- Its turn.
    route TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL DEFAULT 0,
    cost_ms INTEGER NOT NULL DEFAULT 90000
        CONSTRAINT job_costs_something CHECK (cost_ms > 0),
    -- While it waits: whether its server is served first come, first served. Only such servers need
    -- the index of that order.
    by_number INTEGER NOT NULL DEFAULT 0
        CONSTRAINT job_waits_by_number_or_not CHECK (by_number IN (0, 1)),

    -- Its submission. A queued job with a request_id repeats it at its next claim.
    attempt INTEGER NOT NULL DEFAULT 0
        CONSTRAINT job_attempts_count_from_zero CHECK (attempt >= 0),
    request_id TEXT
        CONSTRAINT job_request_id_fits_the_gateway
        CHECK (request_id IS NULL OR (length(request_id) BETWEEN 6 AND 64 AND attempt > 0)),
    submitted_at_ms INTEGER,
    provider_task_id TEXT,
    account TEXT,
    passed_over TEXT,

    -- What its claim moved its lanes by, and when they had been served before: given back if it is
    -- requeued.
    guild_charge INTEGER NOT NULL DEFAULT 0,
    member_charge INTEGER NOT NULL DEFAULT 0,
    guild_served_before INTEGER,
    member_served_before INTEGER,

    -- Its outcome.
    late_at_ms INTEGER,
    result_url TEXT,
    result_url_at_ms INTEGER,  -- the gateway's links expire
    clip_artifact_id TEXT REFERENCES clip (artifact_id),
    fetched_at_ms INTEGER,
    parked_at_ms INTEGER,
    parked_why TEXT,
    post_again_at_ms INTEGER,
    reason TEXT,
    taken_down_at_ms INTEGER,
    takedown_done_at_ms INTEGER,
    withdrawn_at_ms INTEGER,
    erased_at_ms INTEGER,

    CONSTRAINT submission_names_its_request CHECK (
        state = 'queued' OR state = 'failed' OR state = 'cancelled'
        OR (request_id IS NOT NULL AND submitted_at_ms IS NOT NULL)
    ),
    CONSTRAINT waiting_job_has_no_task CHECK (
        provider_task_id IS NULL
        OR (state <> 'queued' AND state <> 'submitting' AND state <> 'cancelled')
    ),
    CONSTRAINT rendering_job_has_a_task CHECK (
        provider_task_id IS NOT NULL OR (
            state <> 'rendering' AND state <> 'fetched' AND state <> 'delivered'
            AND state <> 'expired'
        )
    ),
    CONSTRAINT fetched_job_has_a_clip CHECK (
        (state <> 'fetched' AND state <> 'delivered')
        OR (clip_artifact_id IS NOT NULL AND fetched_at_ms IS NOT NULL)
    ),
    CONSTRAINT delivered_job_has_a_result CHECK (
        (state = 'delivered') = (result_message_id IS NOT NULL)
    ),
    CONSTRAINT ending_without_a_clip_has_a_reason CHECK (
        (state = 'failed' OR state = 'cancelled' OR state = 'expired' OR state = 'held')
        = (reason IS NOT NULL)
    )
) STRICT;
INSERT INTO job_now (
    job_id, state, state_at_ms, created_at_ms, guild_id, user_id, request, model, duration_s,
    origin, origin_key, parent_job_id, channel_id, in_thread, status_message_id, thread_id,
    parent_channel_id, result_message_id, result_is_direct, claimed_into, shown_state, route,
    priority, cost_ms, attempt, request_id, submitted_at_ms, provider_task_id, account,
    passed_over, guild_charge, member_charge, guild_served_before, member_served_before,
    late_at_ms, result_url, result_url_at_ms, clip_artifact_id, fetched_at_ms, parked_at_ms,
    parked_why, post_again_at_ms, reason, taken_down_at_ms, takedown_done_at_ms,
    withdrawn_at_ms, erased_at_ms
)
SELECT
    job_id, state, state_at_ms, created_at_ms, guild_id, user_id, request, model, duration_s,
    origin, origin_key, parent_job_id, channel_id, in_thread, status_message_id, thread_id,
    parent_channel_id, result_message_id, result_is_direct, claimed_into, shown_state, route,
    priority, cost_ms, attempt, request_id, submitted_at_ms, provider_task_id, account,
    passed_over, guild_charge, member_charge, guild_served_before, member_served_before,
    late_at_ms, result_url, result_url_at_ms, clip_artifact_id, fetched_at_ms, parked_at_ms,
    parked_why, post_again_at_ms, reason, taken_down_at_ms, takedown_done_at_ms,
    withdrawn_at_ms, erased_at_ms
FROM job ORDER BY job_id;
-- The last number that was given, also where that job is gone by now.
DELETE FROM sqlite_sequence WHERE name = 'job_now';
INSERT INTO sqlite_sequence (name, seq) SELECT 'job_now', seq FROM sqlite_sequence
    WHERE name = 'job';
UPDATE job_now SET by_number = 1 WHERE guild_id IN (
    SELECT guild_id FROM guild_setting WHERE first_come_first_served = 1
);
DROP TABLE job;
ALTER TABLE job_now RENAME TO job;

CREATE UNIQUE INDEX one_job_per_origin ON job (origin_key) WHERE origin_key IS NOT NULL;
CREATE UNIQUE INDEX one_job_per_status_message ON job (status_message_id)
    WHERE status_message_id IS NOT NULL;
CREATE UNIQUE INDEX one_job_per_result_message ON job (result_message_id)
    WHERE result_message_id IS NOT NULL;
CREATE UNIQUE INDEX one_job_per_task ON job (account, provider_task_id)
    WHERE provider_task_id IS NOT NULL;
CREATE UNIQUE INDEX one_open_take_per_member_and_parent ON job (parent_job_id, user_id)
    WHERE parent_job_id IS NOT NULL AND origin IN ('again', 'reaction')
    AND state IN ('queued', 'submitting', 'rendering', 'fetched', 'held');
CREATE INDEX job_takes ON job (parent_job_id, job_id) WHERE parent_job_id IS NOT NULL;
CREATE INDEX job_of_member ON job (user_id, guild_id, job_id);
CREATE INDEX job_waiting ON job (guild_id, user_id, route, priority DESC, job_id)
    WHERE state = 'queued';
CREATE INDEX job_waiting_by_number ON job (guild_id, route, job_id)
    WHERE state = 'queued' AND by_number = 1;
CREATE INDEX job_queued ON job (job_id) WHERE state = 'queued';
CREATE INDEX job_in_flight ON job (state) WHERE state IN ('submitting', 'rendering');
-- These are asked for by storage/job_states.py.
CREATE INDEX job_claimed ON job (guild_id, state, user_id, job_id)
    WHERE (state = 'submitting' OR state = 'rendering' OR state = 'fetched' OR state = 'held');
CREATE INDEX job_not_shown ON job (state_at_ms)
    WHERE (state = 'delivered' OR state = 'failed' OR state = 'cancelled' OR state = 'expired'
        OR state = 'held')
    AND shown_state IS NOT state;
CREATE INDEX job_not_erased ON job (state_at_ms)
    WHERE (state = 'delivered' OR state = 'failed' OR state = 'cancelled' OR state = 'expired')
    AND erased_at_ms IS NULL;
CREATE INDEX job_parked ON job (post_again_at_ms)
    WHERE state = 'fetched' AND parked_at_ms IS NOT NULL;
CREATE INDEX job_held ON job (state_at_ms) WHERE state = 'held';
CREATE INDEX job_with_clip ON job (clip_artifact_id) WHERE clip_artifact_id IS NOT NULL;
CREATE INDEX job_to_clear_away ON job (job_id)
    WHERE taken_down_at_ms IS NOT NULL AND takedown_done_at_ms IS NULL;

CREATE TABLE ledger_now (
    entry_id INTEGER PRIMARY KEY,  -- none ever goes, so none comes again
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT ledger_kind_is_known CHECK (
            kind = 'reserve' OR kind = 'release' OR kind = 'settle' OR kind = 'grant'
            OR kind = 'adjust'
        ),
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    job_id INTEGER,
    grant_id INTEGER,  -- of what it was made, or what was given
    videos INTEGER NOT NULL,
    micros INTEGER NOT NULL,
    currency TEXT NOT NULL,  -- empty where no price is known
    counts_at_ms INTEGER NOT NULL
        CONSTRAINT ledger_counts_since_1970 CHECK (counts_at_ms >= 0),
    for_operator INTEGER NOT NULL
        CONSTRAINT the_operator_pays_or_not CHECK (for_operator IN (0, 1)),
    account TEXT,  -- who was paid, once that is certain
    prices TEXT  -- of a reservation: JSON, what each account asked when the job came
        CONSTRAINT ledger_prices_are_json CHECK (prices IS NULL OR json_valid(prices)),
    by_user_id INTEGER,  -- the moderator
    CONSTRAINT ledger_rows_of_jobs_name_them CHECK (
        (kind = 'reserve' OR kind = 'release' OR kind = 'settle') = (job_id IS NOT NULL)
    ),
    CONSTRAINT ledger_reservation_has_prices CHECK ((kind = 'reserve') = (prices IS NOT NULL)),
    CONSTRAINT ledger_grant_is_named CHECK (kind <> 'grant' OR grant_id IS NOT NULL),
    CONSTRAINT ledger_money_has_a_currency CHECK (micros = 0 OR currency <> '')
) STRICT;
INSERT INTO ledger_now (
    entry_id, at_ms, kind, guild_id, user_id, job_id, grant_id, videos, micros, currency,
    counts_at_ms, for_operator, account, prices, by_user_id
)
SELECT
    entry_id, at_ms, kind, guild_id, user_id, job_id, grant_id, videos, micros, currency,
    counts_at_ms, for_operator, account, prices, by_user_id
FROM ledger ORDER BY entry_id;
DROP TABLE ledger;
ALTER TABLE ledger_now RENAME TO ledger;
CREATE INDEX ledger_of_job ON ledger (job_id, entry_id) WHERE job_id IS NOT NULL;
CREATE UNIQUE INDEX one_settlement_per_job ON ledger (job_id) WHERE kind = 'settle';
CREATE INDEX ledger_adjustments ON ledger (guild_id, user_id) WHERE kind = 'adjust';
CREATE TRIGGER ledger_rows_never_change BEFORE UPDATE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_rows_never_go BEFORE DELETE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_rows_are_never_replaced BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE entry_id = NEW.entry_id) BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

CREATE TABLE balance_now (
    scope TEXT NOT NULL
        CONSTRAINT balance_scope_is_known
        CHECK (scope = 'member' OR scope = 'server' OR scope = 'bot'),
    guild_id INTEGER NOT NULL,  -- 0 for the bot
    user_id INTEGER NOT NULL,  -- 0 but for a member
    span TEXT NOT NULL
        CONSTRAINT balance_span_is_known CHECK (span IN ('grain', 'day')),
    start_ms INTEGER NOT NULL,
    currency TEXT NOT NULL,
    videos INTEGER NOT NULL,
    micros INTEGER NOT NULL,
    PRIMARY KEY (scope, guild_id, user_id, span, start_ms, currency)
) WITHOUT ROWID, STRICT;
INSERT INTO balance_now SELECT
    scope, guild_id, user_id, span, start_ms, currency, videos, micros
FROM balance;
DROP TABLE balance;
ALTER TABLE balance_now RENAME TO balance;

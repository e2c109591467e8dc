-- The ledger: what was reserved, settled and given back, in videos and in money, by whom and when.

-- Where the calendar of a server's limits is kept: an IANA name.
ALTER TABLE guild_setting ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';

-- Limits in money, of what is under way at once, and between two videos.
ALTER TABLE quota_rule RENAME TO quota_rule_before;
CREATE TABLE quota_rule (
    guild_id INTEGER NOT NULL,
    scope TEXT NOT NULL
        CONSTRAINT quota_scope_is_known CHECK (scope IN ('member', 'role', 'server')),
    subject_id INTEGER NOT NULL,
    measure TEXT NOT NULL
        CONSTRAINT quota_measure_is_known
        CHECK (measure IN ('videos', 'money', 'cooldown', 'concurrent')),
    per_window TEXT NOT NULL  -- empty for those that have none
        CONSTRAINT quota_window_is_known CHECK (
            per_window IN ('', 'day', 'week', 'month', '24 hours', '7 days', '30 days')
        ),
    amount INTEGER NOT NULL  -- videos, micros or seconds
        CONSTRAINT quota_amount_counts_from_zero CHECK (amount >= 0),
    currency TEXT NOT NULL DEFAULT '',
    set_by INTEGER NOT NULL,
    set_at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, scope, subject_id, measure, per_window),
    CONSTRAINT server_rule_names_its_server CHECK (scope <> 'server' OR subject_id = guild_id),
    CONSTRAINT videos_and_money_have_a_window
        CHECK ((measure IN ('videos', 'money')) = (per_window <> '')),
    CONSTRAINT money_has_a_currency CHECK ((measure = 'money') = (currency <> ''))
) STRICT;
INSERT INTO quota_rule
    (guild_id, scope, subject_id, measure, per_window, amount, set_by, set_at_ms)
    SELECT guild_id, scope, subject_id, 'videos', per_window, limit_videos, set_by, set_at_ms
    FROM quota_rule_before;
DROP TABLE quota_rule_before;

-- Videos that a member was given besides their limits. What is left is kept by the ledger's
-- transactions.
CREATE TABLE quota_grant (
    grant_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    videos INTEGER NOT NULL
        CONSTRAINT grant_gives_something CHECK (videos > 0),
    videos_left INTEGER NOT NULL
        CONSTRAINT grant_is_never_overspent CHECK (videos_left BETWEEN 0 AND videos),
    expires_at_ms INTEGER NOT NULL,
    given_by INTEGER NOT NULL,
    given_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX grant_with_something_left ON quota_grant (guild_id, user_id, expires_at_ms)
    WHERE videos_left > 0;

-- Append-only. A job's rows are: reserve; then nothing, or release, or release and settle. What it
-- counts is the sum of them, at the instant at which it was first reserved. A grant's row says what
-- was given; an adjustment changes what a member has used.
-- No row refers to a job by a foreign key: it stays when the job is forgotten.
CREATE TABLE ledger (
    entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT ledger_kind_is_known
        CHECK (kind IN ('reserve', 'release', 'settle', 'grant', 'adjust')),
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
    CONSTRAINT ledger_rows_of_jobs_name_them
        CHECK ((kind IN ('reserve', 'release', 'settle')) = (job_id IS NOT NULL)),
    CONSTRAINT ledger_reservation_has_prices CHECK ((kind = 'reserve') = (prices IS NOT NULL)),
    CONSTRAINT ledger_grant_is_named CHECK (kind <> 'grant' OR grant_id IS NOT NULL),
    CONSTRAINT ledger_money_has_a_currency CHECK (micros = 0 OR currency <> '')
) STRICT;
CREATE INDEX ledger_of_job ON ledger (job_id, entry_id) WHERE job_id IS NOT NULL;
CREATE UNIQUE INDEX one_settlement_per_job ON ledger (job_id) WHERE kind = 'settle';
CREATE INDEX ledger_adjustments ON ledger (guild_id, user_id) WHERE kind = 'adjust';

-- The sums of the ledger, by whom it counts for and by the quarter of an hour in which it counts;
-- of servers and the bot also by the day (UTC). A window is a few dozen rows, wherever its midnights
-- are: whole days with quarters at either end, or as many quarters as a member made videos in.
CREATE TABLE balance (
    scope TEXT NOT NULL
        CONSTRAINT balance_scope_is_known CHECK (scope IN ('member', 'server', 'bot')),
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

-- A server's budget that is nearly used up: put on record once in each of its windows.
CREATE TABLE budget_warning (
    warning_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    per_window TEXT NOT NULL,
    window_start_ms INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    limit_micros INTEGER NOT NULL,
    currency TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    CONSTRAINT one_warning_per_window
        UNIQUE (guild_id, per_window, window_start_ms, percent, limit_micros, currency)
) STRICT;

-- What was reserved before. No price was kept with it.
INSERT INTO ledger (at_ms, kind, guild_id, user_id, job_id, videos, micros, currency, counts_at_ms,
        for_operator, account, prices)
    SELECT reserved_at_ms, 'reserve', guild_id, user_id, job_id, 1, 0, '', reserved_at_ms, 1, NULL,
        '{"of": "", "by_account": {}}'
    FROM reservation ORDER BY job_id;
INSERT INTO ledger (at_ms, kind, guild_id, user_id, job_id, videos, micros, currency, counts_at_ms,
        for_operator, account, prices)
    SELECT job.state_at_ms, 'release', reservation.guild_id, reservation.user_id,
        reservation.job_id, -1, 0, '', reserved_at_ms, 1, NULL, NULL
    FROM reservation JOIN job ON job.job_id = reservation.job_id
    WHERE reservation.state <> 'reserved' ORDER BY reservation.job_id;
INSERT INTO ledger (at_ms, kind, guild_id, user_id, job_id, videos, micros, currency, counts_at_ms,
        for_operator, account, prices)
    SELECT job.state_at_ms, 'settle', reservation.guild_id, reservation.user_id,
        reservation.job_id, 1, 0, '', reserved_at_ms, 1, job.account, NULL
    FROM reservation JOIN job ON job.job_id = reservation.job_id
    WHERE reservation.state = 'settled' ORDER BY reservation.job_id;
INSERT INTO balance (scope, guild_id, user_id, span, start_ms, currency, videos, micros)
    SELECT scope, guild_id, user_id, span, counts_at_ms - counts_at_ms % length_ms, currency,
        sum(videos), sum(micros)
    FROM (
        SELECT 'member' AS scope, guild_id, user_id, counts_at_ms, currency, videos, micros
            FROM ledger
        UNION ALL SELECT 'server', guild_id, 0, counts_at_ms, currency, videos, micros FROM ledger
        UNION ALL SELECT 'bot', 0, 0, counts_at_ms, currency, videos, micros FROM ledger
    ) AS counted CROSS JOIN (
        SELECT 'grain' AS span, 900000 AS length_ms UNION ALL SELECT 'day', 86400000
    ) AS spans
    WHERE scope <> 'member' OR span = 'grain'
    GROUP BY scope, guild_id, user_id, span, counts_at_ms - counts_at_ms % length_ms, currency;
DROP TABLE reservation;

CREATE TRIGGER ledger_rows_never_change BEFORE UPDATE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_rows_never_go BEFORE DELETE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
-- INSERT OR REPLACE deletes without the trigger above.
CREATE TRIGGER ledger_rows_are_never_replaced BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE entry_id = NEW.entry_id) BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

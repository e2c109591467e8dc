-- What all migrations together make. Written by `python -m storage`.

CREATE TABLE migration (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE installation (
    only_row INTEGER PRIMARY KEY
        CONSTRAINT one_installation_per_database CHECK (only_row = 1),
    installation_id TEXT NOT NULL
        CONSTRAINT installation_id_is_12_hex CHECK (length(installation_id) = 12),
    claims INTEGER NOT NULL DEFAULT 0
        CONSTRAINT claims_only_grow_from_zero CHECK (claims >= 0)
, pseudonym_key TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE artifact (
    artifact_id TEXT PRIMARY KEY
        CONSTRAINT artifact_id_is_sha256_hex CHECK (length(artifact_id) = 64),
    kind TEXT NOT NULL
        CONSTRAINT artifact_kind_is_known CHECK (kind IN ('image', 'clip')),
    file_name TEXT NOT NULL
        CONSTRAINT artifact_file_name_stays_inside_its_folder
        CHECK (length(file_name) > 0 AND file_name NOT LIKE '/%' AND file_name NOT LIKE '%..%'),
    size_bytes INTEGER NOT NULL
        CONSTRAINT artifact_is_not_empty CHECK (size_bytes > 0),
    media_type TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE clip (
    artifact_id TEXT PRIMARY KEY REFERENCES artifact (artifact_id) ON DELETE CASCADE,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    duration_s REAL NOT NULL,
    fps REAL NOT NULL,
    has_audio INTEGER NOT NULL
        CONSTRAINT clip_has_audio_or_not CHECK (has_audio IN (0, 1)),
    attachable INTEGER NOT NULL
        CONSTRAINT clip_is_attachable_or_not CHECK (attachable IN (0, 1))
, picture_plays INTEGER NOT NULL DEFAULT 0
    CONSTRAINT clip_picture_plays_or_not CHECK (picture_plays IN (0, 1))) STRICT;

CREATE TABLE job_attempt (
    job_id INTEGER NOT NULL REFERENCES job (job_id),
    attempt INTEGER NOT NULL
        CONSTRAINT attempts_count_from_one CHECK (attempt > 0),
    request_id TEXT NOT NULL,
    claimed_at_ms INTEGER NOT NULL, account TEXT NOT NULL DEFAULT 'main',
    PRIMARY KEY (job_id, attempt),
    CONSTRAINT one_attempt_per_request_id UNIQUE (request_id)
) STRICT;

CREATE TABLE command_sync (
    application_id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    synced_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE render_times (
    gateway TEXT NOT NULL,
    model TEXT NOT NULL,
    settings TEXT NOT NULL,  -- what else of a request its time depends on, as one line of text
    weights TEXT NOT NULL  -- JSON: a number per bucket
        CONSTRAINT render_weights_are_json CHECK (json_valid(weights)),
    PRIMARY KEY (gateway, model, settings)
) STRICT;

CREATE TABLE job_input (
    job_id INTEGER NOT NULL REFERENCES job (job_id),
    position INTEGER NOT NULL
        CONSTRAINT at_most_three_images CHECK (position BETWEEN 0 AND 2),
    artifact_id TEXT NOT NULL REFERENCES artifact (artifact_id),
    PRIMARY KEY (job_id, position)
) STRICT;

CREATE INDEX job_input_artifact ON job_input (artifact_id);

CREATE TABLE account_pause (
    account TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    reason TEXT NOT NULL  -- redacted
) STRICT;

CREATE TABLE guild_setting (
    guild_id INTEGER PRIMARY KEY,
    dearer_may_stand_in INTEGER NOT NULL DEFAULT 0
        CONSTRAINT dearer_may_stand_in_or_not CHECK (dearer_may_stand_in IN (0, 1))
, first_come_first_served INTEGER NOT NULL DEFAULT 0
    CONSTRAINT first_come_first_served_or_not CHECK (first_come_first_served IN (0, 1)), time_zone TEXT NOT NULL DEFAULT 'UTC', default_model TEXT, min_account_age_s INTEGER NOT NULL DEFAULT 0
    CONSTRAINT min_account_age_is_no_debt CHECK (min_account_age_s >= 0), min_membership_s INTEGER NOT NULL DEFAULT 0
    CONSTRAINT min_membership_is_no_debt CHECK (min_membership_s >= 0), results_in TEXT NOT NULL DEFAULT 'thread'
    CONSTRAINT results_are_in_thread_or_channel CHECK (results_in IN ('thread', 'channel')), spoilers INTEGER NOT NULL DEFAULT 0
    CONSTRAINT spoilers_or_not CHECK (spoilers IN (0, 1)), log_channel_id INTEGER, keep_days INTEGER
    CONSTRAINT keep_days_counts_from_one CHECK (keep_days >= 1), in_flight_per_member INTEGER
    CONSTRAINT in_flight_per_member_counts_from_one CHECK (in_flight_per_member >= 1), waiting_per_member INTEGER
    CONSTRAINT waiting_per_member_counts_from_one CHECK (waiting_per_member >= 1), confirm_above_micros INTEGER  -- none: nobody is asked
    CONSTRAINT confirm_above_is_no_debt CHECK (confirm_above_micros >= 0), confirm_above_currency TEXT
    CONSTRAINT confirm_above_is_whole
    CHECK ((confirm_above_micros IS NULL) = (confirm_above_currency IS NULL)), language TEXT, board_channel_id INTEGER, gallery_channel_id INTEGER, gallery_stars INTEGER NOT NULL DEFAULT 3
    CONSTRAINT gallery_stars_count_from_one CHECK (gallery_stars >= 1), reactions TEXT NOT NULL DEFAULT '{}'
    CONSTRAINT reactions_are_json CHECK (json_valid(reactions))) STRICT;

CREATE TABLE own_account (
    -- AUTOINCREMENT: jobs name their account by it, and a new key is another account.
    own_account_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    sealed_key TEXT NOT NULL,
    set_by INTEGER NOT NULL,
    set_at_ms INTEGER NOT NULL,
    removed_at_ms INTEGER  -- its last videos are still being made
) STRICT;

CREATE UNIQUE INDEX one_own_account_per_server ON own_account (guild_id)
    WHERE removed_at_ms IS NULL;

CREATE TABLE notice (
    notice_id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    text TEXT NOT NULL
        CONSTRAINT notice_says_something CHECK (text <> ''),
    added_at_ms INTEGER NOT NULL,
    tried_at_ms INTEGER,  -- written before the first post: from then on it may be in the channel
    sent_at_ms INTEGER,
    message_id INTEGER,
    CONSTRAINT one_notice_per_key UNIQUE (key),
    CONSTRAINT notice_is_tried_before_it_is_sent
        CHECK (sent_at_ms IS NULL OR tried_at_ms IS NOT NULL),
    CONSTRAINT sent_notice_names_its_message CHECK ((sent_at_ms IS NULL) = (message_id IS NULL))
) STRICT;

CREATE INDEX notice_unsent ON notice (notice_id) WHERE sent_at_ms IS NULL;

CREATE INDEX notice_age ON notice (added_at_ms);

CREATE TABLE audit_entry (
    seq INTEGER PRIMARY KEY
        CONSTRAINT audit_counts_from_one CHECK (seq > 0),
    at_ms INTEGER NOT NULL,
    guild_id INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    detail TEXT NOT NULL
        CONSTRAINT audit_detail_is_json CHECK (json_valid(detail)),
    previous_hash TEXT NOT NULL
        CONSTRAINT audit_previous_hash_is_sha256_hex CHECK (length(previous_hash) = 64),
    own_hash TEXT NOT NULL
        CONSTRAINT audit_own_hash_is_sha256_hex CHECK (length(own_hash) = 64)
) STRICT;

CREATE INDEX audit_of_guild ON audit_entry (guild_id, seq);

CREATE INDEX audit_of_actor ON audit_entry (guild_id, actor_id, action, at_ms);

CREATE TABLE audit_head (
    only_row INTEGER PRIMARY KEY
        CONSTRAINT one_audit_head CHECK (only_row = 1),
    seq INTEGER NOT NULL,
    own_hash TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE ON audit_entry
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_entry_is_never_deleted BEFORE DELETE ON audit_entry
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_entry_is_never_replaced BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TABLE word_rule (
    guild_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT word_rule_kind_is_known CHECK (kind IN ('word', 'pattern')),
    text TEXT NOT NULL
        CONSTRAINT word_rule_is_not_empty CHECK (text <> ''),
    added_by INTEGER NOT NULL,
    added_at_ms INTEGER NOT NULL, age_restricted INTEGER NOT NULL DEFAULT 0
    CONSTRAINT word_rule_is_age_restricted_or_not CHECK (age_restricted IN (0, 1)),
    PRIMARY KEY (guild_id, kind, text)
) STRICT;

CREATE TABLE model_clock (
    model TEXT PRIMARY KEY,
    vtime INTEGER NOT NULL DEFAULT 0,
    served INTEGER NOT NULL DEFAULT 0  -- the number of the last claim; the longest unserved is next
) STRICT;

CREATE TABLE role_weight (
    guild_id INTEGER NOT NULL,
    role_id INTEGER NOT NULL,
    weight INTEGER NOT NULL
        CONSTRAINT role_weight_counts_from_one CHECK (weight BETWEEN 1 AND 1000),
    PRIMARY KEY (guild_id, role_id)
) STRICT;

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

CREATE TABLE member_block (
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    blocked_by INTEGER NOT NULL,
    blocked_at_ms INTEGER NOT NULL,
    until_ms INTEGER,  -- none: for ever
    reason TEXT,
    PRIMARY KEY (guild_id, user_id)
) STRICT;

CREATE TABLE guild_choice (
    guild_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT guild_choice_kind_is_known
        CHECK (kind IN ('channel', 'role', 'model', 'restricted_model')),
    value TEXT NOT NULL,
    PRIMARY KEY (guild_id, kind, value)
) STRICT;

CREATE TABLE log_cursor (
    guild_id INTEGER PRIMARY KEY,
    posted_seq INTEGER NOT NULL,
    -- A post with the entries up to this one was about to be made, and may be there.
    tried_seq INTEGER,
    tried_at_ms INTEGER,
    CONSTRAINT log_try_has_an_instant CHECK ((tried_seq IS NULL) = (tried_at_ms IS NULL)),
    CONSTRAINT log_try_is_ahead CHECK (tried_seq IS NULL OR tried_seq > posted_seq)
) STRICT;

CREATE TABLE guild_departure (
    guild_id INTEGER PRIMARY KEY,
    left_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE confirmation (
    -- AUTOINCREMENT: buttons in old messages name it, and a job is made of it once.
    confirmation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    cause TEXT NOT NULL,  -- what the member did: a repeated delivery of it is the same question
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    request TEXT NOT NULL,  -- JSON with a version: storage/request_codec.py
    origin TEXT NOT NULL,
    parent_job_id INTEGER,  -- looked up again at the answer
    channel_id INTEGER NOT NULL,
    in_thread INTEGER NOT NULL
        CONSTRAINT confirmation_is_in_a_thread_or_not CHECK (in_thread IN (0, 1)),
    price_micros INTEGER,  -- the most that it may cost, as told; none where nobody knows
    price_currency TEXT,
    expires_at_ms INTEGER NOT NULL,  -- moved to the instant at which it was answered
    message_id INTEGER, takes INTEGER NOT NULL DEFAULT 1
    CONSTRAINT confirmation_is_about_one_or_several CHECK (takes >= 1), tell_by TEXT,  -- of a question that others see too, to be deleted
    CONSTRAINT confirmation_price_is_whole
        CHECK ((price_micros IS NULL) = (price_currency IS NULL))
) STRICT;

CREATE INDEX confirmation_of_cause ON confirmation (cause);

CREATE INDEX confirmation_of_member ON confirmation (user_id, expires_at_ms);

CREATE INDEX confirmation_ended ON confirmation (expires_at_ms);

CREATE TABLE confirmation_input (
    confirmation_id INTEGER NOT NULL
        REFERENCES confirmation (confirmation_id) ON DELETE CASCADE,
    position INTEGER NOT NULL
        CONSTRAINT confirmation_has_at_most_three_images CHECK (position BETWEEN 0 AND 2),
    artifact_id TEXT NOT NULL REFERENCES artifact (artifact_id),
    PRIMARY KEY (confirmation_id, position)
) STRICT;

CREATE INDEX confirmation_input_artifact ON confirmation_input (artifact_id);

CREATE TABLE guild_lane (
    guild_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    route TEXT NOT NULL,
    vtime INTEGER NOT NULL,
    served INTEGER NOT NULL,
    member_clock INTEGER NOT NULL,  -- the virtual time at which its members are served now
    waiting INTEGER NOT NULL
        CONSTRAINT guild_lane_waiting_counts_from_zero CHECK (waiting >= 0),
    waiting_cost_ms INTEGER NOT NULL,
    is_waiting INTEGER NOT NULL
        CONSTRAINT guild_lane_is_waiting_or_not CHECK (is_waiting IN (0, 1)),
    PRIMARY KEY (guild_id, model, route),
    CONSTRAINT guild_lane_is_waiting_with_its_jobs CHECK ((is_waiting = 1) = (waiting > 0))
) STRICT;

CREATE INDEX guild_lane_turn ON guild_lane (route, vtime, served, guild_id) WHERE is_waiting = 1;

CREATE INDEX guild_lane_of_model ON guild_lane (model, guild_id) WHERE is_waiting = 1;

CREATE TABLE member_lane (
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    route TEXT NOT NULL,
    vtime INTEGER NOT NULL,
    served INTEGER NOT NULL,
    weight INTEGER NOT NULL
        CONSTRAINT member_lane_weight_counts_from_one CHECK (weight >= 1),
    waiting INTEGER NOT NULL
        CONSTRAINT member_lane_waiting_counts_from_zero CHECK (waiting >= 0),
    waiting_cost_ms INTEGER NOT NULL,
    is_waiting INTEGER NOT NULL
        CONSTRAINT member_lane_is_waiting_or_not CHECK (is_waiting IN (0, 1)),
    PRIMARY KEY (guild_id, user_id, model, route),
    CONSTRAINT member_lane_is_waiting_with_its_jobs CHECK ((is_waiting = 1) = (waiting > 0))
) STRICT;

CREATE INDEX member_lane_turn ON member_lane (guild_id, route, vtime, served, user_id)
    WHERE is_waiting = 1;

CREATE INDEX member_lane_of_model ON member_lane (guild_id, model, user_id)
    WHERE is_waiting = 1;

CREATE TABLE post_try (
    job_id INTEGER NOT NULL REFERENCES job (job_id),
    channel_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT post_try_kind_is_known CHECK (kind IN ('thread', 'channel', 'direct', 'claim')),
    why TEXT NOT NULL,  -- why it is not a better place; empty for the best
    tried_at_ms INTEGER NOT NULL,
    PRIMARY KEY (job_id, channel_id)
) STRICT;

CREATE TABLE parcel (
    job_id INTEGER PRIMARY KEY REFERENCES job (job_id),
    fit_limit_bytes INTEGER,  -- what the file is to fit
    fit_tries INTEGER NOT NULL DEFAULT 0
        CONSTRAINT fits_are_counted_from_zero CHECK (fit_tries >= 0),
    fitted_artifact_id TEXT REFERENCES artifact (artifact_id),
    was_encoded INTEGER NOT NULL DEFAULT 0
        CONSTRAINT fitted_file_was_encoded_or_not CHECK (was_encoded IN (0, 1)),
    fit_failure TEXT,
    at_most_bytes INTEGER  -- Discord refused more; 0: a link, whatever its limit
        CONSTRAINT parcel_is_not_negative CHECK (at_most_bytes >= 0),
    link_until_ms INTEGER  -- the file stays until then
) STRICT;

CREATE INDEX parcel_with_fitted_file ON parcel (fitted_artifact_id)
    WHERE fitted_artifact_id IS NOT NULL;

CREATE TABLE link_key (
    only_row INTEGER PRIMARY KEY
        CONSTRAINT one_link_key_per_database CHECK (only_row = 1),
    key_hex TEXT NOT NULL
        CONSTRAINT link_key_is_32_bytes CHECK (length(key_hex) = 64)
) STRICT;

CREATE TABLE "job" (
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
    erased_at_ms INTEGER, origin TEXT NOT NULL DEFAULT 'command'
    CONSTRAINT job_origin_is_known CHECK (
        origin = 'command' OR origin = 'again' OR origin = 'edit'
        OR origin = 'reaction' OR origin = 'takes' OR origin = 'extend'
        OR origin = 'remix' OR origin = 'animate'
    ), storyboard_id INTEGER REFERENCES storyboard (storyboard_id), thread_under_id INTEGER, tell_by TEXT  -- none: nobody asked for it
    CONSTRAINT tell_by_is_known CHECK (tell_by IN ('mention', 'direct message')), tell_tried_at_ms INTEGER, told_at_ms INTEGER,

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

CREATE UNIQUE INDEX one_job_per_origin ON job (origin_key) WHERE origin_key IS NOT NULL;

CREATE UNIQUE INDEX one_job_per_status_message ON job (status_message_id)
    WHERE status_message_id IS NOT NULL;

CREATE UNIQUE INDEX one_job_per_result_message ON job (result_message_id)
    WHERE result_message_id IS NOT NULL;

CREATE UNIQUE INDEX one_job_per_task ON job (account, provider_task_id)
    WHERE provider_task_id IS NOT NULL;

CREATE INDEX job_takes ON job (parent_job_id, job_id) WHERE parent_job_id IS NOT NULL;

CREATE INDEX job_of_member ON job (user_id, guild_id, job_id);

CREATE INDEX job_waiting ON job (guild_id, user_id, route, priority DESC, job_id)
    WHERE state = 'queued';

CREATE INDEX job_waiting_by_number ON job (guild_id, route, job_id)
    WHERE state = 'queued' AND by_number = 1;

CREATE INDEX job_queued ON job (job_id) WHERE state = 'queued';

CREATE INDEX job_in_flight ON job (state) WHERE state IN ('submitting', 'rendering');

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

CREATE TABLE "ledger" (
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

CREATE INDEX ledger_settled ON ledger (guild_id, counts_at_ms, user_id, currency, micros, kind)
    WHERE kind = 'settle';

CREATE INDEX job_waited
    ON job (guild_id, created_at_ms, user_id, submitted_at_ms, fetched_at_ms, state)
    WHERE state = 'delivered';

CREATE UNIQUE INDEX one_open_take_per_member_and_parent ON job (parent_job_id, user_id)
    WHERE parent_job_id IS NOT NULL AND origin IN ('again', 'reaction')
    AND state IN ('queued', 'submitting', 'rendering', 'fetched', 'held');

CREATE TABLE member_default (
    user_id INTEGER PRIMARY KEY,
    model TEXT,
    size TEXT,
    duration_s INTEGER,
    quality TEXT,
    fps INTEGER,
    with_audio INTEGER
        CONSTRAINT member_default_sounds_or_not CHECK (with_audio IN (0, 1)),
    aspect_ratio TEXT,
    style TEXT,
    movement TEXT,
    set_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_without_job ON ledger (user_id, entry_id) WHERE job_id IS NULL;

CREATE INDEX audit_by_actor ON audit_entry (actor_id, seq);

CREATE INDEX audit_about_member ON audit_entry (subject_id, seq) WHERE subject_kind = 'member';

CREATE TABLE storyboard (
    -- AUTOINCREMENT: buttons in old messages name it.
    storyboard_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    in_thread INTEGER NOT NULL
        CONSTRAINT storyboard_is_in_a_thread_or_not CHECK (in_thread IN (0, 1)),
    parent_channel_id INTEGER,
    request TEXT NOT NULL,  -- what all shots have in common: storage/request_codec.py
    cross_fades INTEGER NOT NULL DEFAULT 0
        CONSTRAINT storyboard_has_cross_fades_or_not CHECK (cross_fades IN (0, 1)),
    changed_at_ms INTEGER NOT NULL,
    started_at_ms INTEGER,  -- none: a draft
    is_open INTEGER NOT NULL DEFAULT 0  -- something is still to be done by itself
        CONSTRAINT storyboard_is_open_or_not CHECK (is_open IN (0, 1)),
    told_micros INTEGER,  -- what its member was told that it may cost, where they were asked
    told_currency TEXT,
    status_message_id INTEGER,
    thread_under_id INTEGER,  -- the first message of its status: the thread of all it gives
    join_tries INTEGER NOT NULL DEFAULT 0
        CONSTRAINT joins_are_counted_from_zero CHECK (join_tries >= 0),
    join_failure TEXT,
    film_job_id INTEGER REFERENCES job (job_id), tell_by TEXT  -- none: nobody asked for it
    CONSTRAINT tell_of_film_by_is_known CHECK (tell_by IN ('mention', 'direct message')), tell_tried_at_ms INTEGER,
    CONSTRAINT only_what_was_started_is_open CHECK (is_open = 0 OR started_at_ms IS NOT NULL),
    CONSTRAINT told_price_is_whole CHECK ((told_micros IS NULL) = (told_currency IS NULL))
) STRICT;

CREATE UNIQUE INDEX one_draft_per_member ON storyboard (guild_id, user_id)
    WHERE started_at_ms IS NULL;

CREATE INDEX storyboard_of_member ON storyboard (user_id, storyboard_id);

CREATE INDEX storyboard_film ON storyboard (film_job_id) WHERE film_job_id IS NOT NULL;

CREATE INDEX storyboard_open ON storyboard (storyboard_id) WHERE is_open = 1;

CREATE TABLE shot (
    shot_id INTEGER PRIMARY KEY,
    storyboard_id INTEGER NOT NULL REFERENCES storyboard (storyboard_id) ON DELETE CASCADE,
    position INTEGER NOT NULL
        CONSTRAINT storyboard_has_at_most_eight_shots CHECK (position BETWEEN 0 AND 7),
    prompt TEXT NOT NULL,
    image_id TEXT REFERENCES artifact (artifact_id),
    is_chained INTEGER NOT NULL
        CONSTRAINT shot_is_chained_or_not CHECK (is_chained IN (0, 1)),
    job_id INTEGER REFERENCES job (job_id),  -- its newest take
    CONSTRAINT one_shot_per_position UNIQUE (storyboard_id, position),
    CONSTRAINT chained_shot_has_no_image CHECK (is_chained = 0 OR image_id IS NULL),
    CONSTRAINT first_shot_is_not_chained CHECK (is_chained = 0 OR position > 0)
) STRICT;

CREATE INDEX shot_image ON shot (image_id) WHERE image_id IS NOT NULL;

CREATE INDEX shot_job ON shot (job_id) WHERE job_id IS NOT NULL;

CREATE INDEX job_of_storyboard ON job (storyboard_id, job_id) WHERE storyboard_id IS NOT NULL;

CREATE TABLE guild_look (
    guild_id INTEGER NOT NULL,
    name TEXT NOT NULL
        CONSTRAINT look_has_a_name CHECK (name <> ''),
    style TEXT NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    setting TEXT NOT NULL,
    camera TEXT NOT NULL,
    light TEXT NOT NULL,
    added_by INTEGER NOT NULL,
    added_at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, name)
) STRICT;

CREATE INDEX job_to_tell ON job (job_id) WHERE tell_by IS NOT NULL AND told_at_ms IS NULL;

CREATE TABLE board (
    guild_id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    begun_at_ms INTEGER NOT NULL,  -- written before it is posted; it may be there since then
    message_id INTEGER  -- none while that is not known
) STRICT;

CREATE TABLE favourite (
    user_id INTEGER NOT NULL,
    guild_id INTEGER NOT NULL,
    job_id INTEGER NOT NULL REFERENCES job (job_id),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, guild_id, job_id)
) STRICT;

CREATE INDEX favourite_of_job ON favourite (job_id);

CREATE TABLE further_post (
    -- AUTOINCREMENT: the nonce of its message is made of it.
    post_id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL REFERENCES job (job_id),
    guild_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT further_post_kind_is_known CHECK (kind = 'shown' OR kind = 'sent' OR kind = 'gallery'),
    by_user_id INTEGER,  -- who wanted it; none for the gallery
    wanted_at_ms INTEGER NOT NULL,
    channel_id INTEGER,
    tried_at_ms INTEGER,  -- written before the post: from then on it may be in the channel
    message_id INTEGER,
    CONSTRAINT further_post_is_tried_in_a_channel
        CHECK (tried_at_ms IS NULL OR channel_id IS NOT NULL),
    CONSTRAINT further_post_is_tried_before_it_is_there
        CHECK (message_id IS NULL OR tried_at_ms IS NOT NULL)
) STRICT;

CREATE INDEX further_post_of_job ON further_post (job_id);

CREATE UNIQUE INDEX one_gallery_post_per_job ON further_post (job_id) WHERE kind = 'gallery';

CREATE INDEX gallery_post_wanted ON further_post (post_id)
    WHERE kind = 'gallery' AND message_id IS NULL;

CREATE UNIQUE INDEX one_further_post_per_message ON further_post (message_id)
    WHERE message_id IS NOT NULL;

CREATE INDEX further_post_of_member ON further_post (by_user_id, wanted_at_ms)
    WHERE by_user_id IS NOT NULL;

CREATE INDEX job_done_of_member ON job (user_id, guild_id, job_id) WHERE state = 'delivered';

CREATE INDEX job_failed_of_member ON job (user_id, guild_id, job_id)
    WHERE (state = 'failed' OR state = 'cancelled' OR state = 'expired');

CREATE INDEX storyboard_to_tell ON storyboard (storyboard_id)
    WHERE tell_by IS NOT NULL AND is_open = 0 AND started_at_ms IS NOT NULL;

CREATE TABLE "balance" (
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

-- Who may make videos on a server, where, with which models, and how results are shown:
-- bot/domain/guild_policy.py.
ALTER TABLE guild_setting ADD COLUMN default_model TEXT;  -- none: the operator's
ALTER TABLE guild_setting ADD COLUMN min_account_age_s INTEGER NOT NULL DEFAULT 0
    CONSTRAINT min_account_age_is_no_debt CHECK (min_account_age_s >= 0);
ALTER TABLE guild_setting ADD COLUMN min_membership_s INTEGER NOT NULL DEFAULT 0
    CONSTRAINT min_membership_is_no_debt CHECK (min_membership_s >= 0);
ALTER TABLE guild_setting ADD COLUMN results_in TEXT NOT NULL DEFAULT 'thread'
    CONSTRAINT results_are_in_thread_or_channel CHECK (results_in IN ('thread', 'channel'));
ALTER TABLE guild_setting ADD COLUMN spoilers INTEGER NOT NULL DEFAULT 0
    CONSTRAINT spoilers_or_not CHECK (spoilers IN (0, 1));
ALTER TABLE guild_setting ADD COLUMN log_channel_id INTEGER;

-- Of a kind without a row, everything is allowed; but no model is restricted.
CREATE TABLE guild_choice (
    guild_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT guild_choice_kind_is_known
        CHECK (kind IN ('channel', 'role', 'model', 'restricted_model')),
    value TEXT NOT NULL,
    PRIMARY KEY (guild_id, kind, value)
) STRICT;

-- What costs more than a server's moderators let pass unasked: bot/domain/confirmation.py.
ALTER TABLE guild_setting ADD COLUMN confirm_above_micros INTEGER  -- none: nobody is asked
    CONSTRAINT confirm_above_is_no_debt CHECK (confirm_above_micros >= 0);
ALTER TABLE guild_setting ADD COLUMN confirm_above_currency TEXT
    CONSTRAINT confirm_above_is_whole
    CHECK ((confirm_above_micros IS NULL) = (confirm_above_currency IS NULL));

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
    message_id INTEGER,  -- of a question that others see too, to be deleted
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

-- Several shots that are made one after the other and joined into a film: bot/domain/storyboard.py.
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
    film_job_id INTEGER REFERENCES job (job_id),
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

ALTER TABLE job ADD COLUMN storyboard_id INTEGER REFERENCES storyboard (storyboard_id);
-- Its thread is under this message, where that is no status message of its own.
ALTER TABLE job ADD COLUMN thread_under_id INTEGER;
CREATE INDEX job_of_storyboard ON job (storyboard_id, job_id) WHERE storyboard_id IS NOT NULL;

-- Patterns of prompts that a server's moderators added: bot/domain/looks.py.
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

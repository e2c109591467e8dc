-- What members keep, posts of a result besides its first one, and what moderators decided of both.
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

ALTER TABLE guild_setting ADD COLUMN gallery_channel_id INTEGER;

ALTER TABLE guild_setting ADD COLUMN gallery_stars INTEGER NOT NULL DEFAULT 3
    CONSTRAINT gallery_stars_count_from_one CHECK (gallery_stars >= 1);

-- JSON: the emoji by what it does, where it is not the usual one; empty for none.
ALTER TABLE guild_setting ADD COLUMN reactions TEXT NOT NULL DEFAULT '{}'
    CONSTRAINT reactions_are_json CHECK (json_valid(reactions));

-- One member's history, by how it ended; what is open has its own indexes.
CREATE INDEX job_done_of_member ON job (user_id, guild_id, job_id) WHERE state = 'delivered';

CREATE INDEX job_failed_of_member ON job (user_id, guild_id, job_id)
    WHERE (state = 'failed' OR state = 'cancelled' OR state = 'expired');

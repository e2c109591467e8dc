-- What the operator is to be told in their channel, once each.
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

-- What moderators do not allow in prompts.
CREATE TABLE word_rule (
    guild_id INTEGER NOT NULL,
    kind TEXT NOT NULL
        CONSTRAINT word_rule_kind_is_known CHECK (kind IN ('word', 'pattern')),
    text TEXT NOT NULL
        CONSTRAINT word_rule_is_not_empty CHECK (text <> ''),
    added_by INTEGER NOT NULL,
    added_at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, kind, text)
) STRICT;

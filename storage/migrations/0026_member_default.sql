-- What a member wants where they leave an option out; none of a column: the model's own choice.
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

-- The one message in which a server sees its videos that run and wait: cogs/boards.py.
ALTER TABLE guild_setting ADD COLUMN board_channel_id INTEGER;  -- none: there is no such message

CREATE TABLE board (
    guild_id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    begun_at_ms INTEGER NOT NULL,  -- written before it is posted; it may be there since then
    message_id INTEGER  -- none while that is not known
) STRICT;

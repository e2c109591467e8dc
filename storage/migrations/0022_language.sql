-- In which language the bot posts on a server; none: in the server's own, as Discord has it.
-- No constraint names the languages: one more is a file of translations, and no migration.
ALTER TABLE guild_setting ADD COLUMN language TEXT;

-- What members' pseudonyms are made with. The installation's name goes to the gateways in each
-- request id, so it keeps no secret.
ALTER TABLE installation ADD COLUMN pseudonym_key TEXT NOT NULL DEFAULT '';
UPDATE installation SET pseudonym_key = lower(hex(randomblob(32)));

-- What moderators did and what policy refused, each row chained to the one before by its hash:
-- bot/domain/audit.py. Actions are checked by the program, so that a new one needs no new table.
CREATE TABLE audit_entry (
    seq INTEGER PRIMARY KEY
        CONSTRAINT audit_counts_from_one CHECK (seq > 0),
    at_ms INTEGER NOT NULL,
    guild_id INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    detail TEXT NOT NULL
        CONSTRAINT audit_detail_is_json CHECK (json_valid(detail)),
    previous_hash TEXT NOT NULL
        CONSTRAINT audit_previous_hash_is_sha256_hex CHECK (length(previous_hash) = 64),
    own_hash TEXT NOT NULL
        CONSTRAINT audit_own_hash_is_sha256_hex CHECK (length(own_hash) = 64)
) STRICT;
CREATE INDEX audit_of_guild ON audit_entry (guild_id, seq);
CREATE INDEX audit_of_actor ON audit_entry (guild_id, actor_id, action, at_ms);

-- One row once there is an entry: where the chain ends, so that a tail cut off is missed.
CREATE TABLE audit_head (
    only_row INTEGER PRIMARY KEY
        CONSTRAINT one_audit_head CHECK (only_row = 1),
    seq INTEGER NOT NULL,
    own_hash TEXT NOT NULL
) STRICT;

-- Against mistakes of ours. Who can write the file can drop them: the chain is for that.
CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE ON audit_entry
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_entry_is_never_deleted BEFORE DELETE ON audit_entry
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
-- INSERT OR REPLACE deletes without the trigger above.
CREATE TRIGGER audit_entry_is_never_replaced BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

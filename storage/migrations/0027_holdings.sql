-- What is kept about one member is found without a walk through everybody's. Most of the ledger is
-- found through the member's jobs: an index of all of it would cost each enqueue a page.
CREATE INDEX ledger_without_job ON ledger (user_id, entry_id) WHERE job_id IS NULL;

CREATE INDEX audit_by_actor ON audit_entry (actor_id, seq);

CREATE INDEX audit_about_member ON audit_entry (subject_id, seq) WHERE subject_kind = 'member';

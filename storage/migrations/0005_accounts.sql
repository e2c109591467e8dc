-- Several accounts: where a job may be rendered, and where it is.

-- The accounts that may take the job, in order (bot/domain/routing.py). What waited before is given
-- its route at the start; until then no account takes it.
ALTER TABLE job ADD COLUMN route TEXT NOT NULL DEFAULT '';
-- The account that its latest attempt is with; and the one that it stands in for, being broken.
ALTER TABLE job ADD COLUMN account TEXT;
ALTER TABLE job ADD COLUMN passed_over TEXT;
UPDATE job SET account = 'main' WHERE request_id IS NOT NULL;

ALTER TABLE job_attempt ADD COLUMN account TEXT NOT NULL DEFAULT 'main';

-- Two gateways may give their tasks the same name.
DROP INDEX one_job_per_task;
CREATE UNIQUE INDEX one_job_per_task ON job (account, provider_task_id)
    WHERE provider_task_id IS NOT NULL;

-- How many jobs wait on each route: a claim looks at the routes, never at the queue.
CREATE TABLE route_lane (
    route TEXT PRIMARY KEY,
    waiting INTEGER NOT NULL
        CONSTRAINT route_lane_waiting_counts_from_zero CHECK (waiting >= 0)
) STRICT;
INSERT INTO route_lane (route, waiting)
    SELECT route, count(*) FROM job WHERE state = 'queued' GROUP BY route;

DROP INDEX job_waiting_for_model;
CREATE INDEX job_waiting_on_route ON job (guild_id, route, user_id, job_id)
    WHERE state = 'queued';

-- Since when, and why, a gateway refuses an account until a person mends it.
CREATE TABLE account_pause (
    account TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    reason TEXT NOT NULL  -- redacted
) STRICT;

-- What the moderators of a server decided.
CREATE TABLE guild_setting (
    guild_id INTEGER PRIMARY KEY,
    dearer_may_stand_in INTEGER NOT NULL DEFAULT 0
        CONSTRAINT dearer_may_stand_in_or_not CHECK (dearer_may_stand_in IN (0, 1))
) STRICT;

-- A server's own key at a gateway, sealed with a key that is not in this file.
CREATE TABLE own_account (
    -- AUTOINCREMENT: jobs name their account by it, and a new key is another account.
    own_account_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    sealed_key TEXT NOT NULL,
    set_by INTEGER NOT NULL,
    set_at_ms INTEGER NOT NULL,
    removed_at_ms INTEGER  -- its last videos are still being made
) STRICT;
CREATE UNIQUE INDEX one_own_account_per_server ON own_account (guild_id)
    WHERE removed_at_ms IS NULL;

-- Start-time fair queueing: lanes have a virtual time per model, and stand in a line per route.

-- What its render is expected to take, as known when it was enqueued. What waits already counts as
-- a common clip.
ALTER TABLE job ADD COLUMN cost_ms INTEGER NOT NULL DEFAULT 90000
    CONSTRAINT job_costs_something CHECK (cost_ms > 0);
-- Among its member's own jobs: the highest first, then the lowest number.
ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
-- How far its claim moved its lanes on: given back if it is requeued.
ALTER TABLE job ADD COLUMN guild_charge INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN member_charge INTEGER NOT NULL DEFAULT 0;

-- The virtual time at which a model serves now: whoever had nothing waiting begins there.
CREATE TABLE model_clock (
    model TEXT PRIMARY KEY,
    vtime INTEGER NOT NULL DEFAULT 0,
    served INTEGER NOT NULL DEFAULT 0  -- the number of the last claim; the longest unserved is next
) STRICT;
INSERT INTO model_clock (model) SELECT DISTINCT model FROM job WHERE state = 'queued';

ALTER TABLE guild_lane RENAME TO guild_lane_before;
ALTER TABLE member_lane RENAME TO member_lane_before;
DROP INDEX guild_lane_turn;
DROP INDEX member_lane_turn;

-- A guild's lanes of one model, one per route, share vtime, served and member_clock.
CREATE TABLE guild_lane (
    guild_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    route TEXT NOT NULL,
    vtime INTEGER NOT NULL,
    served INTEGER NOT NULL,
    member_clock INTEGER NOT NULL,  -- the virtual time at which its members are served now
    waiting INTEGER NOT NULL
        CONSTRAINT guild_lane_waiting_counts_from_zero CHECK (waiting >= 0),
    waiting_cost_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, model, route)
) STRICT;
INSERT INTO guild_lane
    SELECT job.guild_id, job.model, job.route, 0, max(coalesce(lane.served, 0)), 0,
        count(*), sum(job.cost_ms)
    FROM job LEFT JOIN guild_lane_before AS lane ON lane.guild_id = job.guild_id
    WHERE job.state = 'queued' GROUP BY job.guild_id, job.model, job.route;
DROP TABLE guild_lane_before;
CREATE INDEX guild_lane_turn ON guild_lane (route, vtime, served, guild_id) WHERE waiting > 0;
CREATE INDEX guild_lane_of_model ON guild_lane (model, guild_id) WHERE waiting > 0;

-- A member's lanes of one model likewise. The weight is that of their best role at their last job.
CREATE TABLE member_lane (
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    route TEXT NOT NULL,
    vtime INTEGER NOT NULL,
    served INTEGER NOT NULL,
    weight INTEGER NOT NULL
        CONSTRAINT member_lane_weight_counts_from_one CHECK (weight >= 1),
    waiting INTEGER NOT NULL
        CONSTRAINT member_lane_waiting_counts_from_zero CHECK (waiting >= 0),
    waiting_cost_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, user_id, model, route)
) STRICT;
INSERT INTO member_lane
    SELECT job.guild_id, job.user_id, job.model, job.route, 0, max(coalesce(lane.served, 0)), 1,
        count(*), sum(job.cost_ms)
    FROM job LEFT JOIN member_lane_before AS lane
        ON lane.guild_id = job.guild_id AND lane.user_id = job.user_id
    WHERE job.state = 'queued' GROUP BY job.guild_id, job.user_id, job.model, job.route;
DROP TABLE member_lane_before;
CREATE INDEX member_lane_turn ON member_lane (guild_id, route, vtime, served, user_id)
    WHERE waiting > 0;
CREATE INDEX member_lane_of_model ON member_lane (guild_id, model, user_id) WHERE waiting > 0;

-- The next job of a member, and of a guild that is served by number.
DROP INDEX job_waiting;
DROP INDEX job_waiting_on_route;
CREATE INDEX job_waiting ON job (guild_id, user_id, route, priority DESC, job_id)
    WHERE state = 'queued';
CREATE INDEX job_waiting_by_number ON job (guild_id, route, job_id) WHERE state = 'queued';

ALTER TABLE guild_setting ADD COLUMN first_come_first_served INTEGER NOT NULL DEFAULT 0
    CONSTRAINT first_come_first_served_or_not CHECK (first_come_first_served IN (0, 1));

-- The share of a role's members in relation to others of their server.
CREATE TABLE role_weight (
    guild_id INTEGER NOT NULL,
    role_id INTEGER NOT NULL,
    weight INTEGER NOT NULL
        CONSTRAINT role_weight_counts_from_one CHECK (weight BETWEEN 1 AND 1000),
    PRIMARY KEY (guild_id, role_id)
) STRICT;

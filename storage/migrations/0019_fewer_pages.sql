-- What an enqueue writes: fewer indexes, and rows that change without them.

-- How many wait changes with every job, and that some do only with the first and the last. The
-- indexes ask for the second, and so stay as they are while the first changes.
ALTER TABLE guild_lane RENAME TO guild_lane_before;
ALTER TABLE member_lane RENAME TO member_lane_before;
DROP INDEX guild_lane_turn;
DROP INDEX guild_lane_of_model;
DROP INDEX member_lane_turn;
DROP INDEX member_lane_of_model;

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
    is_waiting INTEGER NOT NULL
        CONSTRAINT guild_lane_is_waiting_or_not CHECK (is_waiting IN (0, 1)),
    PRIMARY KEY (guild_id, model, route),
    CONSTRAINT guild_lane_is_waiting_with_its_jobs CHECK ((is_waiting = 1) = (waiting > 0))
) STRICT;
INSERT INTO guild_lane
    SELECT guild_id, model, route, vtime, served, member_clock, waiting, waiting_cost_ms,
        CASE WHEN waiting > 0 THEN 1 ELSE 0 END
    FROM guild_lane_before;
DROP TABLE guild_lane_before;
CREATE INDEX guild_lane_turn ON guild_lane (route, vtime, served, guild_id) WHERE is_waiting = 1;
CREATE INDEX guild_lane_of_model ON guild_lane (model, guild_id) WHERE is_waiting = 1;

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
    is_waiting INTEGER NOT NULL
        CONSTRAINT member_lane_is_waiting_or_not CHECK (is_waiting IN (0, 1)),
    PRIMARY KEY (guild_id, user_id, model, route),
    CONSTRAINT member_lane_is_waiting_with_its_jobs CHECK ((is_waiting = 1) = (waiting > 0))
) STRICT;
INSERT INTO member_lane
    SELECT guild_id, user_id, model, route, vtime, served, weight, waiting, waiting_cost_ms,
        CASE WHEN waiting > 0 THEN 1 ELSE 0 END
    FROM member_lane_before;
DROP TABLE member_lane_before;
CREATE INDEX member_lane_turn ON member_lane (guild_id, route, vtime, served, user_id)
    WHERE is_waiting = 1;
CREATE INDEX member_lane_of_model ON member_lane (guild_id, model, user_id)
    WHERE is_waiting = 1;

-- The routes on which jobs wait are read from the index of turns.
DROP TABLE route_lane;

-- Those that wait are counted by the lanes.
DROP INDEX job_open;
CREATE INDEX job_claimed ON job (guild_id, state, user_id, job_id)
    WHERE state IN ('submitting', 'rendering', 'fetched', 'held');

-- The operator's limits have the calendar of UTC: whole days.
DELETE FROM balance WHERE scope = 'bot' AND span = 'grain';

-- Those that wait, the first that asked first, and from one on.
CREATE INDEX job_queued ON job (job_id) WHERE state = 'queued';

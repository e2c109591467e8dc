-- More that a person can do to cause a job. SQLite changes no constraint of a column: a new column
-- takes the place of the old one.
ALTER TABLE job ADD COLUMN new_origin TEXT NOT NULL DEFAULT 'command'
    CONSTRAINT job_origin_is_known CHECK (
        new_origin = 'command' OR new_origin = 'again' OR new_origin = 'edit'
        OR new_origin = 'reaction' OR new_origin = 'takes' OR new_origin = 'extend'
        OR new_origin = 'remix' OR new_origin = 'animate'
    );
UPDATE job SET new_origin = origin;
DROP INDEX one_open_take_per_member_and_parent;
ALTER TABLE job DROP COLUMN origin;
ALTER TABLE job RENAME COLUMN new_origin TO origin;
CREATE UNIQUE INDEX one_open_take_per_member_and_parent ON job (parent_job_id, user_id)
    WHERE parent_job_id IS NOT NULL AND origin IN ('again', 'reaction')
    AND state IN ('queued', 'submitting', 'rendering', 'fetched', 'held');
-- How many videos a question is about.
ALTER TABLE confirmation ADD COLUMN takes INTEGER NOT NULL DEFAULT 1
    CONSTRAINT confirmation_is_about_one_or_several CHECK (takes >= 1);

-- Several models in one queue: each has its own room in flight, and some take three images.

-- A claim passes over the jobs of models that have no room.
CREATE INDEX job_waiting_for_model ON job (guild_id, model, user_id, job_id)
    WHERE state = 'queued';

-- First and last frame, or up to three references. SQLite cannot change a CHECK in place.
CREATE TABLE job_input (
    job_id INTEGER NOT NULL REFERENCES job (job_id),
    position INTEGER NOT NULL
        CONSTRAINT at_most_three_images CHECK (position BETWEEN 0 AND 2),
    artifact_id TEXT NOT NULL REFERENCES artifact (artifact_id),
    PRIMARY KEY (job_id, position)
) STRICT;
INSERT INTO job_input (job_id, position, artifact_id)
    SELECT job_id, position, artifact_id FROM job_image;
DROP TABLE job_image;
CREATE INDEX job_input_artifact ON job_input (artifact_id);

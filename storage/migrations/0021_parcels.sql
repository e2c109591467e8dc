-- What is posted of a job: what was made to fit, what Discord refused, and until when a link works.
ALTER TABLE clip ADD COLUMN picture_plays INTEGER NOT NULL DEFAULT 0
    CONSTRAINT clip_picture_plays_or_not CHECK (picture_plays IN (0, 1));
UPDATE clip SET picture_plays = attachable;  -- of the others nobody noted it: they are encoded

CREATE TABLE parcel (
    job_id INTEGER PRIMARY KEY REFERENCES job (job_id),
    fit_limit_bytes INTEGER,  -- what the file is to fit
    fit_tries INTEGER NOT NULL DEFAULT 0
        CONSTRAINT fits_are_counted_from_zero CHECK (fit_tries >= 0),
    fitted_artifact_id TEXT REFERENCES artifact (artifact_id),
    was_encoded INTEGER NOT NULL DEFAULT 0
        CONSTRAINT fitted_file_was_encoded_or_not CHECK (was_encoded IN (0, 1)),
    fit_failure TEXT,
    at_most_bytes INTEGER  -- Discord refused more; 0: a link, whatever its limit
        CONSTRAINT parcel_is_not_negative CHECK (at_most_bytes >= 0),
    link_until_ms INTEGER  -- the file stays until then
) STRICT;

CREATE INDEX parcel_with_fitted_file ON parcel (fitted_artifact_id)
    WHERE fitted_artifact_id IS NOT NULL;

CREATE TABLE link_key (
    only_row INTEGER PRIMARY KEY
        CONSTRAINT one_link_key_per_database CHECK (only_row = 1),
    key_hex TEXT NOT NULL
        CONSTRAINT link_key_is_32_bytes CHECK (length(key_hex) = 64)
) STRICT;

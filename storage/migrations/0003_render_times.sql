-- How long renders take, learnt: one histogram per gateway, model and settings.
-- What the weights mean: bot/domain/render_times.py.
CREATE TABLE render_times (
    gateway TEXT NOT NULL,
    model TEXT NOT NULL,
    settings TEXT NOT NULL,  -- what else of a request its time depends on, as one line of text
    weights TEXT NOT NULL  -- JSON: a number per bucket
        CONSTRAINT render_weights_are_json CHECK (json_valid(weights)),
    PRIMARY KEY (gateway, model, settings)
) STRICT;

-- Expectations came from the newest jobs before.
DROP INDEX job_fetched_of_model;

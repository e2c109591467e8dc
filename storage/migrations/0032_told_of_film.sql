-- Members who want to be told when the film of a storyboard is there, or does not come.
-- Once there is a film, its job has the wish, and the storyboard none.
ALTER TABLE storyboard ADD COLUMN tell_by TEXT  -- none: nobody asked for it
    CONSTRAINT tell_of_film_by_is_known CHECK (tell_by IN ('mention', 'direct message'));
ALTER TABLE storyboard ADD COLUMN tell_tried_at_ms INTEGER;  -- a message may be sent since then

CREATE INDEX storyboard_to_tell ON storyboard (storyboard_id)
    WHERE tell_by IS NOT NULL AND is_open = 0 AND started_at_ms IS NOT NULL;

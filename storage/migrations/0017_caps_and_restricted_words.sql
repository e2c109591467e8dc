-- How much moderators let one member of their server have at once; none: as much as the operator does.
ALTER TABLE guild_setting ADD COLUMN in_flight_per_member INTEGER
    CONSTRAINT in_flight_per_member_counts_from_one CHECK (in_flight_per_member >= 1);
ALTER TABLE guild_setting ADD COLUMN waiting_per_member INTEGER
    CONSTRAINT waiting_per_member_counts_from_one CHECK (waiting_per_member >= 1);

-- Whether prompts may have it in age-restricted channels, and only there.
ALTER TABLE word_rule ADD COLUMN age_restricted INTEGER NOT NULL DEFAULT 0
    CONSTRAINT word_rule_is_age_restricted_or_not CHECK (age_restricted IN (0, 1));

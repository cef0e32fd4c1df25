-- Checked from now on, for each row that is written; those that are there are read by the next migration.
ALTER TABLE liaison_contact ADD CONSTRAINT liaison_contact_lasts_a_day_at_most
    CHECK (minutes IS NULL OR minutes BETWEEN 1 AND 1440) NOT VALID;
ALTER TABLE liaison_contact ADD CONSTRAINT liaison_contact_taken_back_says_why
    CHECK ((withdrawn_at IS NULL) = (withdrawn_why = '')) NOT VALID;

-- Read without keeping anybody from writing.
ALTER TABLE liaison_contact VALIDATE CONSTRAINT liaison_contact_lasts_a_day_at_most;
ALTER TABLE liaison_contact VALIDATE CONSTRAINT liaison_contact_taken_back_says_why;

-- The link of a person's space is shown to those who follow her.
SELECT access_lock('web_spaceinvitation', $$people_reader_knows(person_id, 'coordination')$$);

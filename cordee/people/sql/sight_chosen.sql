-- Choices, for a relative: of those alone whose voice they hold. What somebody keeps from her
-- relatives, and whom she lets read what, would be told by the rows that say so. That what is shown
-- may be partial is told to whoever she lets it be said to.
DO $$
DECLARE
    the_table text;
    known constant text := $seen$people_reader_knows(person_id, 'coordination')
        AND ((SELECT access_reader()) <> 'relative'
            OR person_id = ANY ((SELECT people_reader_voices())::uuid[])%s)$seen$;
BEGIN
    FOREACH the_table IN ARRAY ARRAY['people_information', 'people_sharing', 'people_processing',
            'people_emergencyopposition'] LOOP
        PERFORM access_lock(the_table::regclass, format(known, ''));
    END LOOP;
    PERFORM access_lock('people_hintchoice', format(known, ' OR (allowed AND until IS NULL)'));
END $$;

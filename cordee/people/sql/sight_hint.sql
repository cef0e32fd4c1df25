-- Whether one may be told that what is shown may be partial: a choice like the others, never
-- rewritten, read by whom the others are, and told on the thread to the person alone.
CREATE TRIGGER people_only_ends BEFORE UPDATE OR DELETE ON people_hintchoice
    FOR EACH ROW EXECUTE FUNCTION people_choice_only_ends();
SELECT access_lock('people_hintchoice', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('kernel_fact', $$
    CASE WHEN thread_id IS NULL THEN (SELECT access_reader()) <> ''
        WHEN kind IN ('people.sharing_changed', 'people.processing_changed',
            'people.emergency_choice_changed', 'people.hint_choice_changed',
            'people.own_space_opened', 'people.own_space_closed')
        THEN (SELECT access_reader()) = 'person'
            AND thread_id = ANY ((SELECT access_reader_persons())::uuid[])
        ELSE people_reader_knows(people_surviving(thread_id), people_category_of_fact(kind)) END$$);

-- The tick of before had no proof: it counts no more. The column stays for the code of before.
ALTER TABLE people_person ALTER COLUMN says_incomplete SET DEFAULT false;

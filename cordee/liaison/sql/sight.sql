-- A note is read by what it tells, and by who wrote it while they follow her; a draft by its author alone.
CREATE FUNCTION liaison_reader_is_told(the_person uuid, the_category text, the_author uuid)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
BEGIN
    RETURN public.people_reader_knows(the_person, 'coordination') AND (
        the_category = 'coordination'
        OR public.people_reader_knows(the_person, the_category)
        OR (the_author = public.access_reader_account()
            AND coalesce(current_setting('cordee.reader_purpose', true), '') <> 'emergency'));
END $$;

SELECT access_lock('liaison_note', $$liaison_reader_is_told(person_id, category, author_id)$$);
SELECT access_lock('liaison_noteread',
    'EXISTS (SELECT FROM liaison_note note WHERE note.id = note_id)');
SELECT access_lock('liaison_notedraft', $$
    author_id = (SELECT access_reader_account())
    AND (SELECT current_setting('cordee.reader_purpose', true)) <> 'emergency'
    AND people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('liaison_contact', $$people_reader_knows(person_id, 'coordination')$$);

-- What a partner sent is read by what it tells, and by who sent it while they follow the person; what is
-- about nobody, by whoever is known.
CREATE FUNCTION fhir_reader_is_told(the_person uuid, the_category text, the_author uuid)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
BEGIN
    RETURN public.people_reader_knows(the_person, 'coordination') AND (
        the_category = 'coordination'
        OR public.people_reader_knows(the_person, the_category)
        OR (the_author = public.access_reader_account()
            AND coalesce(current_setting('cordee.reader_purpose', true), '') <> 'emergency'));
END $$;

SELECT access_lock('fhir_keptbody', $$
    CASE WHEN person_id IS NULL THEN (SELECT access_reader_account()) IS NOT NULL
    ELSE fhir_reader_is_told(person_id, category, author_id) END$$);

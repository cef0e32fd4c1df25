-- What a partner sent is read by what it tells, and by who sent it while they follow the person; what is
-- about nobody, by whoever is known; what is about somebody not known yet, by who sent it alone.
CREATE FUNCTION fhir_reader_is_told(the_person uuid, the_category text, the_author uuid)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
BEGIN
    RETURN public.people_reader_knows(the_person, 'coordination') AND (
        the_category = 'coordination'
        OR public.people_reader_knows(the_person, the_category)
        OR (the_author = public.access_reader_account()
            AND coalesce(current_setting('cordee.reader_purpose', true), '') <> 'emergency'));
END $$;

CREATE FUNCTION fhir_reader_is_told_before(the_kind text, the_author uuid)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT public.access_reader_account() IS NOT NULL AND (
        the_kind IN ('Questionnaire', 'PlanDefinition', 'Organization', 'HealthcareService',
                     'Location', 'Practitioner', 'PractitionerRole')
        OR (the_author = public.access_reader_account()
            AND coalesce(current_setting('cordee.reader_purpose', true), '') <> 'emergency'));
$$;

SELECT access_lock('fhir_keptbody', $$
    CASE WHEN person_id IS NULL THEN fhir_reader_is_told_before(kind, author_id)
    ELSE fhir_reader_is_told(person_id, category, author_id) END$$);

-- What is kept around a request follows it, once the desk says who the person is: it is read, and
-- erased, as what is known of them.
CREATE FUNCTION fhir_body_follows_its_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.fhir_keptbody SET person_id = NEW.person_id
    WHERE kind = 'ServiceRequest' AND resource_id = NEW.id
      AND person_id IS DISTINCT FROM NEW.person_id;
    RETURN NULL;
END $$;
CREATE TRIGGER fhir_body_follows_its_request AFTER UPDATE OF person_id ON intake_carerequest
    FOR EACH ROW WHEN (OLD.person_id IS NULL AND NEW.person_id IS NOT NULL)
    EXECUTE FUNCTION fhir_body_follows_its_request();

-- An agreement that coordination asks for, and that nobody gave nor refused, shuts everything but the
-- identity: whom one may not find one cannot ask, and enters twice. A refusal shuts that too.
CREATE FUNCTION people_coordination_is_refused(the_person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.people_gate_processing
        WHERE person_id = the_person AND purpose = 'coordination' AND will = 'refused');
END $$;

CREATE OR REPLACE FUNCTION people_circle_knows(the_person uuid, the_category text, the_audience text)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    in_circle boolean;
    in_team boolean;
    said text;
BEGIN
    SELECT count(*) > 0, coalesce(bool_or(ground <> ''), false) INTO in_circle, in_team
        FROM public.people_gate_stay
        WHERE person_id = the_person
          AND (organization_id = ANY (public.access_reader_organizations())
            OR (current_setting('cordee.reader', true) IN ('practitioner', 'hospital')
                AND practitioner_id = public.access_reader_practitioner()));
    IF NOT in_circle THEN
        RETURN false;
    END IF;
    IF the_category <> 'identity'
        AND public.people_circle_knows(the_person, 'identity', the_audience) IS NOT TRUE THEN
        RETURN false;
    END IF;
    said := public.people_said_to(the_person, the_category, the_audience);
    IF said = 'opposed' THEN
        RETURN false;
    END IF;
    IF the_audience = 'coordination' AND (public.people_coordination_is_refused(the_person)
        OR (the_category <> 'identity' AND NOT public.people_coordination_goes_on(the_person))) THEN
        RETURN false;
    END IF;
    IF said = 'consented' THEN
        RETURN true;
    END IF;
    RETURN in_team AND (the_category IN ('identity', 'coordination')
        OR (the_category = 'care' AND the_audience IN ('health', 'coordination') AND EXISTS (
            SELECT FROM public.people_gate_information WHERE person_id = the_person)));
END $$;

-- The least view of the desk: who lives in the territory of the single number.
CREATE OR REPLACE FUNCTION people_desk_knows(the_person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.people_gate_person WHERE id = the_person
                   AND territory_id = ANY (public.access_reader_territories()))
        AND public.people_said_to(the_person, 'identity', 'desk') IS DISTINCT FROM 'opposed'
        AND NOT public.people_coordination_is_refused(the_person);
END $$;

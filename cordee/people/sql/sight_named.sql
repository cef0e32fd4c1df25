-- Whom one may not know by name, one follows not: nothing else of somebody is read without their
-- identity, by the same audience.
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
    IF said = 'opposed'
        OR (the_audience = 'coordination' AND NOT public.people_coordination_goes_on(the_person)) THEN
        RETURN false;
    END IF;
    IF said = 'consented' THEN
        RETURN true;
    END IF;
    RETURN in_team AND (the_category IN ('identity', 'coordination')
        OR (the_category = 'care' AND the_audience IN ('health', 'coordination') AND EXISTS (
            SELECT FROM public.people_gate_information WHERE person_id = the_person)));
END $$;

CREATE OR REPLACE FUNCTION people_relative_knows(the_person uuid, the_category text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    said text := public.people_said_to(the_person, the_category, 'relatives');
BEGIN
    IF the_person <> ALL (public.access_reader_persons()) OR said = 'opposed' THEN
        RETURN false;
    END IF;
    IF the_category <> 'identity'
        AND public.people_relative_knows(the_person, 'identity') IS NOT TRUE THEN
        RETURN false;
    END IF;
    IF the_category NOT IN ('mental_health', 'social')
        AND the_person = ANY (public.people_reader_voices()) THEN
        RETURN true;
    END IF;
    RETURN said = 'consented' AND EXISTS (
        SELECT FROM public.people_gate_space space
        LEFT JOIN public.people_gate_relative relative ON relative.id = space.relative_id
        WHERE space.person_id = the_person AND space.until IS NULL AND relative.ended_at IS NULL
          AND space.account_id = public.access_reader_account());
END $$;

CREATE OR REPLACE FUNCTION people_team_knows(the_person uuid, the_category text, the_audience text)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    the_organizations uuid[] := current_setting('cordee.reader_organizations', true)::uuid[];
    the_practitioner uuid := CASE
        WHEN current_setting('cordee.reader', true) IN ('practitioner', 'hospital')
        THEN nullif(current_setting('cordee.reader_practitioner', true), '')::uuid END;
BEGIN
    RETURN EXISTS (SELECT FROM public.people_gate_stay
            WHERE person_id = the_person AND ground <> ''
              AND (organization_id = ANY (the_organizations)
                OR practitioner_id = the_practitioner))
        AND NOT EXISTS (SELECT FROM public.people_gate_sharing
            WHERE person_id = the_person AND category IN ('identity', the_category)
              AND audience = the_audience AND medium = 'screen')
        AND (the_audience <> 'coordination' OR NOT (
            EXISTS (SELECT FROM public.people_gate_processing
                WHERE person_id = the_person AND purpose = 'coordination')
            OR EXISTS (SELECT FROM public.people_processingbasis
                WHERE purpose = 'coordination' AND basis = 'consent' AND until IS NULL)));
END $$;

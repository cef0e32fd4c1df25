-- Care, as most of what is asked, is known in one step: by the care team, which nobody was told to
-- keep away, of somebody who was informed. Whatever else was said is for the circle to weigh.
CREATE OR REPLACE FUNCTION people_team_knows(the_person uuid, the_category text, the_audience text)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    the_organizations uuid[] := current_setting('cordee.reader_organizations', true)::uuid[];
    the_practitioner uuid := CASE
        WHEN current_setting('cordee.reader', true) IN ('practitioner', 'hospital')
        THEN nullif(current_setting('cordee.reader_practitioner', true), '')::uuid END;
BEGIN
    IF the_category = 'care' AND the_audience NOT IN ('health', 'coordination') THEN
        RETURN false;
    END IF;
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
                WHERE purpose = 'coordination' AND basis = 'consent' AND until IS NULL)))
        AND (the_category <> 'care'
            OR EXISTS (SELECT FROM public.people_gate_information WHERE person_id = the_person));
END $$;

-- Whether the reader of this session may know this category of information about this person.
CREATE OR REPLACE FUNCTION people_reader_knows(the_person uuid, the_category text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    the_reader text := coalesce(current_setting('cordee.reader', true), '');
    the_only text := coalesce(current_setting('cordee.reader_only', true), '');
    the_audience text := public.people_audience_of_reader();
BEGIN
    IF the_reader = '' OR the_person IS NULL THEN
        RETURN false;
    END IF;
    IF the_only <> '' AND the_person <> the_only::uuid THEN
        RETURN false;
    END IF;
    IF the_reader = 'person' THEN
        RETURN the_person = ANY (public.access_reader_persons());
    END IF;
    IF the_reader = 'relative' THEN
        RETURN public.people_relative_knows(the_person, the_category);
    END IF;
    IF the_audience IS NOT NULL AND (
        (the_category IN ('identity', 'coordination', 'care')
            AND public.people_team_knows(the_person, the_category, the_audience))
        OR public.people_circle_knows(the_person, the_category, the_audience)) THEN
        RETURN true;
    END IF;
    IF the_reader = 'orienteuse' AND the_category = 'identity'
        AND public.people_desk_knows(the_person) THEN
        RETURN true;
    END IF;
    RETURN current_setting('cordee.reader_purpose', true) = 'emergency'
        AND public.people_emergency_knows(the_person, the_category);
END $$;

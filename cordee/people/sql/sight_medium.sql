-- By which medium one reads: the software of a partner reads the records that a screen would show, so
-- that what was closed to screens is closed to it; what she agreed to for screens is not for it.
-- What an audience was told about a category: 'opposed', 'consented' (and it holds), or nothing.
CREATE OR REPLACE FUNCTION people_said_to(the_person uuid, the_category text, the_audience text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    the_medium text := public.access_reader_medium();
    said record;
BEGIN
    IF the_medium <> 'screen' AND EXISTS (SELECT FROM public.people_gate_sharing
        WHERE person_id = the_person AND category = the_category AND audience = the_audience
          AND medium = 'screen' AND choice = 'opposed') THEN
        RETURN 'opposed';
    END IF;
    SELECT choice, speaker INTO said FROM public.people_gate_sharing
        WHERE person_id = the_person AND category = the_category AND audience = the_audience
          AND medium = the_medium;
    IF NOT FOUND OR said.choice = 'opposed' THEN
        RETURN said.choice;
    END IF;
    IF said.choice = 'consented' AND (said.speaker = 'person' OR EXISTS (
        SELECT FROM public.people_gate_person person WHERE person.id = the_person AND (
            (said.speaker = 'parent' AND public.people_is_minor(person.birth_date))
            OR (said.speaker = 'representative'
                AND public.people_is_represented(person.protection))))) THEN
        RETURN 'consented';
    END IF;
    RETURN NULL;
END $$;

-- Care, as most of what is asked, is known in one step: by the care team, which nobody was told to
-- keep away, of somebody who was informed. Whatever else was said is for the circle to weigh.
CREATE OR REPLACE FUNCTION people_team_knows(the_person uuid, the_category text, the_audience text)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    the_organizations uuid[] := current_setting('cordee.reader_organizations', true)::uuid[];
    the_practitioner uuid := CASE
        WHEN current_setting('cordee.reader', true) IN ('practitioner', 'hospital')
        THEN nullif(current_setting('cordee.reader_practitioner', true), '')::uuid END;
    the_medium text := public.access_reader_medium();
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
              AND audience = the_audience AND medium IN ('screen', the_medium))
        AND (the_audience <> 'coordination' OR NOT (
            EXISTS (SELECT FROM public.people_gate_processing
                WHERE person_id = the_person AND purpose = 'coordination')
            OR EXISTS (SELECT FROM public.people_processingbasis
                WHERE purpose = 'coordination' AND basis = 'consent' AND until IS NULL)))
        AND (the_category <> 'care'
            OR EXISTS (SELECT FROM public.people_gate_information WHERE person_id = the_person));
END $$;

-- An emergency opens a screen, for who stands before her.
CREATE OR REPLACE FUNCTION people_emergency_knows(the_person uuid, the_category text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN the_category IN ('identity', 'coordination', 'care')
        AND public.access_reader_medium() = 'screen'
        AND EXISTS (SELECT FROM public.people_gate_grant WHERE person_id = the_person
                    AND account_id = public.access_reader_account()
                    AND expires_at > public.access_now())
        AND NOT EXISTS (SELECT FROM public.people_gate_opposition WHERE person_id = the_person);
END $$;

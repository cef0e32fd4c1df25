-- Who speaks for somebody may have been let in for one person only: an application that was opened
-- for her is shown nobody else, whatever the one who opened it may know.
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
        (the_category IN ('identity', 'coordination')
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

-- Whether the reader may know what a request that is theirs to answer says of care: for who received
-- it, or won it. Before the person was informed too; never against her word.
CREATE FUNCTION people_reader_is_entrusted(the_person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    the_audience text := public.people_audience_of_reader();
BEGIN
    RETURN public.people_reader_knows(the_person, 'coordination') AND (
        (the_audience IN ('health', 'coordination')
            AND public.people_said_to(the_person, 'care', the_audience) IS DISTINCT FROM 'opposed'
            AND EXISTS (SELECT FROM public.people_gate_stay
                WHERE person_id = the_person AND ground <> ''
                  AND (organization_id = ANY (public.access_reader_organizations())
                    OR (the_audience = 'health'
                        AND practitioner_id = public.access_reader_practitioner()))))
        OR public.people_reader_knows(the_person, 'care'));
END $$;

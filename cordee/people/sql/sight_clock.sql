-- An emergency access ends by the one clock of rights.
CREATE OR REPLACE FUNCTION people_emergency_knows(the_person uuid, the_category text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN the_category IN ('identity', 'coordination', 'care')
        AND EXISTS (SELECT FROM public.people_gate_grant WHERE person_id = the_person
                    AND account_id = public.access_reader_account()
                    AND expires_at > public.access_now())
        AND NOT EXISTS (SELECT FROM public.people_gate_opposition WHERE person_id = the_person);
END $$;

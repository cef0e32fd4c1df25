-- A visit is read by who may know of her care, by the service that came, and by who wrote it.
CREATE FUNCTION vigilance_reader_is_told(the_person uuid, the_organization uuid, the_helper uuid)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
BEGIN
    RETURN public.people_reader_knows(the_person, 'coordination') AND (
        public.people_reader_knows(the_person, 'care')
        OR (coalesce(current_setting('cordee.reader_purpose', true), '') <> 'emergency'
            AND public.access_reader_account() IS NOT NULL
            AND (the_helper = public.access_reader_account()
                OR the_organization = ANY (public.access_reader_organizations()))));
END $$;

SELECT access_lock('vigilance_plannedvisit', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('vigilance_visit',
    $$vigilance_reader_is_told(person_id, organization_id, helper_id)$$);
SELECT access_lock('vigilance_refusedvisit', $$
    (SELECT access_reader_account()) IS NOT NULL
    AND coalesce((SELECT current_setting('cordee.reader_purpose', true)), '') <> 'emergency'
    AND (helper_id = (SELECT access_reader_account())
        OR ((SELECT access_reader()) = 'coordinator'
            AND organization_id = ANY ((SELECT access_reader_organizations())::uuid[])))$$);

-- What a helper says of her own safety is hers, and of who leads her service: no emergency opens it.
SELECT access_lock('vigilance_safetyalert', $$
    (SELECT access_reader_account()) IS NOT NULL
    AND coalesce((SELECT current_setting('cordee.reader_purpose', true)), '') <> 'emergency'
    AND (helper_id = (SELECT access_reader_account())
        OR ((SELECT access_reader()) = 'coordinator'
            AND organization_id = ANY ((SELECT access_reader_organizations())::uuid[])))$$);
-- How a helper marks is for the detector alone.
SELECT access_lock('vigilance_leaning', $$false$$);

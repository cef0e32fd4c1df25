-- The accounts that opened nothing but records that went: nobody else would ever close them, and what
-- is not closed never loses its name. Held first, so that a role given meanwhile is seen.
-- Run by retention, with the hand of the owner. Returns those that were closed.
CREATE FUNCTION people_close_accounts(the_ids uuid[], the_moment timestamptz) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    IF NOT access_is_retention() THEN
        RAISE EXCEPTION 'accounts are closed with a record by retention only'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM access_account WHERE id = ANY (the_ids) ORDER BY id FOR UPDATE;
    RETURN QUERY
    UPDATE access_account account SET is_active = false, closed_at = the_moment
    WHERE id = ANY (the_ids) AND is_active
        AND NOT EXISTS (SELECT FROM people_personaccount
            WHERE account_id = account.id AND until IS NULL)
        AND NOT EXISTS (SELECT FROM directory_membership WHERE account_id = account.id
            AND (until IS NULL OR until >= (the_moment AT TIME ZONE 'Europe/Paris')::date))
        AND NOT EXISTS (SELECT FROM directory_practitioner WHERE account_id = account.id)
    RETURNING id;
END $$;

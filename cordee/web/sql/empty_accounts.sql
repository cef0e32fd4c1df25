-- Accounts that were closed lose who they were: name, address, what they signed in with, and the tie of
-- a professional. The row stays, and its number with it: what it signed still verifies.
-- Run by retention, by nobody else, with the hand of the owner: retention itself changes nothing.
CREATE FUNCTION web_empty_accounts(the_ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT access_is_retention() THEN
        RAISE EXCEPTION 'accounts are emptied by retention only'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM account_emailconfirmation USING account_emailaddress address
        WHERE email_address_id = address.id AND address.user_id = ANY (the_ids);
    DELETE FROM account_emailaddress WHERE user_id = ANY (the_ids);
    DELETE FROM mfa_authenticator WHERE user_id = ANY (the_ids);
    DELETE FROM socialaccount_socialtoken USING socialaccount_socialaccount known
        WHERE account_id = known.id AND known.user_id = ANY (the_ids);
    DELETE FROM socialaccount_socialaccount WHERE user_id = ANY (the_ids);
    DELETE FROM usersessions_usersession WHERE user_id = ANY (the_ids);
    UPDATE directory_practitioner SET account_id = NULL WHERE account_id = ANY (the_ids);
    UPDATE access_account SET name = 'compte effacé', email = id || '@compte-efface.invalid',
        password = '!', last_login = NULL
    WHERE id = ANY (the_ids);
END $$;

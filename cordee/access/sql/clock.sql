-- The clock by which rights end: the server's. A test that lives on another day names that day.
CREATE FUNCTION access_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('cordee.now', true), '')::timestamptz,
                    statement_timestamp())
$$;

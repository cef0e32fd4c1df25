-- By which medium the session reads: a screen of ours, or the software of a partner. Whoever says
-- nothing of it reads on a screen; what is not known is taken for what opens least.
CREATE FUNCTION access_reader_medium() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE coalesce(current_setting('cordee.reader_medium', true), '')
        WHEN '' THEN 'screen' WHEN 'screen' THEN 'screen' ELSE 'system' END
$$;

-- Of many readers at once: whom only they may read of, and by which medium, are told too. An open
-- screen is judged as a screen, whoever the session read for before.
CREATE OR REPLACE FUNCTION access_read_as(the_reader jsonb) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT set_config('cordee.reader', the_reader->>0, true),
        set_config('cordee.reader_account', the_reader->>1, true),
        set_config('cordee.reader_practitioner', the_reader->>2, true),
        set_config('cordee.reader_organizations', the_reader->>3, true),
        set_config('cordee.reader_territories', the_reader->>4, true),
        set_config('cordee.reader_persons', the_reader->>5, true),
        set_config('cordee.reader_profession', the_reader->>6, true),
        set_config('cordee.reader_purpose', the_reader->>7, true),
        set_config('cordee.reader_only', the_reader->>8, true),
        set_config('cordee.reader_medium', the_reader->>9, true)
$$;

CREATE OR REPLACE FUNCTION access_hearers(the_lines bigint[], the_readers jsonb)
RETURNS TABLE (place bigint, line bigint)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    before jsonb := jsonb_build_array(
        coalesce(current_setting('cordee.reader', true), ''),
        coalesce(current_setting('cordee.reader_account', true), ''),
        coalesce(current_setting('cordee.reader_practitioner', true), ''),
        coalesce(current_setting('cordee.reader_organizations', true), '{}'),
        coalesce(current_setting('cordee.reader_territories', true), '{}'),
        coalesce(current_setting('cordee.reader_persons', true), '{}'),
        coalesce(current_setting('cordee.reader_profession', true), ''),
        coalesce(current_setting('cordee.reader_purpose', true), ''),
        coalesce(current_setting('cordee.reader_only', true), ''),
        coalesce(current_setting('cordee.reader_medium', true), ''));
    one record;
BEGIN
    FOR one IN SELECT listed.value AS said, listed.ordinality AS place
               FROM jsonb_array_elements(the_readers) WITH ORDINALITY AS listed
    LOOP
        PERFORM access_read_as(one.said);
        RETURN QUERY SELECT one.place, fact.id FROM kernel_fact fact
                     WHERE fact.id = ANY (the_lines);
    END LOOP;
    PERFORM access_read_as(before);
END $$;

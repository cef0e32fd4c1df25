-- A row that says by two ways whom it is about, after a merge that was undone, belongs to both: a decision of
-- a meeting about one person given to a stay around another does not go with the other. She waits.
CREATE OR REPLACE FUNCTION access_remove(
    the_table regclass, the_ids uuid[], of_whom uuid[] DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $$
DECLARE
    link record;
    referring uuid[];
    others bigint;
BEGIN
    IF coalesce(cardinality(the_ids), 0) = 0 THEN
        RETURN;
    END IF;
    IF of_whom IS NOT NULL AND EXISTS (SELECT FROM pg_attribute
            WHERE attrelid = the_table AND attname = 'person_id' AND NOT attisdropped) THEN
        EXECUTE format('SELECT count(*) FROM %s WHERE id = ANY ($1) AND person_id <> ALL ($2)',
            the_table) INTO others USING the_ids, of_whom;
        IF others > 0 THEN
            RAISE EXCEPTION 'what is somebody else''s does not go: % of %', others, the_table
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    FOR link IN
        SELECT found.confrelid::regclass AS name, mine.attname AS key, its.attname AS target
        FROM pg_constraint found
            JOIN pg_attribute mine
                ON mine.attrelid = found.conrelid AND mine.attnum = found.conkey[1]
            JOIN pg_attribute its
                ON its.attrelid = found.confrelid AND its.attnum = found.confkey[1]
        WHERE of_whom IS NOT NULL AND found.conrelid = the_table AND found.contype = 'f'
            AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = found.confrelid
                AND attname = 'person_id' AND NOT attisdropped)
    LOOP
        EXECUTE format('SELECT count(*) FROM %s mine JOIN %s its ON its.%I = mine.%I
            WHERE mine.id = ANY ($1) AND its.person_id <> ALL ($2)',
            the_table, link.name, link.target, link.key) INTO others USING the_ids, of_whom;
        IF others > 0 THEN
            RAISE EXCEPTION 'what hangs from somebody else does not go: % of %', others, the_table
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    FOR link IN
        SELECT found.conrelid::regclass AS name, the_column.attname AS key
        FROM pg_constraint found JOIN pg_attribute the_column
            ON the_column.attrelid = found.conrelid AND the_column.attnum = found.conkey[1]
        WHERE found.confrelid = the_table AND found.conrelid <> the_table
            AND found.contype = 'f' AND found.conparentid = 0
        ORDER BY 1, 2
    LOOP
        EXECUTE format('SELECT array_agg(id) FROM %s WHERE %I = ANY ($1)', link.name, link.key)
            INTO referring USING the_ids;
        PERFORM access_remove(link.name, referring, of_whom);
    END LOOP;
    EXECUTE format('DELETE FROM %s WHERE id = ANY ($1)', the_table) USING the_ids;
    DELETE FROM access_previous_state
        WHERE table_name = the_table::text AND record_id = ANY (the_ids);
    DELETE FROM access_previous_state gone USING access_previous_state mark
        WHERE mark.table_name = 'erased' AND mark.record_id = ANY (the_ids)
            AND gone.table_name = mark.state->>'table'
            AND gone.record_id = (mark.state->>'record')::uuid;
    DELETE FROM access_previous_state
        WHERE table_name = 'erased' AND record_id = ANY (the_ids);
END $$;

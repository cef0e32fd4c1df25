-- What the law lets go, with everything that hangs from it. Run by retention, by nobody else.

-- Whether it is retention that removes: what nobody else may erase lets itself be.
CREATE FUNCTION access_is_retention() RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(session_user = (SELECT nullif(retention, '') FROM kernel_database_roles), false)
$$;

-- The tables whose rows refer to those of a table, near or far.
CREATE FUNCTION access_hanging(the_table regclass) RETURNS SETOF regclass
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE hanging (name) AS (
        SELECT the_table
        UNION
        SELECT link.conrelid::regclass FROM pg_constraint link
        JOIN hanging ON link.confrelid = hanging.name
        WHERE link.contype = 'f' AND link.conparentid = 0)
    SELECT name FROM hanging WHERE name <> the_table
$$;

-- Remove rows, after those that refer to them, with what they were before. A row that refers to
-- another of its own table is the caller's to give: forgotten, its key refuses and nothing goes.
-- Told of whom, it refuses what is somebody else's, wherever it met it.
CREATE FUNCTION access_remove(the_table regclass, the_ids uuid[], of_whom uuid[] DEFAULT NULL)
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
END $$;

-- Name those whom a claim holds, for the session that purges; give back those whom nobody knows.
-- The room of persons widens it to the records that were merged with theirs.
CREATE FUNCTION access_hold(the_persons uuid[]) RETURNS uuid[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('cordee.held', the_persons::text, false);
    RETURN '{}';
END $$;

-- Whom a claim holds: nothing of theirs goes meanwhile.
CREATE FUNCTION access_held() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('cordee.held', true), ''), '{}')::uuid[]
$$;

-- Hold rows still while retention looks at them again: whoever wants to add to them waits, then is
-- refused by their key. The hand of the owner, since retention changes nothing.
CREATE FUNCTION access_hold_still(the_table regclass, the_ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    IF NOT access_is_retention() THEN
        RAISE EXCEPTION 'records are held still by retention only'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s WHERE id = ANY ($1)
        ORDER BY id FOR UPDATE) AS held', the_table) USING the_ids;
END $$;

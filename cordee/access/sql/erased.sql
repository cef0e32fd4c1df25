-- What somebody erased, a draft, leaves its states behind: they go with the person it was about.

-- Say of whom a row was that is erased: the person it hung from, and those it hung from before a
-- merge. A mark is kept among the states, by the same lock, months and removal: it is found by the
-- index of records, under the person, and goes no earlier than the last state it tells of.
CREATE FUNCTION access_mark_erased(the_table text, the_record uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO access_previous_state (table_name, record_id, version, replaced_at, gesture, state)
        SELECT 'erased', whom, max(version), clock_timestamp(),
            current_setting('cordee.gesture')::jsonb,
            jsonb_build_object('table', the_table, 'record', the_record)
        FROM (SELECT (state->>'person_id')::uuid AS whom, version FROM access_previous_state
            WHERE table_name = the_table AND record_id = the_record) AS was
        WHERE whom IS NOT NULL GROUP BY whom
$$;
REVOKE EXECUTE ON FUNCTION access_mark_erased FROM PUBLIC;

CREATE OR REPLACE FUNCTION access_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gesture text := current_setting('cordee.gesture', true);
BEGIN
    IF coalesce(gesture, '') = '' THEN
        RAISE EXCEPTION '% may only be written by an action', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'version' - 'updated_at'
                          = to_jsonb(OLD) - 'version' - 'updated_at' THEN
        NEW.version := OLD.version;
        RETURN NEW;
    END IF;
    INSERT INTO access_previous_state (table_name, record_id, version, replaced_at, gesture, state)
        VALUES (TG_TABLE_NAME, OLD.id, OLD.version, clock_timestamp(), gesture::jsonb, to_jsonb(OLD));
    IF TG_OP = 'DELETE' THEN
        IF to_jsonb(OLD) ? 'person_id' AND NOT access_is_retention() THEN
            PERFORM access_mark_erased(TG_TABLE_NAME, OLD.id);
        END IF;
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;

-- Remove rows, after those that refer to them, with what they were before. A row that refers to
-- another of its own table is the caller's to give: forgotten, its key refuses and nothing goes.
-- What was erased meanwhile by its author had left its states: their mark tells where they are.
-- Told of whom, it refuses what is somebody else's, wherever it met it.
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

-- The second lock: row-level security asks here for whom a session reads. Nobody named: nothing.
CREATE FUNCTION access_reader() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('cordee.reader', true), '')
$$;

CREATE FUNCTION access_reader_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('cordee.reader_account', true), '')::uuid
$$;

CREATE FUNCTION access_reader_practitioner() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('cordee.reader_practitioner', true), '')::uuid
$$;

CREATE FUNCTION access_reader_organizations() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('cordee.reader_organizations', true), ''), '{}')::uuid[]
$$;

CREATE FUNCTION access_reader_territories() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('cordee.reader_territories', true), ''), '{}')::uuid[]
$$;

CREATE FUNCTION access_reader_persons() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('cordee.reader_persons', true), ''), '{}')::uuid[]
$$;

-- The house reads everything, and so does a gesture: its rule was asked and its trace written.
CREATE FUNCTION access_reads_everything() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('cordee.reader', true), '') = 'system'
        OR coalesce(current_setting('cordee.gesture', true), '') <> ''
$$;

-- Lock a table: `seen` says, of one row, whether the reader knows it. Safe to run again.
CREATE FUNCTION access_lock(the_table regclass, seen text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    everything constant text := '(SELECT access_reads_everything())';
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', the_table);
    EXECUTE format('DROP POLICY IF EXISTS second_lock ON %s', the_table);
    EXECUTE format('DROP POLICY IF EXISTS second_lock_insert ON %s', the_table);
    EXECUTE format('DROP POLICY IF EXISTS second_lock_update ON %s', the_table);
    EXECUTE format('DROP POLICY IF EXISTS second_lock_delete ON %s', the_table);
    EXECUTE format('CREATE POLICY second_lock ON %s FOR SELECT USING (%s OR (%s))',
                   the_table, everything, seen);
    EXECUTE format('CREATE POLICY second_lock_insert ON %s FOR INSERT WITH CHECK (true)', the_table);
    EXECUTE format('CREATE POLICY second_lock_update ON %s FOR UPDATE USING (%s)',
                   the_table, everything);
    EXECUTE format('CREATE POLICY second_lock_delete ON %s FOR DELETE USING (%s)',
                   the_table, everything);
END $$;

-- What the law lets go is found and removed by retention, for whom nobody is named.
CREATE FUNCTION access_let_retention_through(the_role text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    locked record;
BEGIN
    FOR locked IN SELECT polrelid::regclass AS name FROM pg_policy WHERE polname = 'second_lock'
    LOOP
        EXECUTE format('DROP POLICY IF EXISTS retention ON %s', locked.name);
        EXECUTE format('CREATE POLICY retention ON %s TO %I USING (true)', locked.name, the_role);
    END LOOP;
END $$;

-- The house alone shows what a record was.
SELECT access_lock('access_previous_state', 'false');

-- The lines about somebody, found by their index: row-level security would have it read them all.
-- Numbers only: the lines themselves are read under the lock.
CREATE FUNCTION access_lines_about(the_person uuid) RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM access_trace WHERE persons @> ARRAY[the_person]
$$;

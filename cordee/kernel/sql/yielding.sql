-- Moving months gives way. Each waits for a lock 300 ms at most, three times at most: less than the
-- second after which the server looks for a deadlock, so that no gesture of anybody is the victim.
-- A table that another's keys lead to is taken first, as those who write do.
CREATE FUNCTION kernel_take(asked regclass, its_keys text, itself text) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '300ms' AS $$
DECLARE
    wanted regclass;
BEGIN
    FOR wanted IN SELECT DISTINCT confrelid::regclass FROM pg_constraint
        WHERE conrelid = asked AND contype = 'f'
    LOOP
        EXECUTE format('LOCK TABLE %s IN %s MODE', wanted, its_keys);
    END LOOP;
    EXECUTE format('LOCK TABLE ONLY %s IN %s MODE', asked, itself);
END $$;

CREATE OR REPLACE FUNCTION kernel_make_month(asked regclass, month date) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp SET lock_timeout = '300ms' AS $$
DECLARE
    part constant text := kernel_part_name(asked, month);
    rest constant text := kernel_part_name(asked, NULL);
    begins constant timestamptz := kernel_month_begins(month);
    ends constant timestamptz := kernel_month_begins((month + interval '1 month')::date);
    key constant name := (SELECT moment FROM kernel_parted() WHERE the_table = asked);
    columns constant text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = asked AND attnum > 0
            AND NOT attisdropped AND attgenerated = '');
    fell boolean;
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM kernel_take(asked, 'SHARE ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE');
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', rest);
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED
        INCLUDING CONSTRAINTS INCLUDING STORAGE)', part, asked);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I >= $1 AND %I < $2)', rest, key, key)
        INTO fell USING begins, ends;
    IF fell THEN
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', rest);
        EXECUTE format('WITH moved AS (DELETE FROM %1$s WHERE %2$I >= $1 AND %2$I < $2
            RETURNING %3$s) INSERT INTO %4$s (%3$s) SELECT %3$s FROM moved',
            rest, key, columns, part) USING begins, ends;
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', rest);
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                   asked, part, begins, ends);
    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse()', part);
    RETURN true;
END $$;

-- The months that are wanted and missing: this one, so many after it, and those of what fell beside.
CREATE FUNCTION kernel_months_wanted(ahead integer) RETURNS TABLE (name text, month date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT the_table::text, wanted FROM kernel_parted(), LATERAL (
        SELECT (kernel_month_of(now()) + make_interval(months => number))::date AS wanted
        FROM generate_series(0, least(ahead, 24)) AS number
        UNION
        SELECT stray.month FROM kernel_strays(the_table) AS stray
        WHERE stray.month BETWEEN '2000-01-01'
            AND kernel_month_of(now()) + make_interval(months => 24)
    ) AS months
    WHERE to_regclass(kernel_part_name(the_table, wanted)) IS NULL
    ORDER BY 1, 2
$$;

-- One of them, in a transaction of its own: the application makes room, and nothing else.
CREATE FUNCTION kernel_make_wanted(asked text, the_month date) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_or(kernel_make_month(wanted.name::regclass, wanted.month)), false)
    FROM kernel_months_wanted(24) AS wanted WHERE wanted.name = asked AND wanted.month = the_month
$$;

CREATE OR REPLACE FUNCTION kernel_make_months(ahead integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FILTER (WHERE kernel_make_month(wanted.name::regclass, wanted.month))::integer
    FROM kernel_months_wanted(ahead) AS wanted
$$;

-- The same to take a month out, whether it leaves for an archive or its time has come.
CREATE FUNCTION kernel_detach(asked regclass, part text) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '300ms' AS $$
BEGIN
    PERFORM kernel_take(asked, 'ACCESS EXCLUSIVE', 'ACCESS EXCLUSIVE');
    EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', asked, part);
END $$;

REVOKE EXECUTE ON FUNCTION kernel_take, kernel_detach, kernel_make_month FROM PUBLIC;

-- Take a month out, once so many lines of it are in a file of this digest; say so in the chain.
CREATE OR REPLACE FUNCTION kernel_let_month_go(
    asked text, month date, the_file text, the_lines bigint, the_digest text, the_moment timestamptz
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '300ms' AS $$
DECLARE
    part constant text := kernel_retention_asks(asked, month);
    held bigint;
    kept bigint[] := '{}';
BEGIN
    -- Everything that takes long comes before the table is asked for.
    EXECUTE format('SELECT count(*) FROM %s', part) INTO held;
    IF asked = 'kernel_fact_content' THEN
        EXECUTE format('SELECT array_agg(id) FROM %s AS leaving
            JOIN kernel_fact ON id = leaving.fact_id WHERE kernel_is_a_proof(kind)', part) INTO kept;
    END IF;
    IF held - coalesce(cardinality(kept), 0) <> the_lines THEN
        RAISE EXCEPTION 'the file holds % lines, the month % and % that stay', the_lines, held,
            cardinality(kept) USING ERRCODE = 'data_corrupted';
    END IF;
    PERFORM kernel_detach(asked::regclass, part);
    IF kept <> '{}' THEN
        EXECUTE format('INSERT INTO kernel_fact_content SELECT * FROM %s WHERE fact_id = ANY ($1)',
                       part) USING kept;
    END IF;
    EXECUTE format('DROP TABLE %s', part);
    PERFORM kernel_append('kernel.month_archived', NULL, the_moment, 'job', '',
        '{"role": "retention"}', jsonb_build_object('table', asked, 'month', month,
            'file', the_file, 'lines', the_lines, 'digest', the_digest));
END $$;

-- Remove a month that is here, or say that its archive was destroyed. Returns how many lines.
-- Contents of the thread never go so: each thread is told of what left it.
CREATE OR REPLACE FUNCTION kernel_expire_month(asked text, the_month date, the_moment timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '300ms' AS $$
DECLARE
    part constant text := kernel_retention_asks(asked, the_month);
    gone bigint := 0;
BEGIN
    IF asked = 'kernel_fact_content' THEN
        RAISE EXCEPTION 'a content is purged in its thread' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT lines INTO gone FROM kernel_archived(asked) WHERE month = the_month;
    IF FOUND THEN
        PERFORM kernel_append('kernel.archive_destroyed', NULL, the_moment, 'job', '',
            '{"role": "retention"}', jsonb_build_object('table', asked, 'month', the_month));
    ELSIF to_regclass(part) IS NOT NULL THEN
        EXECUTE format('SELECT count(*) FROM %s', part) INTO gone;
        PERFORM kernel_detach(asked::regclass, part);
        EXECUTE format('DROP TABLE %s', part);
    END IF;
    RETURN coalesce(gone, 0);
END $$;

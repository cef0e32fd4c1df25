-- Tables that grow with time, parted by month (UTC, like the seals of the trace). The parts are in a
-- schema of their own, to which nobody but the owner has access: everything goes through the table.
-- What no month was made for falls in the rest, so that no line is ever refused.
CREATE SCHEMA months;

-- The tables that are parted, and the column that says when.
CREATE FUNCTION kernel_parted() RETURNS TABLE (the_table regclass, moment name)
LANGUAGE sql STABLE AS $$
    SELECT parted.partrelid::regclass, attname
    FROM pg_partitioned_table parted
    JOIN pg_class whole ON whole.oid = parted.partrelid
        AND whole.relnamespace = 'public'::regnamespace
    JOIN pg_attribute ON attrelid = parted.partrelid AND attnum = parted.partattrs[0]
    ORDER BY 1
$$;

CREATE FUNCTION kernel_month_of(moment timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_trunc('month', moment AT TIME ZONE 'UTC')::date
$$;

CREATE FUNCTION kernel_month_begins(month date) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT month::timestamp AT TIME ZONE 'UTC'
$$;

-- months.access_trace_2026_11; months.access_trace_rest when no month is given.
CREATE FUNCTION kernel_part_name(the_table regclass, month date) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('months.%I', relname || coalesce(to_char(month, '_YYYY_MM'), '_rest'))
    FROM pg_class WHERE oid = the_table
$$;

CREATE FUNCTION kernel_months_made(asked regclass) RETURNS SETOF date
LANGUAGE sql STABLE AS $$
    SELECT to_date(right(relname, 7), 'YYYY_MM') FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = asked AND relname ~ '_[0-9]{4}_[0-9]{2}$'
$$;

CREATE FUNCTION kernel_make_rest(the_table regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rest constant text := kernel_part_name(the_table, NULL);
BEGIN
    EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', rest, the_table);
    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse()', rest);
END $$;

-- Make one month; what had fallen in the rest for want of it moves in. False: it was there already.
-- Asks for little: readers and writers of other months go on. Waits 3 s for a lock, then gives up.
CREATE FUNCTION kernel_make_month(asked regclass, month date) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
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

-- What lies in the rest without reason, a thousand at most: of a month that is in no archive.
CREATE FUNCTION kernel_strays(asked regclass) RETURNS TABLE (month date, lines bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT kernel_month_of(at), count(*) FROM (
            SELECT %I AS at FROM %s AS fallen WHERE NOT EXISTS (
                SELECT FROM kernel_archived(%L) gone WHERE gone.month = kernel_month_of(fallen.%1$I))
            LIMIT 1000) AS found GROUP BY 1 ORDER BY 1',
        (SELECT moment FROM kernel_parted() WHERE the_table = asked),
        kernel_part_name(asked, NULL), asked::text);
END $$;

-- Make this month and so many after it, in every table; and the months of what fell in the rest.
-- Open to the application: it can make room, and nothing else. Returns how many were made.
CREATE FUNCTION kernel_make_months(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    this_month constant date := kernel_month_of(now());
    wanted record;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('kernel_make_months'));
    FOR wanted IN
        SELECT the_table, (this_month + make_interval(months => number))::date AS month
        FROM kernel_parted(), generate_series(0, least(ahead, 24)) AS number
        UNION
        SELECT the_table, stray.month FROM kernel_parted(), kernel_strays(the_table) AS stray
        WHERE stray.month BETWEEN '2000-01-01' AND this_month + make_interval(months => 24)
        ORDER BY 1, 2
    LOOP
        made := made + kernel_make_month(wanted.the_table, wanted.month)::integer;
    END LOOP;
    RETURN made;
END $$;

-- For whom watches: the months made ahead without a gap, and what lies in the rest.
CREATE FUNCTION kernel_months_state() RETURNS TABLE (name text, ahead integer, strays bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT the_table::text,
        (SELECT coalesce(min(number), 25) - 1 FROM generate_series(0, 24) AS number
         WHERE (kernel_month_of(now()) + make_interval(months => number))::date
             NOT IN (SELECT kernel_months_made(the_table)))::integer,
        (SELECT coalesce(sum(lines), 0)::bigint FROM kernel_strays(the_table))
    FROM kernel_parted()
$$;

REVOKE EXECUTE ON FUNCTION kernel_make_month, kernel_make_rest FROM PUBLIC;

-- The words that make the locks of a table again, for when another takes its name.
CREATE FUNCTION kernel_locks_of(asked regclass) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(words) FROM (
        SELECT format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', asked) AS words
        FROM pg_class WHERE oid = asked AND relrowsecurity
        UNION ALL
        SELECT format('CREATE POLICY %I ON %s FOR %s TO %s', policyname, asked, cmd,
                (SELECT string_agg(CASE role WHEN 'public' THEN 'PUBLIC' ELSE quote_ident(role) END,
                                   ', ') FROM unnest(roles) AS role))
            || coalesce(' USING (' || qual || ')', '')
            || coalesce(' WITH CHECK (' || with_check || ')', '')
        FROM pg_policies WHERE schemaname = 'public' AND tablename = asked::text
    ) AS said
$$;

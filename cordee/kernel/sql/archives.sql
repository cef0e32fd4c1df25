-- A closed month leaves for an archive, and comes back. Run by retention; the owner's hand moves the
-- parts. What is left behind is what proves: headers and seals, and the line that says where it went.
CREATE FUNCTION kernel_retention_asks(asked text, month date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF session_user IS DISTINCT FROM
            (SELECT nullif(retention, '') FROM kernel_database_roles) THEN
        RAISE EXCEPTION 'a month is archived by retention only'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (SELECT FROM kernel_parted() WHERE the_table::text = asked)
            OR kernel_month_of(now()) <= month THEN
        RAISE EXCEPTION 'only a closed month of a parted table is archived'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN kernel_part_name(asked::regclass, month);
END $$;

-- Keep a month as it is until the end of the transaction. Other months are not disturbed.
CREATE FUNCTION kernel_hold_month(asked text, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', kernel_retention_asks(asked, month));
END $$;

-- Take a month out, once so many lines of it are in a file of this digest; say so in the chain.
CREATE FUNCTION kernel_let_month_go(
    asked text, month date, the_file text, the_lines bigint, the_digest text, the_moment timestamptz
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    part constant text := kernel_retention_asks(asked, month);
    held bigint;
    kept bigint := 0;
BEGIN
    EXECUTE format('SELECT count(*) FROM %s', part) INTO held;
    EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', asked::regclass, part);
    IF asked = 'kernel_fact_content' THEN
        EXECUTE format('INSERT INTO kernel_fact_content SELECT gone.* FROM %s AS gone
            JOIN kernel_fact ON id = gone.fact_id WHERE kernel_is_a_proof(kind)', part);
        GET DIAGNOSTICS kept = ROW_COUNT;
    END IF;
    IF held - kept <> the_lines THEN
        RAISE EXCEPTION 'the file holds % lines and the month %', the_lines, held - kept
            USING ERRCODE = 'data_corrupted';
    END IF;
    EXECUTE format('DROP TABLE %s', part);
    PERFORM kernel_append('kernel.month_archived', NULL, the_moment, 'job', '',
        '{"role": "retention"}', jsonb_build_object('table', asked, 'month', month,
            'file', the_file, 'lines', the_lines, 'digest', the_digest));
END $$;

-- What a file says of contents, against the headers: no row means that each line is as it was.
CREATE FUNCTION kernel_judge_contents(lines jsonb) RETURNS TABLE (line_id bigint, fault text)
LANGUAGE sql STABLE AS $$
    SELECT said.fact_id, CASE WHEN fact.id IS NULL THEN 'line_unknown' ELSE 'line_altered' END
    FROM jsonb_array_elements(lines) AS line,
         jsonb_populate_record(NULL::kernel_fact_content, line) AS said
         LEFT JOIN kernel_fact fact ON fact.id = said.fact_id AND fact.recorded_at = said.recorded_at
    WHERE fact.id IS NULL
       OR fact.digest <> kernel_digest(said.salt, said.subject, said.actor, said.data)
    ORDER BY 1
$$;

-- Lines of an archive back into their table: the month is made again by the first of them.
CREATE FUNCTION kernel_put_back(asked text, month date, lines jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    written bigint;
    columns constant text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = asked::regclass AND attnum > 0
            AND NOT attisdropped AND attgenerated = '');
BEGIN
    PERFORM kernel_retention_asks(asked, month);
    PERFORM kernel_make_month(asked::regclass, month);
    EXECUTE format('INSERT INTO %1$s (%2$s) SELECT %2$s FROM jsonb_array_elements($1) AS line,
        jsonb_populate_record(NULL::%1$s, line)', asked::regclass, columns) USING lines;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;

-- Say in the chain that a month is back. Its contents are wanted here again from now on.
CREATE FUNCTION kernel_month_is_back(asked text, month date, the_moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM kernel_retention_asks(asked, month);
    PERFORM kernel_append('kernel.month_restored', NULL, the_moment, 'job', '',
        '{"role": "retention"}', jsonb_build_object('table', asked, 'month', month));
END $$;

-- The trace: lines never change; the worker seals them, so that a missing one shows.
CREATE TRIGGER access_trace_never_changes BEFORE UPDATE ON access_trace
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER access_trace_purged_lawfully BEFORE DELETE ON access_trace
    FOR EACH ROW EXECUTE FUNCTION kernel_only_retention();
CREATE TRIGGER access_trace_never_emptied BEFORE TRUNCATE ON access_trace
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER access_seal_never_changes BEFORE UPDATE OR DELETE ON access_seal
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER access_seal_never_emptied BEFORE TRUNCATE ON access_seal
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse();

CREATE FUNCTION access_line_digest(line access_trace) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        line.id, kernel_microseconds(line.at), line.shard, line.transaction_id, line.kind, line.verb,
        line.role, line.account_id, line.practitioner_id, line.organization_id, line.purpose,
        line.origin, line.session, line.subject_kind, line.subject_id, line.persons, line.reason
    )::text, 'UTF8'))
$$;

CREATE FUNCTION access_seal_hash(
    previous bytea, month date, shard smallint, number bigint, until_transaction bigint,
    line_ids bigint[], line_digests bytea[], sealed_at timestamptz
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(previous || convert_to(jsonb_build_array(
        month - date '2000-01-01', shard, number, until_transaction, line_ids,
        kernel_microseconds(sealed_at))::text, 'UTF8')
        || coalesce((SELECT string_agg(one, ''::bytea ORDER BY place)
             FROM unnest(line_digests) WITH ORDINALITY AS listed(one, place)), ''::bytea))
$$;

-- Seal what no transaction under way can still add to. Returns how many lines were sealed.
CREATE FUNCTION access_seal() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    horizon bigint;
    reached bigint;
    batch record;
    last access_seal;
    sealed bigint := 0;
    the_moment timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('access_seal'));
    horizon := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    SELECT coalesce(max(until_transaction), 0) INTO reached FROM access_seal;
    FOR batch IN
        SELECT date_trunc('month', line.at AT TIME ZONE 'UTC')::date AS month, line.shard,
               array_agg(line.id ORDER BY line.id) AS ids,
               array_agg(access_line_digest(line) ORDER BY line.id) AS digests
        FROM access_trace line
        WHERE line.transaction_id >= reached AND line.transaction_id < horizon
        GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        SELECT * INTO last FROM access_seal
            WHERE month = batch.month AND shard = batch.shard ORDER BY number DESC LIMIT 1;
        the_moment := clock_timestamp();
        INSERT INTO access_seal (month, shard, number, until_transaction, line_ids, line_digests,
                                 sealed_at, previous_hash, hash)
        VALUES (batch.month, batch.shard, coalesce(last.number, 0) + 1, horizon, batch.ids,
                batch.digests, the_moment, coalesce(last.hash, ''::bytea),
                access_seal_hash(coalesce(last.hash, ''::bytea), batch.month, batch.shard,
                    coalesce(last.number, 0) + 1, horizon, batch.ids, batch.digests, the_moment));
        sealed := sealed + cardinality(batch.ids);
    END LOOP;
    RETURN sealed;
END $$;

-- The faults of the sealed trace, in order; no row means that it holds as far as it is sealed.
CREATE FUNCTION access_faults() RETURNS TABLE (
    month date, shard smallint, number bigint, line_id bigint, fault text
) LANGUAGE sql STABLE AS $$
    WITH seal AS (
        SELECT access_seal.*, lag(access_seal.hash, 1, ''::bytea) OVER w AS expected_previous,
               row_number() OVER w AS expected_number
        FROM access_seal WINDOW w AS (PARTITION BY access_seal.month, access_seal.shard
                                      ORDER BY access_seal.number)
    ), sealed_line AS (
        SELECT seal.month, seal.shard, seal.number, listed.line_id, listed.digest
        FROM seal, unnest(seal.line_ids, seal.line_digests) AS listed(line_id, digest)
    ), purged AS (
        SELECT gone.value::date AS month
        FROM kernel_fact fact JOIN kernel_fact_content content ON content.fact_id = fact.id,
             jsonb_array_elements_text(content.data->'months') AS gone(value)
        WHERE fact.kind = 'access.trace_purged'
    )
    SELECT month, shard, number, NULL::bigint, CASE
            WHEN previous_hash <> expected_previous OR number <> expected_number THEN 'link_broken'
            ELSE 'seal_altered' END
    FROM seal WHERE previous_hash <> expected_previous OR number <> expected_number
       OR hash <> access_seal_hash(previous_hash, month, shard, number, until_transaction,
                                   line_ids, line_digests, sealed_at)
    UNION ALL
    SELECT sealed_line.month, sealed_line.shard, sealed_line.number, sealed_line.line_id,
           CASE WHEN line.id IS NULL THEN 'line_missing' ELSE 'line_altered' END
    FROM sealed_line LEFT JOIN access_trace line ON line.id = sealed_line.line_id
    WHERE (line.id IS NULL AND sealed_line.month NOT IN (SELECT month FROM purged))
       OR (line.id IS NOT NULL AND access_line_digest(line) <> sealed_line.digest)
    UNION ALL
    SELECT date_trunc('month', line.at AT TIME ZONE 'UTC')::date, line.shard, NULL, line.id,
           'line_added'
    FROM access_trace line
    WHERE line.transaction_id < (SELECT coalesce(max(until_transaction), 0) FROM access_seal)
      AND NOT EXISTS (SELECT 1 FROM sealed_line WHERE sealed_line.line_id = line.id)
    ORDER BY 1, 2, 3 NULLS LAST, 4
$$;

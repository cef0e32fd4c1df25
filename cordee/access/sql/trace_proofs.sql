-- The proof of the trace, against who owns the tables. The last seals are told each night in the
-- thread of this room, whose head is signed and kept elsewhere: a tail cut with its seals shows.
CREATE FUNCTION access_told(the_kind text) RETURNS TABLE (told_at timestamptz, data jsonb)
LANGUAGE sql STABLE AS $$
    SELECT fact.recorded_at, content.data
    FROM kernel_fact fact JOIN kernel_fact_content content
        ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
    WHERE fact.kind = the_kind
      AND fact.digest = kernel_digest(content.salt, content.subject, content.actor, content.data)
      AND fact.hash = kernel_hash(fact.previous_hash, fact.id, fact.kind, fact.chain_id,
            fact.thread_id, fact.happened_at, fact.recorded_at, fact.origin, fact.digest)
    ORDER BY fact.id
$$;

CREATE OR REPLACE FUNCTION access_faults() RETURNS TABLE (
    month date, shard smallint, number bigint, line_id bigint, fault text
) LANGUAGE sql STABLE AS $$
    WITH seal AS (
        SELECT access_seal.*, lag(access_seal.hash, 1, ''::bytea) OVER w AS expected_previous,
               row_number() OVER w AS expected_number
        FROM access_seal WINDOW w AS (PARTITION BY access_seal.month, access_seal.shard
                                      ORDER BY access_seal.number)
    ), sealed_line AS (
        SELECT seal.month, seal.shard, seal.number, seal.sealed_at, listed.line_id, listed.digest
        FROM seal, unnest(seal.line_ids, seal.line_digests) AS listed(line_id, digest)
    ), purge AS (
        SELECT gone.value::date AS month, max(told.told_at) AS told_at
        FROM access_told('access.trace_purged') told,
             jsonb_array_elements_text(told.data->'months') AS gone(value)
        GROUP BY 1
    ), reached AS (
        SELECT split_part(one.value, '/', 1)::date AS month,
               split_part(one.value, '/', 2)::smallint AS shard,
               split_part(one.value, '/', 3)::bigint AS number,
               split_part(one.value, '/', 4) AS hash
        FROM access_told('access.seals_reached') told,
             jsonb_array_elements_text(told.data->'seals') AS one(value)
    )
    SELECT month, shard, number, NULL::bigint, CASE
            WHEN previous_hash IS DISTINCT FROM expected_previous
              OR number <> expected_number THEN 'link_broken'
            ELSE 'seal_altered' END
    FROM seal WHERE previous_hash IS DISTINCT FROM expected_previous OR number <> expected_number
       OR hash IS DISTINCT FROM access_seal_hash(previous_hash, month, shard, number,
            until_transaction, line_ids, line_digests, sealed_at)
    UNION
    SELECT reached.month, reached.shard, reached.number, NULL, 'tail_cut'
    FROM reached LEFT JOIN seal ON (seal.month, seal.shard, seal.number)
                                 = (reached.month, reached.shard, reached.number)
    WHERE encode(seal.hash, 'hex') IS DISTINCT FROM reached.hash
    UNION ALL
    SELECT sealed_line.month, sealed_line.shard, sealed_line.number, sealed_line.line_id,
           CASE WHEN line.id IS NULL THEN 'line_missing' ELSE 'line_altered' END
    FROM sealed_line LEFT JOIN access_trace line ON line.id = sealed_line.line_id
                     LEFT JOIN purge ON purge.month = sealed_line.month
    -- A purge excuses what was sealed when it was told, and nothing of later.
    WHERE (line.id IS NULL AND (sealed_line.sealed_at < purge.told_at) IS NOT TRUE
            AND sealed_line.month NOT IN (SELECT month FROM kernel_archived('access_trace')))
       OR (line.id IS NOT NULL AND access_line_digest(line) IS DISTINCT FROM sealed_line.digest)
    UNION ALL
    SELECT date_trunc('month', line.at AT TIME ZONE 'UTC')::date, line.shard, NULL, line.id,
           'line_added'
    FROM access_trace line
    WHERE line.transaction_id < (SELECT coalesce(max(until_transaction), 0) FROM access_seal)
      AND NOT EXISTS (SELECT 1 FROM sealed_line WHERE sealed_line.line_id = line.id)
    ORDER BY 1, 2, 3 NULLS LAST, 4
$$;

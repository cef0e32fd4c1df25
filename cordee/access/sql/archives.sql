-- What a file says of the trace, against the seals: no row means that each line is as it was sealed.
CREATE FUNCTION access_judge_lines(lines jsonb) RETURNS TABLE (line_id bigint, fault text)
LANGUAGE sql STABLE AS $$
    WITH said AS MATERIALIZED (
        SELECT one.id, kernel_month_of(one.at) AS month, access_line_digest(one) AS digest
        FROM jsonb_array_elements(lines) AS line,
             jsonb_populate_record(NULL::access_trace, line) AS one
    ), sealed AS MATERIALIZED (
        SELECT listed.id, listed.digest
        FROM access_seal seal, unnest(seal.line_ids, seal.line_digests) AS listed(id, digest)
        WHERE seal.month IN (SELECT month FROM said)
          AND seal.line_ids[1] <= (SELECT max(id) FROM said)
          AND seal.line_ids[cardinality(seal.line_ids)] >= (SELECT min(id) FROM said)
    )
    SELECT said.id, CASE WHEN sealed.id IS NULL THEN 'line_unknown' ELSE 'line_altered' END
    FROM said LEFT JOIN sealed ON sealed.id = said.id
    WHERE sealed.digest IS DISTINCT FROM said.digest ORDER BY 1
$$;

-- The lines of a month that no seal covers yet.
CREATE FUNCTION access_unsealed_in(month date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM access_trace
    WHERE at >= kernel_month_begins(month)
      AND at < kernel_month_begins((month + interval '1 month')::date)
      AND transaction_id >= (SELECT coalesce(max(until_transaction), 0) FROM access_seal)
$$;

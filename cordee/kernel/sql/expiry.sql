-- A month whose time has come goes whole, in the base or in its archive. Run by retention.
CREATE OR REPLACE FUNCTION kernel_is_a_proof(kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind LIKE '%\_purged'
        OR kind IN ('kernel.month_archived', 'kernel.month_restored', 'kernel.archive_destroyed')
$$;

CREATE OR REPLACE FUNCTION kernel_archived(asked text)
RETURNS TABLE (month date, file text, lines bigint, digest text) LANGUAGE sql STABLE AS $$
    SELECT said.month, said.data->>'file', (said.data->>'lines')::bigint, said.data->>'digest'
    FROM (
        SELECT DISTINCT ON (content.data->>'month')
               (content.data->>'month')::date AS month, fact.kind, content.data
        FROM kernel_fact fact JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
        WHERE fact.kind IN
                ('kernel.month_archived', 'kernel.month_restored', 'kernel.archive_destroyed')
          AND fact.thread_id IS NULL AND content.data->>'table' = asked
          AND fact.digest = kernel_digest(content.salt, content.subject, content.actor, content.data)
        ORDER BY content.data->>'month', fact.id DESC
    ) AS said
    WHERE said.kind = 'kernel.month_archived'
$$;

-- Remove a month that is here, or say that its archive was destroyed. Returns how many lines.
-- Contents of the thread never go so: each thread is told of what left it.
CREATE FUNCTION kernel_expire_month(asked text, the_month date, the_moment timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
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
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', asked::regclass, part);
        EXECUTE format('DROP TABLE %s', part);
    END IF;
    RETURN coalesce(gone, 0);
END $$;

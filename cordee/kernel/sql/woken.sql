-- Hold threads still while retention looks at them again: whoever writes in one waits. The hand of the
-- owner, since retention changes nothing.
CREATE FUNCTION kernel_hold_threads(chains uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
BEGIN
    IF session_user IS DISTINCT FROM
            (SELECT nullif(retention, '') FROM kernel_database_roles) THEN
        RAISE EXCEPTION 'threads are held still by retention only'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM kernel_thread_head WHERE chain_id = ANY (chains) ORDER BY chain_id FOR UPDATE;
END $$;

-- Lawful removal: run by the retention role; says in each thread what went, under which rule. Two at
-- once are heard in turn: what the first removed is not told twice.
CREATE OR REPLACE FUNCTION kernel_purge(
    fact_ids bigint[], the_category text, the_rule text, the_moment timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $$
DECLARE
    chain record;
    removed bigint := 0;
BEGIN
    IF coalesce(trim(the_rule), '') = '' THEN
        RAISE EXCEPTION 'a purge says its rule' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM kernel_hold_threads(
        ARRAY(SELECT DISTINCT chain_id FROM kernel_fact WHERE id = ANY (fact_ids)));
    FOR chain IN
        SELECT fact.thread_id, split_part(min(fact.kind), '.', 1) AS room,
               jsonb_agg(fact.id ORDER BY fact.id) AS ids
        FROM kernel_fact fact JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
        WHERE fact.id = ANY (fact_ids) AND NOT kernel_is_a_proof(fact.kind)
        GROUP BY fact.chain_id, fact.thread_id ORDER BY fact.chain_id
    LOOP
        DELETE FROM kernel_fact_content content USING kernel_fact fact
            WHERE fact.id IN (SELECT value::bigint FROM jsonb_array_elements_text(chain.ids))
              AND content.fact_id = fact.id AND content.recorded_at = fact.recorded_at;
        PERFORM kernel_append(
            CASE WHEN chain.thread_id IS NULL THEN chain.room ELSE 'kernel' END || '.content_purged',
            chain.thread_id, the_moment, 'job', '', '{"role": "retention"}',
            jsonb_build_object('category', the_category, 'rule', the_rule, 'facts', chain.ids));
        removed := removed + jsonb_array_length(chain.ids);
    END LOOP;
    RETURN removed;
END $$;

-- The months that left for an archive and did not come back: said in the chain of the house alone.
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
          AND fact.chain_id = kernel_chain(fact.kind, NULL) AND fact.thread_id IS NULL
          AND content.data->>'table' = asked
          AND fact.digest = kernel_digest(content.salt, content.subject, content.actor, content.data)
        ORDER BY content.data->>'month', fact.id DESC
    ) AS said
    WHERE said.kind = 'kernel.month_archived'
$$;

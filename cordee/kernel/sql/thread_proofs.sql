-- The proof again, against who owns the tables: nothing unknown passes for equal, and a purge
-- excuses only the lines that were there when it was told, under a rule that it says.
CREATE OR REPLACE FUNCTION kernel_faults(the_chain uuid)
RETURNS TABLE (fact_id bigint, fault text, rule text)
LANGUAGE sql STABLE AS $$
    WITH line AS (
        SELECT fact.*, content.fact_id AS content_id, content.subject, content.actor,
               content.data, content.salt,
               lag(fact.hash, 1, ''::bytea) OVER (ORDER BY fact.id) AS expected_previous
        FROM kernel_fact fact LEFT JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
        WHERE fact.chain_id = the_chain
    ), purge AS (
        SELECT gone.value::bigint AS fact_id, min(line.data->>'rule') AS rule
        FROM line, jsonb_array_elements_text(line.data->'facts') AS gone(value)
        WHERE line.kind LIKE '%.content_purged' AND gone.value::bigint < line.id
          AND line.digest = kernel_digest(line.salt, line.subject, line.actor, line.data)
        GROUP BY 1
    ), archived AS (
        SELECT month, file FROM kernel_archived('kernel_fact_content')
    ), judged AS (
        SELECT line.id,
            CASE
                WHEN line.previous_hash IS DISTINCT FROM line.expected_previous THEN 'link_broken'
                WHEN line.hash IS DISTINCT FROM kernel_hash(line.previous_hash, line.id, line.kind,
                        line.chain_id, line.thread_id, line.happened_at, line.recorded_at,
                        line.origin, line.digest)
                    THEN 'header_altered'
                WHEN line.content_id IS NULL AND purge.rule IS NULL AND archived.month IS NULL
                    THEN 'content_missing'
                WHEN line.content_id IS NOT NULL AND line.digest IS DISTINCT FROM kernel_digest(
                        line.salt, line.subject, line.actor, line.data) THEN 'content_altered'
                WHEN line.content_id IS NULL AND purge.rule IS NULL THEN 'archived'
                WHEN line.content_id IS NULL THEN 'purged'
            END AS fault,
            coalesce(purge.rule, archived.file) AS rule
        FROM line LEFT JOIN purge ON purge.fact_id = line.id
            LEFT JOIN archived ON archived.month = kernel_month_of(line.recorded_at)
    )
    SELECT id, fault, rule FROM judged WHERE fault IS NOT NULL ORDER BY id
$$;

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

-- What excuses is believed in the chain of this room, which is proved with the trace; said in the thread
-- of somebody, under a hash of its own, it is nothing.
CREATE OR REPLACE FUNCTION access_told(the_kind text) RETURNS TABLE (told_at timestamptz, data jsonb)
LANGUAGE sql STABLE AS $$
    SELECT fact.recorded_at, content.data
    FROM kernel_fact fact JOIN kernel_fact_content content
        ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
    WHERE fact.kind = the_kind AND fact.chain_id = kernel_chain(the_kind, NULL)
      AND fact.digest = kernel_digest(content.salt, content.subject, content.actor, content.data)
      AND fact.hash = kernel_hash(fact.previous_hash, fact.id, fact.kind, fact.chain_id,
            fact.thread_id, fact.happened_at, fact.recorded_at, fact.origin, fact.digest)
    ORDER BY fact.id
$$;

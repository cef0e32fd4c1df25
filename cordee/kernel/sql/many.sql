-- Many lines at once, with the hashes that kernel_append would give one by one, in the order given.
-- [{kind, thread, happened_at, origin, subject, actor, data}], actor and data as text. Every head is
-- locked first, in one order for all, so that two sets never wait for each other.
CREATE FUNCTION kernel_append_set(lines json) RETURNS TABLE (place bigint, id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    the_moment timestamptz := clock_timestamp();
    horizon constant text := pg_snapshot_xmin(pg_current_snapshot())::text;
    chains uuid[];
    written record;
BEGIN
    -- Only retention may say that something was lawfully removed, and it does so line by line.
    IF EXISTS (SELECT FROM json_array_elements(lines) AS line
               WHERE kernel_is_a_proof(line->>'kind')) THEN
        RAISE EXCEPTION 'a purge is told by retention only'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT array_agg(DISTINCT kernel_chain(line->>'kind', (line->>'thread')::uuid)) INTO chains
        FROM json_array_elements(lines) AS line;
    INSERT INTO kernel_thread_head (chain_id, length, last_id, hash)
        SELECT chain, 0, 0, ''::bytea FROM unnest(chains) AS chain ORDER BY chain
        ON CONFLICT (chain_id) DO NOTHING;
    PERFORM FROM kernel_thread_head WHERE chain_id = ANY (chains) ORDER BY chain_id FOR UPDATE;
    FOR written IN
        WITH RECURSIVE said AS (
            SELECT listed.place, line->>'kind' AS kind, (line->>'thread')::uuid AS thread,
                (line->>'happened_at')::timestamptz AS happened_at, line->>'origin' AS origin,
                line->>'subject' AS subject, (line->>'actor')::jsonb AS actor,
                (line->>'data')::jsonb AS data, uuid_send(gen_random_uuid()) AS salt
            FROM json_array_elements(lines) WITH ORDINALITY AS listed(line, place)
        ), drawn AS MATERIALIZED (
            SELECT nextval(pg_get_serial_sequence('kernel_fact', 'id')) AS fact_id, listed.*
            FROM (
                SELECT said.*, kernel_chain(kind, thread) AS chain, row_number() OVER (
                    PARTITION BY kernel_chain(kind, thread) ORDER BY said.place) AS along
                FROM said ORDER BY said.place
            ) AS listed
        ), line AS MATERIALIZED (
            SELECT drawn.*, kernel_digest(salt, subject, actor, data) AS digest FROM drawn
        ), knot AS (
            SELECT line.fact_id, line.chain, line.along, head.hash AS previous,
                kernel_hash(head.hash, line.fact_id, line.kind, line.chain, line.thread,
                            line.happened_at, the_moment, line.origin, line.digest) AS hash
            FROM line JOIN kernel_thread_head AS head ON head.chain_id = line.chain
            WHERE line.along = 1
            UNION ALL
            SELECT line.fact_id, line.chain, line.along, knot.hash,
                kernel_hash(knot.hash, line.fact_id, line.kind, line.chain, line.thread,
                            line.happened_at, the_moment, line.origin, line.digest)
            FROM knot JOIN line ON line.chain = knot.chain AND line.along = knot.along + 1
        ), header AS (
            INSERT INTO kernel_fact (id, kind, chain_id, thread_id, happened_at, recorded_at, origin,
                                     transaction_id, digest, previous_hash, hash)
            SELECT line.fact_id, line.kind, line.chain, line.thread, line.happened_at, the_moment,
                   line.origin, pg_current_xact_id()::text::bigint, line.digest, knot.previous,
                   knot.hash
            FROM line JOIN knot ON knot.fact_id = line.fact_id
        ), content AS (
            INSERT INTO kernel_fact_content (fact_id, recorded_at, subject, actor, data, salt)
            SELECT fact_id, the_moment, subject, actor, data, salt FROM line
        ), reached AS (
            SELECT DISTINCT ON (chain) chain, along, fact_id, hash
            FROM knot ORDER BY chain, along DESC
        ), head AS (
            UPDATE kernel_thread_head AS head
            SET length = head.length + reached.along, last_id = reached.fact_id,
                hash = reached.hash
            FROM reached WHERE head.chain_id = reached.chain
        )
        SELECT line.place, line.fact_id, line.kind, line.thread FROM line ORDER BY line.place
    LOOP
        PERFORM pg_notify('thread', json_build_object(
            'id', written.fact_id, 'kind', written.kind, 'thread', written.thread,
            'horizon', horizon)::text);
        place := written.place;
        id := written.fact_id;
        RETURN NEXT;
    END LOOP;
END $$;

-- The thread. One canonical form and one hash, for single writes and bulk loads alike.

CREATE FUNCTION kernel_digest(salt bytea, subject text, actor jsonb, data jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(salt || convert_to(jsonb_build_array(subject, actor, data)::text, 'UTF8'))
$$;

CREATE FUNCTION kernel_microseconds(moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM moment) * 1000000)::bigint
$$;

CREATE FUNCTION kernel_hash(
    previous bytea, id bigint, kind text, chain uuid, thread uuid,
    happened_at timestamptz, recorded_at timestamptz, origin text, digest bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(previous || convert_to(jsonb_build_array(
        id, kind, chain, thread, kernel_microseconds(happened_at),
        kernel_microseconds(recorded_at), origin, encode(digest, 'hex'))::text, 'UTF8'))
$$;

-- A fact about nobody hangs on the chain of its room.
CREATE FUNCTION kernel_chain(kind text, thread uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(thread, encode(substring(
        sha256(convert_to('room:' || split_part(kind, '.', 1), 'UTF8')) FOR 16), 'hex')::uuid)
$$;

-- The only way to add a line. The head is locked first, so that numbers grow along each chain.
CREATE FUNCTION kernel_append(
    the_kind text, the_thread uuid, the_happened_at timestamptz, the_origin text,
    the_subject text, the_actor jsonb, the_data jsonb
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    the_chain uuid := kernel_chain(the_kind, the_thread);
    head kernel_thread_head;
    the_id bigint;
    the_salt bytea := uuid_send(gen_random_uuid());
    the_digest bytea := kernel_digest(the_salt, the_subject, the_actor, the_data);
    the_moment timestamptz := clock_timestamp();
    the_hash bytea;
BEGIN
    -- Only retention may say that something was lawfully removed.
    IF the_kind LIKE '%\_purged' AND session_user IS DISTINCT FROM
            (SELECT nullif(retention, '') FROM kernel_database_roles) THEN
        RAISE EXCEPTION 'a purge is told by retention only'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO kernel_thread_head (chain_id, length, last_id, hash)
        VALUES (the_chain, 0, 0, ''::bytea) ON CONFLICT (chain_id) DO NOTHING;
    SELECT * INTO STRICT head FROM kernel_thread_head WHERE chain_id = the_chain FOR UPDATE;
    the_id := nextval(pg_get_serial_sequence('kernel_fact', 'id'));
    the_hash := kernel_hash(head.hash, the_id, the_kind, the_chain, the_thread,
                            the_happened_at, the_moment, the_origin, the_digest);
    INSERT INTO kernel_fact (id, kind, chain_id, thread_id, happened_at, recorded_at, origin,
                             transaction_id, digest, previous_hash, hash)
        VALUES (the_id, the_kind, the_chain, the_thread, the_happened_at, the_moment, the_origin,
                pg_current_xact_id()::text::bigint, the_digest, head.hash, the_hash);
    INSERT INTO kernel_fact_content (fact_id, subject, actor, data, salt)
        VALUES (the_id, the_subject, the_actor, the_data, the_salt);
    UPDATE kernel_thread_head SET length = head.length + 1, last_id = the_id, hash = the_hash
        WHERE chain_id = the_chain;
    PERFORM pg_notify('thread', json_build_object(
        'id', the_id, 'kind', the_kind, 'thread', the_thread,
        'horizon', pg_snapshot_xmin(pg_current_snapshot())::text)::text);
    RETURN the_id;
END $$;

-- The same, for a list of lines: [{kind, thread, happened_at, origin, subject, actor, data}, …].
CREATE FUNCTION kernel_append_many(lines jsonb) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(kernel_append(
        line->>'kind', (line->>'thread')::uuid, (line->>'happened_at')::timestamptz,
        line->>'origin', line->>'subject', line->'actor', line->'data'))
    FROM jsonb_array_elements(lines) WITH ORDINALITY AS listed(line, place)
$$;

-- What is written stays. The message is for the person who reads the server's log.
CREATE FUNCTION kernel_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION kernel_only_retention() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user IS DISTINCT FROM (SELECT nullif(retention, '') FROM kernel_database_roles) THEN
        RAISE EXCEPTION '% is removed by retention only, not by %', TG_TABLE_NAME, current_user
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER kernel_fact_never_changes BEFORE UPDATE OR DELETE ON kernel_fact
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER kernel_fact_never_emptied BEFORE TRUNCATE ON kernel_fact
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER kernel_fact_content_never_changes BEFORE UPDATE ON kernel_fact_content
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER kernel_fact_content_never_emptied BEFORE TRUNCATE ON kernel_fact_content
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER kernel_fact_content_purged_lawfully BEFORE DELETE ON kernel_fact_content
    FOR EACH ROW EXECUTE FUNCTION kernel_only_retention();

-- Lawful removal: run by the retention role; says in each thread what went, under which rule.
CREATE FUNCTION kernel_purge(
    fact_ids bigint[], the_category text, the_rule text, the_moment timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $$
DECLARE
    chain record;
    removed bigint := 0;
BEGIN
    FOR chain IN
        SELECT fact.thread_id, split_part(min(fact.kind), '.', 1) AS room,
               jsonb_agg(fact.id ORDER BY fact.id) AS ids
        FROM kernel_fact fact JOIN kernel_fact_content content ON content.fact_id = fact.id
        WHERE fact.id = ANY (fact_ids) AND fact.kind NOT LIKE '%.content_purged'
        GROUP BY fact.chain_id, fact.thread_id ORDER BY fact.chain_id
    LOOP
        DELETE FROM kernel_fact_content
            WHERE fact_id IN (SELECT value::bigint FROM jsonb_array_elements_text(chain.ids));
        PERFORM kernel_append(
            CASE WHEN chain.thread_id IS NULL THEN chain.room ELSE 'kernel' END || '.content_purged',
            chain.thread_id, the_moment, 'job', '', '{"role": "retention"}',
            jsonb_build_object('category', the_category, 'rule', the_rule, 'facts', chain.ids));
        removed := removed + jsonb_array_length(chain.ids);
    END LOOP;
    RETURN removed;
END $$;

-- The faults of a chain, in order; no row means that it holds.
CREATE FUNCTION kernel_faults(the_chain uuid) RETURNS TABLE (fact_id bigint, fault text, rule text)
LANGUAGE sql STABLE AS $$
    WITH line AS (
        SELECT fact.*, content.fact_id AS content_id, content.subject, content.actor,
               content.data, content.salt,
               lag(fact.hash, 1, ''::bytea) OVER (ORDER BY fact.id) AS expected_previous
        FROM kernel_fact fact LEFT JOIN kernel_fact_content content ON content.fact_id = fact.id
        WHERE fact.chain_id = the_chain
    ), purge AS (
        SELECT gone.value::bigint AS fact_id, min(line.data->>'rule') AS rule
        FROM line, jsonb_array_elements_text(line.data->'facts') AS gone(value)
        WHERE line.kind LIKE '%.content_purged'
          AND line.digest = kernel_digest(line.salt, line.subject, line.actor, line.data)
        GROUP BY 1
    ), judged AS (
        SELECT line.id,
            CASE
                WHEN line.previous_hash <> line.expected_previous THEN 'link_broken'
                WHEN line.hash <> kernel_hash(line.previous_hash, line.id, line.kind, line.chain_id,
                        line.thread_id, line.happened_at, line.recorded_at, line.origin, line.digest)
                    THEN 'header_altered'
                WHEN line.content_id IS NULL AND purge.rule IS NULL THEN 'content_missing'
                WHEN line.content_id IS NOT NULL AND line.digest <> kernel_digest(
                        line.salt, line.subject, line.actor, line.data) THEN 'content_altered'
                WHEN line.content_id IS NULL THEN 'purged'
            END AS fault,
            purge.rule
        FROM line LEFT JOIN purge ON purge.fact_id = line.id
    )
    SELECT id, fault, rule FROM judged WHERE fault IS NOT NULL ORDER BY id
$$;

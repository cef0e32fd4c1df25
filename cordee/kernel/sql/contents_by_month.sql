-- The contents of the thread, parted by the month in which their line was recorded. The headers stay
-- whole: they are read by their number and by their chain, and never leave (ADR 16).
ALTER TABLE kernel_fact ADD CONSTRAINT kernel_fact_was_recorded_once UNIQUE (id, recorded_at);

DO $$
DECLARE
    locks constant text[] := kernel_locks_of('kernel_fact_content');
    words text;
BEGIN
    ALTER TABLE kernel_fact_content RENAME TO kernel_fact_content_whole;
    ALTER TABLE kernel_fact_content_whole
        RENAME CONSTRAINT kernel_fact_content_pkey TO kernel_fact_content_whole_pkey;
    CREATE TABLE kernel_fact_content (
        fact_id bigint NOT NULL,
        recorded_at timestamptz NOT NULL,
        subject text NOT NULL,
        actor jsonb NOT NULL,
        data jsonb NOT NULL,
        salt bytea NOT NULL,
        CONSTRAINT kernel_fact_content_pkey PRIMARY KEY (fact_id, recorded_at),
        -- One header, hence one moment: a line has one content, whatever its month.
        CONSTRAINT kernel_fact_content_was_recorded_with_its_line
            FOREIGN KEY (fact_id, recorded_at) REFERENCES kernel_fact (id, recorded_at)
    ) PARTITION BY RANGE (recorded_at);
    PERFORM kernel_make_rest('kernel_fact_content');
    PERFORM kernel_make_month('kernel_fact_content', month)
        FROM (SELECT DISTINCT kernel_month_of(recorded_at) AS month FROM kernel_fact) AS known;
    INSERT INTO kernel_fact_content (fact_id, recorded_at, subject, actor, data, salt)
        SELECT fact_id, recorded_at, subject, actor, data, salt
        FROM kernel_fact_content_whole JOIN kernel_fact ON id = fact_id ORDER BY fact_id;
    DROP TABLE kernel_fact_content_whole;
    FOREACH words IN ARRAY coalesce(locks, '{}') LOOP
        EXECUTE words;
    END LOOP;
END $$;

CREATE TRIGGER kernel_fact_content_never_changes BEFORE UPDATE ON kernel_fact_content
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER kernel_fact_content_never_emptied BEFORE TRUNCATE ON kernel_fact_content
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER kernel_fact_content_purged_lawfully BEFORE DELETE ON kernel_fact_content
    FOR EACH ROW EXECUTE FUNCTION kernel_only_retention();

-- The months that left for an archive and did not come back. Retention alone can have said so.
CREATE FUNCTION kernel_archived(asked text)
RETURNS TABLE (month date, file text, lines bigint, digest text) LANGUAGE sql STABLE AS $$
    SELECT said.month, said.data->>'file', (said.data->>'lines')::bigint, said.data->>'digest'
    FROM (
        SELECT DISTINCT ON (content.data->>'month')
               (content.data->>'month')::date AS month, fact.kind, content.data
        FROM kernel_fact fact JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
        WHERE fact.kind IN ('kernel.month_archived', 'kernel.month_restored')
          AND fact.thread_id IS NULL AND content.data->>'table' = asked
          AND fact.digest = kernel_digest(content.salt, content.subject, content.actor, content.data)
        ORDER BY content.data->>'month', fact.id DESC
    ) AS said
    WHERE said.kind = 'kernel.month_archived'
$$;

-- What tells where a content went: it is never purged, and stays when its month leaves.
CREATE FUNCTION kernel_is_a_proof(kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind LIKE '%\_purged' OR kind IN ('kernel.month_archived', 'kernel.month_restored')
$$;

-- The only way to add a line. The head is locked first, so that numbers grow along each chain.
CREATE OR REPLACE FUNCTION kernel_append(
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
    -- Only retention may say that something was lawfully removed, or left for an archive.
    IF kernel_is_a_proof(the_kind) AND session_user IS DISTINCT FROM
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
    INSERT INTO kernel_fact_content (fact_id, recorded_at, subject, actor, data, salt)
        VALUES (the_id, the_moment, the_subject, the_actor, the_data, the_salt);
    UPDATE kernel_thread_head SET length = head.length + 1, last_id = the_id, hash = the_hash
        WHERE chain_id = the_chain;
    PERFORM pg_notify('thread', json_build_object(
        'id', the_id, 'kind', the_kind, 'thread', the_thread,
        'horizon', pg_snapshot_xmin(pg_current_snapshot())::text)::text);
    RETURN the_id;
END $$;

-- The first lines of chains that do not exist yet, with the hashes that kernel_append would give.
-- [{kind, thread, happened_at, origin, subject, actor, data, place}], place from 1 along a thread.
-- A chain that exists already is refused by its head's key, and nothing is written.
CREATE OR REPLACE FUNCTION kernel_begin_chains(lines jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    the_moment timestamptz := clock_timestamp();
    written bigint;
BEGIN
    IF EXISTS (SELECT FROM jsonb_to_recordset(lines) AS line(kind text, thread uuid)
               WHERE kernel_is_a_proof(line.kind) OR line.thread IS NULL) THEN
        RAISE EXCEPTION 'a chain begins with a thread, and not with a purge'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    WITH RECURSIVE drawn AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('kernel_fact', 'id')) AS id, listed.*
        FROM (
            SELECT line.*, uuid_send(gen_random_uuid()) AS salt
            FROM jsonb_to_recordset(lines) AS line(
                kind text, thread uuid, happened_at timestamptz, origin text, subject text,
                actor jsonb, data jsonb, place integer)
            ORDER BY line.place, line.thread
        ) AS listed
    ), line AS MATERIALIZED (
        SELECT drawn.*, kernel_digest(salt, subject, actor, data) AS digest FROM drawn
    ), knot AS (
        SELECT line.id, line.thread, line.place, ''::bytea AS previous,
            kernel_hash(''::bytea, line.id, line.kind, line.thread, line.thread,
                        line.happened_at, the_moment, line.origin, line.digest) AS hash
        FROM line WHERE line.place = 1
        UNION ALL
        SELECT line.id, line.thread, line.place, knot.hash,
            kernel_hash(knot.hash, line.id, line.kind, line.thread, line.thread,
                        line.happened_at, the_moment, line.origin, line.digest)
        FROM knot JOIN line ON line.thread = knot.thread AND line.place = knot.place + 1
    ), header AS (
        INSERT INTO kernel_fact (id, kind, chain_id, thread_id, happened_at, recorded_at, origin,
                                 transaction_id, digest, previous_hash, hash)
        SELECT line.id, line.kind, line.thread, line.thread, line.happened_at, the_moment,
               line.origin, pg_current_xact_id()::text::bigint, line.digest, knot.previous,
               knot.hash
        FROM line JOIN knot ON knot.id = line.id
    ), content AS (
        INSERT INTO kernel_fact_content (fact_id, recorded_at, subject, actor, data, salt)
        SELECT line.id, the_moment, line.subject, line.actor, line.data, line.salt
        FROM line JOIN knot ON knot.id = line.id
    ), head AS (
        INSERT INTO kernel_thread_head (chain_id, length, last_id, hash)
        SELECT DISTINCT ON (knot.thread) knot.thread, knot.place, knot.id, knot.hash
        FROM knot ORDER BY knot.thread, knot.place DESC
    )
    SELECT count(DISTINCT (thread, place)) INTO written FROM knot;
    IF written <> jsonb_array_length(lines) THEN
        RAISE EXCEPTION 'the places of a thread follow one another from 1'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN written;
END $$;

-- Lawful removal: run by the retention role; says in each thread what went, under which rule.
CREATE OR REPLACE FUNCTION kernel_purge(
    fact_ids bigint[], the_category text, the_rule text, the_moment timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY INVOKER SET search_path = public, pg_temp AS $$
DECLARE
    chain record;
    removed bigint := 0;
BEGIN
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

-- The faults of a chain, in order, and where its contents went: under which rule, to which archive.
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
        WHERE line.kind LIKE '%.content_purged'
          AND line.digest = kernel_digest(line.salt, line.subject, line.actor, line.data)
        GROUP BY 1
    ), archived AS (
        SELECT month, file FROM kernel_archived('kernel_fact_content')
    ), judged AS (
        SELECT line.id,
            CASE
                WHEN line.previous_hash <> line.expected_previous THEN 'link_broken'
                WHEN line.hash <> kernel_hash(line.previous_hash, line.id, line.kind, line.chain_id,
                        line.thread_id, line.happened_at, line.recorded_at, line.origin, line.digest)
                    THEN 'header_altered'
                WHEN line.content_id IS NULL AND purge.rule IS NULL AND archived.month IS NULL
                    THEN 'content_missing'
                WHEN line.content_id IS NOT NULL AND line.digest <> kernel_digest(
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

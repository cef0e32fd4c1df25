-- Whole sets at once: the beginnings of many chains, and what made-up data is drawn from.

-- A number drawn once and for all, from 0 to 1 excluded: the same for the same words, on any machine.
CREATE FUNCTION kernel_draw(what text, number bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT ('x' || left(md5(what || number), 8))::bit(32)::bigint / 4294967296.0
$$;

-- The identifier of a made-up row: ordered by its number, like those of real rows by their time.
CREATE FUNCTION kernel_made_up_id(family text, number bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT (lpad(to_hex(1600000000000 + number), 12, '0') || '7' || substr(digits, 1, 3)
        || '8' || substr(digits, 4, 15))::uuid
    FROM md5(family || number) AS digits
$$;

-- The first lines of chains that do not exist yet, with the hashes that kernel_append would give.
-- [{kind, thread, happened_at, origin, subject, actor, data, place}], place from 1 along a thread.
-- A chain that exists already is refused by its head's key, and nothing is written.
CREATE FUNCTION kernel_begin_chains(lines jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    the_moment timestamptz := clock_timestamp();
    written bigint;
BEGIN
    IF EXISTS (SELECT FROM jsonb_to_recordset(lines) AS line(kind text, thread uuid)
               WHERE line.kind LIKE '%\_purged' OR line.thread IS NULL) THEN
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
        INSERT INTO kernel_fact_content (fact_id, subject, actor, data, salt)
        SELECT line.id, line.subject, line.actor, line.data, line.salt
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

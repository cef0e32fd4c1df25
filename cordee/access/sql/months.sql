-- The trace and the previous states, parted by month (ADR 16).
DO $$
DECLARE
    locks constant text[] := kernel_locks_of('access_trace');
    reached constant bigint := (SELECT last_value FROM access_trace_id_seq);
    words text;
BEGIN
    DROP FUNCTION access_line_digest;
    ALTER TABLE access_trace RENAME TO access_trace_whole;
    ALTER TABLE access_trace_whole ALTER id DROP IDENTITY;
    ALTER TABLE access_trace_whole RENAME CONSTRAINT access_trace_pkey TO access_trace_whole_pkey;
    CREATE SEQUENCE access_trace_id_seq;
    CREATE TABLE access_trace (
        id bigint NOT NULL DEFAULT nextval('access_trace_id_seq'),
        at timestamptz NOT NULL DEFAULT statement_timestamp(),
        shard smallint GENERATED ALWAYS AS (id % 4) STORED,
        transaction_id bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
        kind text NOT NULL,
        verb text NOT NULL,
        role text NOT NULL,
        account_id uuid,
        practitioner_id uuid,
        organization_id uuid,
        purpose text NOT NULL,
        origin text NOT NULL,
        session text NOT NULL,
        subject_kind text NOT NULL,
        subject_id text NOT NULL,
        persons uuid[] NOT NULL,
        reason text NOT NULL,
        CONSTRAINT access_trace_pkey PRIMARY KEY (id, at)
    ) PARTITION BY RANGE (at);
    ALTER SEQUENCE access_trace_id_seq OWNED BY access_trace.id;
    PERFORM setval('access_trace_id_seq', reached);
    PERFORM kernel_make_rest('access_trace');
    PERFORM kernel_make_month('access_trace', month)
        FROM (SELECT DISTINCT kernel_month_of(at) AS month FROM access_trace_whole) AS known;
    INSERT INTO access_trace (id, at, transaction_id, kind, verb, role, account_id, practitioner_id,
        organization_id, purpose, origin, session, subject_kind, subject_id, persons, reason)
        SELECT id, at, transaction_id, kind, verb, role, account_id, practitioner_id,
        organization_id, purpose, origin, session, subject_kind, subject_id, persons, reason
        FROM access_trace_whole ORDER BY id;
    DROP TABLE access_trace_whole;
    FOREACH words IN ARRAY coalesce(locks, '{}') LOOP
        EXECUTE words;
    END LOOP;
END $$;

CREATE INDEX access_trace_by_person ON access_trace USING gin (persons) WITH (fastupdate = true);
CREATE INDEX access_trace_by_day ON access_trace USING brin (at);
CREATE INDEX access_trace_by_account ON access_trace (account_id, id);
CREATE INDEX access_trace_by_transaction ON access_trace (transaction_id, id);
CREATE INDEX access_trace_refused_by_source ON access_trace (session, at) WHERE kind = 'refused';

CREATE TRIGGER access_trace_never_changes BEFORE UPDATE ON access_trace
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER access_trace_purged_lawfully BEFORE DELETE ON access_trace
    FOR EACH ROW EXECUTE FUNCTION kernel_only_retention();
CREATE TRIGGER access_trace_never_emptied BEFORE TRUNCATE ON access_trace
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse();

CREATE FUNCTION access_line_digest(line access_trace) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        line.id, kernel_microseconds(line.at), line.shard, line.transaction_id, line.kind, line.verb,
        line.role, line.account_id, line.practitioner_id, line.organization_id, line.purpose,
        line.origin, line.session, line.subject_kind, line.subject_id, line.persons, line.reason
    )::text, 'UTF8'))
$$;

-- The faults of the sealed trace, in order; no row means that it holds as far as it is sealed.
CREATE OR REPLACE FUNCTION access_faults() RETURNS TABLE (
    month date, shard smallint, number bigint, line_id bigint, fault text
) LANGUAGE sql STABLE AS $$
    WITH seal AS (
        SELECT access_seal.*, lag(access_seal.hash, 1, ''::bytea) OVER w AS expected_previous,
               row_number() OVER w AS expected_number
        FROM access_seal WINDOW w AS (PARTITION BY access_seal.month, access_seal.shard
                                      ORDER BY access_seal.number)
    ), sealed_line AS (
        SELECT seal.month, seal.shard, seal.number, listed.line_id, listed.digest
        FROM seal, unnest(seal.line_ids, seal.line_digests) AS listed(line_id, digest)
    ), gone AS (
        SELECT told.value::date AS month
        FROM kernel_fact fact JOIN kernel_fact_content content
            ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at,
             jsonb_array_elements_text(content.data->'months') AS told(value)
        WHERE fact.kind = 'access.trace_purged' AND fact.digest = kernel_digest(
            content.salt, content.subject, content.actor, content.data)
        UNION SELECT archived.month FROM kernel_archived('access_trace') archived
    )
    SELECT month, shard, number, NULL::bigint, CASE
            WHEN previous_hash <> expected_previous OR number <> expected_number THEN 'link_broken'
            ELSE 'seal_altered' END
    FROM seal WHERE previous_hash <> expected_previous OR number <> expected_number
       OR hash <> access_seal_hash(previous_hash, month, shard, number, until_transaction,
                                   line_ids, line_digests, sealed_at)
    UNION ALL
    SELECT sealed_line.month, sealed_line.shard, sealed_line.number, sealed_line.line_id,
           CASE WHEN line.id IS NULL THEN 'line_missing' ELSE 'line_altered' END
    FROM sealed_line LEFT JOIN access_trace line ON line.id = sealed_line.line_id
    WHERE (line.id IS NULL AND sealed_line.month NOT IN (SELECT month FROM gone))
       OR (line.id IS NOT NULL AND access_line_digest(line) <> sealed_line.digest)
    UNION ALL
    SELECT date_trunc('month', line.at AT TIME ZONE 'UTC')::date, line.shard, NULL, line.id,
           'line_added'
    FROM access_trace line
    WHERE line.transaction_id < (SELECT coalesce(max(until_transaction), 0) FROM access_seal)
      AND NOT EXISTS (SELECT 1 FROM sealed_line WHERE sealed_line.line_id = line.id)
    ORDER BY 1, 2, 3 NULLS LAST, 4
$$;

-- The previous states. That each is kept once holds by the lock on the row whose trigger writes it.
DO $$
DECLARE
    locks constant text[] := kernel_locks_of('access_previous_state');
    reached constant bigint := (SELECT last_value FROM access_previous_state_id_seq);
    words text;
BEGIN
    ALTER TABLE access_previous_state RENAME TO access_previous_state_whole;
    ALTER TABLE access_previous_state_whole ALTER id DROP IDENTITY;
    ALTER TABLE access_previous_state_whole
        RENAME CONSTRAINT access_previous_state_pkey TO access_previous_state_whole_pkey;
    CREATE SEQUENCE access_previous_state_id_seq;
    CREATE TABLE access_previous_state (
        id bigint NOT NULL DEFAULT nextval('access_previous_state_id_seq'),
        table_name text NOT NULL,
        record_id uuid NOT NULL,
        version integer NOT NULL,
        replaced_at timestamptz NOT NULL,
        gesture jsonb NOT NULL,
        state jsonb NOT NULL,
        CONSTRAINT access_previous_state_pkey PRIMARY KEY (id, replaced_at)
    ) PARTITION BY RANGE (replaced_at);
    ALTER SEQUENCE access_previous_state_id_seq OWNED BY access_previous_state.id;
    PERFORM setval('access_previous_state_id_seq', reached);
    PERFORM kernel_make_rest('access_previous_state');
    PERFORM kernel_make_month('access_previous_state', month)
        FROM (SELECT DISTINCT kernel_month_of(replaced_at) AS month
              FROM access_previous_state_whole) AS known;
    INSERT INTO access_previous_state SELECT * FROM access_previous_state_whole ORDER BY id;
    DROP TABLE access_previous_state_whole;
    FOREACH words IN ARRAY coalesce(locks, '{}') LOOP
        EXECUTE words;
    END LOOP;
END $$;

CREATE INDEX access_state_of_record
    ON access_previous_state (table_name, record_id, version);

CREATE TRIGGER access_previous_state_never_changes BEFORE UPDATE ON access_previous_state
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER access_previous_state_purged_lawfully BEFORE DELETE ON access_previous_state
    FOR EACH ROW EXECUTE FUNCTION kernel_only_retention();
CREATE TRIGGER access_previous_state_never_emptied BEFORE TRUNCATE ON access_previous_state
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse();

SELECT kernel_make_months(3);

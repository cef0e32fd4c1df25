-- The directly-follows graph of a protocol: what each person passed right after what, from the entry to the exit.
-- Counts only, about nobody: it reads whole tables, and who asks masks what is small. A person counts once, by the
-- last pathway of theirs that began in the period; a pathway of a structure that was shut out is left out. A station is a place in the_stations; 0 is the entry, 999 the exit.
-- The line from 0 to 0 says how many persons entered.
CREATE OR REPLACE FUNCTION protocols_ways(
    the_protocol text, the_organizations uuid[], the_territory uuid, since timestamptz, until timestamptz, the_stations text[]
) RETURNS TABLE (origin integer, target integer, times bigint, persons bigint, median double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH chosen AS MATERIALIZED (
        SELECT DISTINCT ON (pathway.person_id) pathway.id, pathway.entered_at, pathway.left_at
        FROM protocols_pathway pathway
        WHERE pathway.protocol = the_protocol AND pathway.organization_id = ANY (the_organizations)
            AND pathway.entered_at >= since AND pathway.entered_at < until AND pathway.leaving <> 'shut_out'
            AND (the_territory IS NULL OR EXISTS (SELECT FROM people_person person
                WHERE person.id = pathway.person_id AND person.territory_id = the_territory))
        ORDER BY pathway.person_id, pathway.entered_at DESC, pathway.id
    ), passed AS (
        SELECT passage.pathway_id, chosen.entered_at, passage.at,
            array_position(the_stations, passage.station::text) AS here,
            lag(array_position(the_stations, passage.station::text)) OVER way AS before, lag(passage.at) OVER way AS since
        FROM protocols_passage passage JOIN chosen ON chosen.id = passage.pathway_id
        WHERE passage.station = ANY (the_stations) AND passage.at <= coalesce(chosen.left_at, 'infinity')
        WINDOW way AS (PARTITION BY passage.pathway_id ORDER BY passage.at, passage.fact, passage.station)
    ), gone AS (
        SELECT chosen.id, chosen.entered_at, chosen.left_at, last.at,
            coalesce(array_position(the_stations, last.station::text), 0) AS here
        FROM chosen LEFT JOIN LATERAL (
            SELECT passage.station, passage.at FROM protocols_passage passage
            WHERE passage.pathway_id = chosen.id AND passage.station = ANY (the_stations) AND passage.at <= chosen.left_at
            ORDER BY passage.pathway_id DESC, passage.at DESC, passage.fact DESC, passage.station DESC LIMIT 1
        ) last ON true
        WHERE chosen.left_at IS NOT NULL
    ), legs AS (
        SELECT 1000 * coalesce(before, 0) + here AS leg,
            extract(epoch FROM at - coalesce(since, entered_at))::float8 AS took,
            row_number() OVER (PARTITION BY pathway_id, 1000 * coalesce(before, 0) + here) = 1 AS is_first
        FROM passed
        UNION ALL
        SELECT 1000 * here + 999, extract(epoch FROM left_at - coalesce(at, entered_at))::float8, true FROM gone
    )
    SELECT leg / 1000, leg % 1000, count(*), count(*) FILTER (WHERE is_first),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY took)
    FROM legs GROUP BY leg
    UNION ALL SELECT 0, 0, count(*), count(*), NULL FROM chosen;
$$;

-- The latest lines of some threads with what they say, under the second lock: what `kernel_fact` and
-- `kernel_fact_content` show of themselves row by row, each asking whom the reader knows, asked here
-- once for a thread and a category. A test holds them together (people/test_lines_of_one.py).
-- The first lock names what it tells: categories, kinds of lines (`but_kinds`: and all the others
-- but these), and whose own choices.
CREATE FUNCTION people_thread_lines(the_threads uuid[], the_categories text[], the_kinds text[],
    but_kinds text[], the_owns uuid[], how_many int)
RETURNS TABLE (id bigint, kind text, thread_id uuid, happened_at timestamptz,
    recorded_at timestamptz, origin text, actor text, data text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    everything constant boolean := access_reads_everything();
    own_kinds constant text[] := ARRAY['people.sharing_changed', 'people.processing_changed',
        'people.emergency_choice_changed', 'people.hint_choice_changed',
        'people.own_space_opened', 'people.own_space_closed'];
    the_reads uuid[] := CASE WHEN access_reader() = 'person' THEN access_reader_persons() ELSE '{}' END;
BEGIN
    RETURN QUERY
    SELECT line.id, line.kind, line.thread_id, line.happened_at, line.recorded_at, line.origin,
        said.actor::text, said.data::text
    FROM (
        SELECT latest.* FROM unnest(the_threads) AS one(thread)
        CROSS JOIN LATERAL (SELECT ARRAY(
            SELECT category FROM unnest(the_categories) AS category
            WHERE people_reader_knows(people_surviving(one.thread), category)) AS read OFFSET 0) known
        CROSS JOIN LATERAL (
            SELECT fact.* FROM kernel_fact fact
            WHERE fact.chain_id = one.thread AND fact.thread_id IS NOT NULL
                AND (fact.kind = ANY (the_kinds) OR fact.kind <> ALL (but_kinds)
                    OR (fact.thread_id = ANY (the_owns) AND fact.kind = ANY (own_kinds)))
                AND (everything OR CASE WHEN fact.kind = ANY (own_kinds)
                    THEN fact.thread_id = ANY (the_reads)
                    ELSE people_category_of_fact(fact.kind) = ANY (known.read) END)
            ORDER BY fact.id DESC LIMIT how_many) latest
        ORDER BY latest.id DESC LIMIT how_many) line
    LEFT JOIN kernel_fact_content said
        ON said.fact_id = line.id AND said.recorded_at = line.recorded_at
    ORDER BY line.id DESC;
END $$;

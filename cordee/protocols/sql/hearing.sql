-- Each line of the thread of somebody who is on a pathway moves it: its job is queued in the same commit.
-- By the database and for a whole set of lines at once: whoever publishes asks nothing more, a room that
-- publishes a new kind tomorrow is heard, and the lines of all the others cost one look at an index.
-- What a pathway itself says of its ruptures moves none; neither do tasks.
CREATE FUNCTION protocols_hear() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    heard procrastinate_job_to_defer_v1[];
BEGIN
    SELECT array_agg(ROW('facts', 'cordee.protocols.jobs.hear', 0,
            'cordee.protocols.jobs:' || line.thread_id, NULL,
            jsonb_build_object('fact_id', line.id), NULL)::procrastinate_job_to_defer_v1
            ORDER BY line.id)
        INTO heard
        FROM lines AS line
        WHERE line.thread_id IS NOT NULL
            AND line.kind NOT LIKE 'protocols.rupture\_%' AND line.kind NOT LIKE 'pathways.task\_%'
            AND EXISTS (SELECT FROM protocols_pathway pathway
                WHERE pathway.person_id = coalesce((SELECT merged_into_id FROM people_person person
                        WHERE person.id = line.thread_id), line.thread_id)
                    AND (pathway.left_at IS NULL OR pathway.leaving IN ('exit', 'deceased')));
    IF heard IS NOT NULL THEN
        PERFORM procrastinate_defer_jobs_v1(heard);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER protocols_hear AFTER INSERT ON kernel_fact
    REFERENCING NEW TABLE AS lines FOR EACH STATEMENT EXECUTE FUNCTION protocols_hear();

-- The lines of the worklist, under the second lock: what `pathways_task` and `people_person` show of
-- themselves row by row, said here once for fifty rows of both. A test holds them together.
-- Whom the team follows, and nobody was told to keep away, is known without asking the function: on a
-- screen, where the worklist is. Of the software of a partner the function is always asked.
CREATE OR REPLACE VIEW pathways_shown_task WITH (security_barrier) AS
    SELECT task.id, task.kind, task.organization_id, task.role, task.urgency, task.since_at,
        task.due_at, task.sorts_at, task.person_id, task.assignee_id,
        person.used_first_name, person.first_name, person.first_names, person.birth_name,
        person.used_name, person.sex
    FROM pathways_task task
    CROSS JOIN LATERAL (SELECT (SELECT access_reader()) IN ('coordinator', 'orienteuse')
        AND (SELECT coalesce(current_setting('cordee.reader_medium', true), '')) IN ('', 'screen')
        AND EXISTS (SELECT FROM people_gate_stay WHERE person_id = task.person_id AND ground <> ''
            AND organization_id = ANY ((SELECT access_reader_organizations())::uuid[]))
        AND NOT EXISTS (SELECT FROM people_gate_sharing WHERE person_id = task.person_id
            AND category IN ('identity', 'coordination') AND audience = 'coordination'
            AND medium = 'screen')
        AND NOT EXISTS (SELECT FROM people_gate_processing
            WHERE person_id = task.person_id AND purpose = 'coordination')
        AND NOT EXISTS (SELECT FROM people_processingbasis
            WHERE purpose = 'coordination' AND basis = 'consent' AND until IS NULL)
        AS by_team OFFSET 0) known
    LEFT JOIN people_person person ON person.id = task.person_id
        AND ((SELECT access_reads_everything())
            OR (known.by_team AND person.merged_into_id IS NULL)
            OR people_reader_knows(coalesce(person.merged_into_id, person.id), 'identity'))
    WHERE (SELECT access_reads_everything()) OR (
        task.organization_id = ANY ((SELECT access_reader_organizations())::uuid[])
        AND (task.role IN ('', (SELECT access_reader()))
            OR (task.role = 'own' AND task.assignee_id = (SELECT access_reader_account())))
        AND CASE WHEN (SELECT access_reader()) = 'dpo' THEN task.role = 'dpo'
            WHEN (SELECT access_reader()) = 'home_help' THEN task.role = 'home_help'
                AND (task.person_id IS NULL OR people_reader_knows(task.person_id, 'coordination'))
            ELSE (SELECT access_reader()) IN ('coordinator', 'orienteuse', 'hospital')
                AND (task.person_id IS NULL OR known.by_team
                    OR people_reader_knows(task.person_id, 'coordination')) END);

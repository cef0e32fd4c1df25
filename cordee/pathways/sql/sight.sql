-- The order is walked here, and counted: beside the second lock, which would be asked of each row
-- before the order could be followed. What is shown is then read under it.
CREATE OR REPLACE VIEW pathways_gate_task AS
    SELECT id, organization_id, role, person_id, assignee_id, state, box, urgency, sorts_at,
           snoozed_until
    FROM pathways_task;

-- A task is its team's, about somebody whom the reader may know, or about nobody. One's own is
-- shown to whom it is given alone. A home help reads what is reserved to helpers.
SELECT access_lock('pathways_task', $$
    organization_id = ANY ((SELECT access_reader_organizations())::uuid[])
    AND (role IN ('', (SELECT access_reader()))
        OR (role = 'own' AND assignee_id = (SELECT access_reader_account())))
    AND CASE WHEN (SELECT access_reader()) = 'dpo' THEN role = 'dpo'
        WHEN (SELECT access_reader()) = 'home_help' THEN role = 'home_help'
            AND (person_id IS NULL OR people_reader_knows(person_id, 'coordination'))
        ELSE (SELECT access_reader()) IN ('coordinator', 'orienteuse', 'hospital')
            AND (person_id IS NULL OR people_reader_knows(person_id, 'coordination')) END$$);

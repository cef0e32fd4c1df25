-- Without a DPO in the house, the coordinators of the single number examine an emergency access.
SELECT access_lock('people_emergencygrant', $$
    account_id = (SELECT access_reader_account()) OR (SELECT access_reader()) = 'dpo'
    OR ((SELECT access_reader()) = 'coordinator'
        AND examiner_id = ANY (access_reader_organizations()))
    OR ((SELECT access_reader()) IN ('coordinator', 'orienteuse', 'person', 'relative')
        AND people_reader_knows(person_id, 'coordination'))$$);

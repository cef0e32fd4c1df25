-- A search is its team's, for somebody whom it may know. A professional is shown the question that
-- was put to them, not the search: what it says of itself, the house joins (`_with_the_search`).
SELECT access_lock('broker_solicitation', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse') AND (
        people_reader_knows(person_id, 'coordination')
        OR (organization_id = ANY ((SELECT access_reader_organizations())::uuid[])
            AND people_reader_knows(person_id, 'identity')))$$);
SELECT access_lock('broker_invitation', $$
    ((SELECT access_reader()) IN ('practitioner', 'guest')
        AND practitioner_id = (SELECT access_reader_practitioner()))
    OR ((SELECT access_reader()) IN ('coordinator', 'orienteuse') AND EXISTS (
        SELECT FROM broker_solicitation search WHERE search.id = solicitation_id))$$);
SELECT access_lock('broker_call', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse') AND EXISTS (
        SELECT FROM broker_solicitation search WHERE search.id = solicitation_id)$$);

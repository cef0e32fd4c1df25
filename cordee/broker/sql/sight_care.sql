-- A search says which care: its team reads it while somebody is sought or has just been found, and
-- afterwards as care that was entrusted to it; other teams read it as care.
SELECT access_lock('broker_solicitation', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse') AND (
        people_reader_knows(person_id, 'care')
        OR (organization_id = ANY ((SELECT access_reader_organizations())::uuid[]) AND (
            (state IN ('open', 'held', 'filled') AND people_reader_knows(person_id, 'coordination'))
            OR people_reader_is_entrusted(person_id))))$$);

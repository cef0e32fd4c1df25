-- The stays that past answers opened, and the searches of the past: what is known of them now.
SELECT set_config('cordee.gesture',
    '{"actor": {"role": "system"}, "verb": "broker.migrated", "origin": "job"}', true);
UPDATE broker_invitation SET stay = stay.id
FROM broker_solicitation search, people_circlemember stay
WHERE search.id = solicitation_id AND stay.person_id = search.person_id
  AND stay.practitioner_id = broker_invitation.practitioner_id
  AND stay.until IS NULL AND stay.since >= broker_invitation.answered_at
  AND broker_invitation.answer = 'accepted';
UPDATE broker_solicitation SET is_carried = false WHERE state IN ('cancelled', 'reopened');
SELECT set_config('cordee.gesture', '', true);

-- A search says which care: its team reads it while the request that it serves goes on, and afterwards
-- as care that was entrusted to it; other teams read it as care.
SELECT access_lock('broker_solicitation', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse') AND (
        people_reader_knows(person_id, 'care')
        OR (organization_id = ANY ((SELECT access_reader_organizations())::uuid[]) AND (
            (is_carried AND people_reader_knows(person_id, 'coordination'))
            OR people_reader_is_entrusted(person_id))))$$);

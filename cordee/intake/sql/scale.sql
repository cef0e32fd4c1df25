-- One made-up request for each made-up person: most are closed, some are being looked at.
INSERT INTO intake_carerequest (
    id, created_at, updated_at, version, channel, weight, state, kind, other_kinds, need, address,
    access_notes, begins_on, frequency, visit_times, prescription, prescriber, risks, risk_notes,
    chooses_nobody, delay, delay_by_hand, due_at, keeping, received_at, contacted_at, told_at,
    ended_at, proposals, end_reason, end_words, answer_words, criteria, call_seconds, commune_id,
    organization_id, person_id, profession)
SELECT kernel_made_up_id('request', number), received_at, received_at, 1, 'call', 'full',
    CASE WHEN is_live THEN 'received' ELSE 'closed' END,
    (%(kinds)s::text[])[1 + number %% cardinality(%(kinds)s::text[])], '{}', '', '', '',
    received_at::date, 'daily', '{}', 'yes', '', '{}', '', false, 'h72', false,
    received_at + interval '3 days', '', received_at, received_at,
    CASE WHEN NOT is_live THEN received_at + interval '1 day' END,
    CASE WHEN NOT is_live THEN received_at + interval '2 days' END,
    '{}', '', '', '', '{}', 40 + number %% 40, person.commune_id, place.organization_id, person.id,
    ''
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
CROSS JOIN LATERAL (
    SELECT kernel_draw('live', number) < 0.2 AS is_live,
           %(now)s - interval '1 year' * kernel_draw('received', number) AS received_at) AS drawn
JOIN people_person AS person ON person.id = kernel_made_up_id('person', number)
JOIN scale_place AS place ON place.code = person.commune_id;

-- Three made-up tasks for every two persons, all of them waiting.
INSERT INTO pathways_task (id, created_at, updated_at, version, kind, box, role, origin, state,
                           urgency, since_at, due_at, sorts_at, organization_id, person_id)
SELECT kernel_made_up_id('task ' || rank, number), %(now)s, %(now)s, 1, kind, box, '',
    'intake/request/' || kernel_made_up_id('request', number), 'open',
    floor(kernel_draw('urgency ' || rank, number) * 5)::int, since_at,
    since_at + interval '1 day', since_at + interval '1 day', place.organization_id, person.id
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
CROSS JOIN LATERAL (
    SELECT 1 AS rank, 'close_request' AS kind, 'tasks' AS box
    UNION ALL SELECT 2, 'call_back', 'tasks' WHERE number %% 4 = 0
    UNION ALL SELECT 2, 'review_stopped', 'alerts' WHERE number %% 4 = 2) AS task
CROSS JOIN LATERAL (
    SELECT %(now)s - interval '30 days' * kernel_draw('task ' || rank, number) AS since_at) AS drawn
JOIN people_person AS person ON person.id = kernel_made_up_id('person', number)
JOIN scale_place AS place ON place.code = person.commune_id;

-- What the threads say of it, from their first line.
SELECT kernel_begin_chains(jsonb_agg(jsonb_build_object(
    'kind', line.kind, 'thread', person.id, 'happened_at', request.received_at, 'origin', 'job',
    'subject', line.subject, 'actor', '{"role": "system"}'::jsonb, 'data', line.data,
    'place', line.place)))
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
JOIN people_person AS person ON person.id = kernel_made_up_id('person', number)
JOIN intake_carerequest AS request ON request.id = kernel_made_up_id('request', number)
CROSS JOIN LATERAL (VALUES
    (1, 'people.person_created', person.id, jsonb_build_object(
        'person_id', person.id, 'organization_id', request.organization_id)),
    (2, 'intake.request_received', request.id, jsonb_build_object(
        'person_id', person.id, 'request_id', request.id,
        'organization_id', request.organization_id, 'weight', request.weight))
) AS line(place, kind, subject, data);

-- The searches of requests that ended, and whose requesters know: nobody carries them any more.
SELECT set_config('cordee.gesture',
    '{"actor": {"role": "system"}, "verb": "pathways.migrated", "origin": "job"}', true);
UPDATE broker_solicitation SET is_carried = false
FROM intake_carerequest request
WHERE is_carried AND origin = 'intake/request/' || request.id
  AND NOT (request.state IN ('received', 'qualified', 'searching', 'found', 'confirmed')
    OR (request.state IN ('refused', 'cancelled', 'handed_on') AND request.told_at IS NULL));
SELECT set_config('cordee.gesture', '', true);

-- A request says of care: its desk carries it until it has ended and that was told, whatever was said
-- of care; once ended, and by who won it, it is read as care that was entrusted to them.
SELECT access_lock('intake_carerequest', $$
    ((SELECT access_reader()) IN ('coordinator', 'orienteuse')
        AND organization_id = ANY ((SELECT access_reader_organizations())::uuid[])
        AND (person_id IS NULL
            OR (people_reader_knows(person_id, 'coordination')
                AND (state IN ('received', 'qualified', 'searching', 'found', 'confirmed')
                    OR (state IN ('refused', 'cancelled', 'handed_on') AND told_at IS NULL)))
            OR people_reader_is_entrusted(person_id)))
    OR ((SELECT access_reader()) = 'practitioner'
        AND practitioner_id = (SELECT access_reader_practitioner())
        AND state IN ('found', 'confirmed', 'closed')
        AND people_reader_is_entrusted(person_id))$$);
-- What was typed of a call is its desk's, and follows the request that was made of it.
SELECT access_lock('intake_draft', $$
    (request_id IS NULL AND (SELECT access_reader()) IN ('coordinator', 'orienteuse')
        AND organization_id = ANY ((SELECT access_reader_organizations())::uuid[]))
    OR EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)$$);
-- What the desk noted of a request is the desk's: who won it reads the request and its documents.
SELECT access_lock('intake_telling', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse')
    AND EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)$$);
SELECT access_lock('intake_triageanswer', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse')
    AND EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)$$);
SELECT access_lock('intake_statuslink', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse')
    AND EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)$$);
SELECT access_lock('intake_hold', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse')
    AND (EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)
        OR (request_id IS NULL
            AND EXISTS (SELECT FROM intake_draft draft WHERE draft.id = draft_id)))$$);

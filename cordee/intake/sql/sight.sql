-- A request is its desk's, for somebody whom it may know or nobody yet; or of who won it.
SELECT access_lock('intake_carerequest', $$
    ((SELECT access_reader()) IN ('coordinator', 'orienteuse')
        AND organization_id = ANY ((SELECT access_reader_organizations())::uuid[])
        AND (person_id IS NULL OR people_reader_knows(person_id, 'coordination')))
    OR ((SELECT access_reader()) = 'practitioner'
        AND practitioner_id = (SELECT access_reader_practitioner())
        AND state IN ('found', 'confirmed', 'closed')
        AND people_reader_knows(person_id, 'coordination'))$$);
SELECT access_lock('intake_draft', $$
    ((SELECT access_reader()) IN ('coordinator', 'orienteuse')
        AND organization_id = ANY ((SELECT access_reader_organizations())::uuid[]))
    OR EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)$$);
-- What hangs from a request follows it.
SELECT access_lock('intake_wish',
    'EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)');
SELECT access_lock('intake_telling',
    'EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)');
SELECT access_lock('intake_triageanswer',
    'EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)');
SELECT access_lock('intake_statuslink',
    'EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)');
SELECT access_lock('intake_hold', $$
    EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)
    OR (request_id IS NULL AND EXISTS (SELECT FROM intake_draft draft WHERE draft.id = draft_id))$$);
SELECT access_lock('intake_document', $$
    EXISTS (SELECT FROM intake_carerequest request WHERE request.id = request_id)
    OR (request_id IS NULL AND EXISTS (
        SELECT FROM intake_draft draft WHERE draft.id = draft_id AND (draft.request_id IS NULL
            OR EXISTS (SELECT FROM intake_carerequest request
                       WHERE request.id = draft.request_id))))$$);

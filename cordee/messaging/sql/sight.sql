-- A message is its desk's; what concerns nobody waits for no lock.
SELECT access_lock('messaging_message', $$
    (person_id IS NULL AND (SELECT access_reader()) <> '')
    OR (SELECT access_reader()) IN ('coordinator', 'orienteuse')
    AND organization_id = ANY ((SELECT access_reader_organizations())::uuid[])$$);
SELECT access_lock('messaging_deliveryreceipt',
    'EXISTS (SELECT FROM messaging_message message WHERE message.id = message_id)');

-- The second lock, where records were brought together: an absorbed one is known as its survivor.
SELECT access_lock('people_person',
    $$people_reader_knows(coalesce(merged_into_id, id), 'identity')$$);
SELECT access_lock('people_candidate', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse')
    AND people_reader_knows(one_id, 'coordination')
    AND people_reader_knows(other_id, 'coordination')$$);
SELECT access_lock('people_merge', $$
    (SELECT access_reader()) IN ('coordinator', 'orienteuse')
    AND people_reader_knows(survivor_id, 'coordination')$$);
SELECT access_lock('people_mergestep', 'false');
SELECT access_lock('kernel_fact', $$
    CASE WHEN thread_id IS NULL THEN (SELECT access_reader()) <> ''
        WHEN kind IN ('people.sharing_changed', 'people.processing_changed',
            'people.emergency_choice_changed', 'people.own_space_opened', 'people.own_space_closed')
        THEN (SELECT access_reader()) = 'person'
            AND thread_id = ANY ((SELECT access_reader_persons())::uuid[])
        ELSE people_reader_knows(people_surviving(thread_id), people_category_of_fact(kind)) END$$);
SELECT access_lock('access_trace', $$
    (SELECT access_reader()) = 'dpo' OR account_id = (SELECT access_reader_account())
    OR persons && (SELECT people_family(people_reader_voices()))$$);

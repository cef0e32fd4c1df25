-- What speaks of nobody, as the first lock tells it: who was given which role, to who keeps the
-- house and who audits it; of the rest a page hears that it moved (`web.live`), and reads no line.
SELECT access_lock('kernel_fact', $$
    CASE WHEN thread_id IS NULL
        THEN kind IN ('directory.membership_given', 'directory.membership_ended')
            AND (SELECT access_reader()) IN ('dpo', 'administrator')
        WHEN kind IN ('people.sharing_changed', 'people.processing_changed',
            'people.emergency_choice_changed', 'people.hint_choice_changed',
            'people.own_space_opened', 'people.own_space_closed')
        THEN (SELECT access_reader()) = 'person'
            AND thread_id = ANY ((SELECT access_reader_persons())::uuid[])
        ELSE people_reader_knows(people_surviving(thread_id), people_category_of_fact(kind)) END$$);

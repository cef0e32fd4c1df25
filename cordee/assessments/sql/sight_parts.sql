-- Read as the evaluation that it belongs to; by who asks and who is asked, while they follow her.
SELECT access_lock('assessments_askedpart', $$
    people_reader_knows(person_id, category)
    OR ((SELECT access_reader_account()) IN (guest_id, asked_by_id)
        AND (SELECT current_setting('cordee.reader_purpose', true)) <> 'emergency'
        AND people_reader_knows(person_id, 'coordination'))$$);

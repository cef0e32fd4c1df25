-- An evaluation is read by the category of its questionnaire; a draft by its author alone, while
-- they follow her, and never through the emergency door.
SELECT access_lock('assessments_questionnaireresponse', $$
    (status <> 'in-progress' AND people_reader_knows(person_id, category))
    OR (author_id = (SELECT access_reader_account())
        AND (SELECT current_setting('cordee.reader_purpose', true)) <> 'emergency'
        AND people_reader_knows(person_id, 'coordination'))$$);

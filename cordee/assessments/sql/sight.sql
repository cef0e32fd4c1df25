-- An evaluation is read by the category of its questionnaire; a draft by its author alone, while
-- they follow her, and never through the emergency door.
SELECT access_lock('assessments_questionnaireresponse', $$
    (status <> 'in-progress' AND people_reader_knows(person_id, category))
    OR (author_id = (SELECT access_reader_account())
        AND (SELECT current_setting('cordee.reader_purpose', true)) <> 'emergency'
        AND people_reader_knows(person_id, 'coordination'))$$);

-- The lines of evaluations, each by the category that it tells.
CREATE OR REPLACE FUNCTION people_category_of_fact(kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE kind
        WHEN 'people.person_created' THEN 'identity'
        WHEN 'people.identity_changed' THEN 'identity'
        WHEN 'people.mental_health_note_written' THEN 'mental_health'
        WHEN 'people.social_note_written' THEN 'social'
        WHEN 'assessments.response_completed' THEN 'care'
        WHEN 'assessments.response_corrected' THEN 'care'
        WHEN 'assessments.response_withdrawn' THEN 'care'
        WHEN 'assessments.mental_health_response_completed' THEN 'mental_health'
        WHEN 'assessments.mental_health_response_corrected' THEN 'mental_health'
        WHEN 'assessments.mental_health_response_withdrawn' THEN 'mental_health'
        WHEN 'assessments.social_response_completed' THEN 'social'
        WHEN 'assessments.social_response_corrected' THEN 'social'
        WHEN 'assessments.social_response_withdrawn' THEN 'social'
        ELSE 'coordination' END
$$;

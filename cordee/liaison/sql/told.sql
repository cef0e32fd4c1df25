-- The lines of notes, each by the category that it tells; those of evaluations as they were.
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
        WHEN 'assessments.reassessment_due' THEN 'care'
        WHEN 'assessments.mental_health_reassessment_due' THEN 'mental_health'
        WHEN 'assessments.social_reassessment_due' THEN 'social'
        WHEN 'liaison.care_note_written' THEN 'care'
        WHEN 'liaison.care_note_corrected' THEN 'care'
        WHEN 'liaison.care_note_withdrawn' THEN 'care'
        WHEN 'liaison.care_note_read' THEN 'care'
        WHEN 'liaison.mental_health_note_written' THEN 'mental_health'
        WHEN 'liaison.mental_health_note_corrected' THEN 'mental_health'
        WHEN 'liaison.mental_health_note_withdrawn' THEN 'mental_health'
        WHEN 'liaison.social_note_written' THEN 'social'
        WHEN 'liaison.social_note_corrected' THEN 'social'
        WHEN 'liaison.social_note_withdrawn' THEN 'social'
        ELSE 'coordination' END
$$;

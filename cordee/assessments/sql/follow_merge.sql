-- An evaluation follows the merges of its person, as every table that hangs from a person.
CREATE OR REPLACE TRIGGER follows_merge
    BEFORE INSERT OR UPDATE OF person_id ON assessments_questionnaireresponse
    FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION people_follow_merge();

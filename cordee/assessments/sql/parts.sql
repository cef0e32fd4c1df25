-- A part that somebody gave is kept as it was, like what is whole.
CREATE OR REPLACE FUNCTION assessments_completed_is_never_rewritten() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    beside text[] := ARRAY['version', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status = 'in-progress' OR access_is_retention() THEN
            RETURN OLD;
        END IF;
    ELSE
        IF people_is_merging() THEN
            beside := beside || 'person_id'::text;
        END IF;
        IF OLD.status IN ('completed', 'amended', 'part') AND NEW.status = 'entered-in-error' THEN
            beside := beside || 'status'::text;
        END IF;
        IF OLD.status = 'in-progress' OR to_jsonb(NEW) - beside = to_jsonb(OLD) - beside THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a completed evaluation is never rewritten: write the correction'
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'assessments_completed_is_never_rewritten';
END $$;

-- What was asked of somebody stays as they read it; it is answered by them alone, with something
-- that they gave.
CREATE FUNCTION assessments_asked_part_is_answered_by_its_guest() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    beside text[] := ARRAY['version', 'updated_at', 'answer_id', 'ended_at', 'ended_by_id'];
BEGIN
    IF TG_OP = 'INSERT' AND NEW.category IS DISTINCT FROM (
            SELECT category FROM assessments_questionnaire WHERE id = NEW.questionnaire_id) THEN
        RAISE EXCEPTION 'a part is read as its questionnaire is'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'assessments_asked_part_is_read_as_its_questionnaire';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF people_is_merging() THEN
            beside := beside || 'person_id'::text;
        END IF;
        IF to_jsonb(NEW) - beside <> to_jsonb(OLD) - beside THEN
            RAISE EXCEPTION 'what was asked of somebody is not rewritten: take it back, ask again'
                USING ERRCODE = 'check_violation',
                    CONSTRAINT = 'assessments_asked_part_is_never_rewritten';
        END IF;
    END IF;
    IF NEW.answer_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM assessments_questionnaireresponse given WHERE given.id = NEW.answer_id
            AND given.author_id = NEW.guest_id AND given.status <> 'in-progress') THEN
        RAISE EXCEPTION 'a part is answered by who was asked, with what they gave'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'assessments_asked_part_is_answered_by_its_guest';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_asked_part_is_answered_by_its_guest
    BEFORE INSERT OR UPDATE ON assessments_askedpart
    FOR EACH ROW EXECUTE FUNCTION assessments_asked_part_is_answered_by_its_guest();

CREATE OR REPLACE TRIGGER follows_merge
    BEFORE INSERT OR UPDATE OF person_id ON assessments_askedpart
    FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION people_follow_merge();

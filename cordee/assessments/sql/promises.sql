-- A questionnaire in use never changes: what was answered to it would mean something else.
CREATE FUNCTION assessments_published_is_never_rewritten() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    beside constant text[] := ARRAY['status', 'retired_at', 'version', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status = 'draft' OR access_is_retention() THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.status = 'draft' OR to_jsonb(NEW) = to_jsonb(OLD) OR (
        OLD.status = 'active' AND NEW.status = 'retired' AND NEW.retired_at IS NOT NULL
        AND to_jsonb(NEW) - beside = to_jsonb(OLD) - beside) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published questionnaire is never rewritten: publish another edition'
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'assessments_published_is_never_rewritten';
END $$;

CREATE TRIGGER assessments_published_is_never_rewritten
    BEFORE UPDATE OR DELETE ON assessments_questionnaire
    FOR EACH ROW EXECUTE FUNCTION assessments_published_is_never_rewritten();

-- A completed evaluation is never rewritten: it may only be said to have been entered in error. A
-- merge of persons moves it, and retention alone erases it. A draft is its author's to change.
CREATE FUNCTION assessments_completed_is_never_rewritten() RETURNS trigger
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
        IF OLD.status IN ('completed', 'amended') AND NEW.status = 'entered-in-error' THEN
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

CREATE TRIGGER assessments_completed_is_never_rewritten
    BEFORE UPDATE OR DELETE ON assessments_questionnaireresponse
    FOR EACH ROW EXECUTE FUNCTION assessments_completed_is_never_rewritten();

-- An evaluation is read as its questionnaire is, whoever writes it; it keeps its edition, and its
-- author.
CREATE FUNCTION assessments_response_is_read_as_its_questionnaire() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.questionnaire_id, NEW.author_id)
            IS NOT DISTINCT FROM (OLD.questionnaire_id, OLD.author_id)
        AND NEW.category = OLD.category THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' AND NEW.category = (
            SELECT category FROM assessments_questionnaire WHERE id = NEW.questionnaire_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an evaluation keeps its questionnaire, its author and who may read it'
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'assessments_response_is_read_as_its_questionnaire';
END $$;

CREATE TRIGGER assessments_response_is_read_as_its_questionnaire
    BEFORE INSERT OR UPDATE ON assessments_questionnaireresponse
    FOR EACH ROW EXECUTE FUNCTION assessments_response_is_read_as_its_questionnaire();

-- One begins only what is in use; a correction stays in its edition. Who retires it meanwhile is
-- waited for.
CREATE FUNCTION assessments_draft_begins_in_an_edition_in_use() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM assessments_questionnaire
        WHERE id = NEW.questionnaire_id AND status = 'active' FOR SHARE;
    IF FOUND THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a questionnaire that is not in use is not begun'
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'assessments_draft_begins_in_an_edition_in_use';
END $$;

CREATE TRIGGER assessments_draft_begins_in_an_edition_in_use
    BEFORE INSERT ON assessments_questionnaireresponse
    FOR EACH ROW WHEN (NEW.status = 'in-progress' AND NEW.corrects_id IS NULL)
    EXECUTE FUNCTION assessments_draft_begins_in_an_edition_in_use();

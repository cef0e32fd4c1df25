-- Two editions are compared when they are of one instrument; what was said of them is taken back, never rewritten.
CREATE FUNCTION assessments_comparable_editions_are_of_one_instrument() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    beside constant text[] := ARRAY['version', 'updated_at', 'withdrawn_at', 'withdrawn_by_id'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.withdrawn_at IS NULL AND to_jsonb(NEW) - beside = to_jsonb(OLD) - beside THEN
            RETURN NEW;
        END IF;
    ELSIF EXISTS (
        SELECT FROM assessments_questionnaire one JOIN assessments_questionnaire other
            ON other.url = one.url AND other.name = one.name
        WHERE one.id = NEW.edition_id AND other.id = NEW.before_id
            AND one.status <> 'draft' AND other.status <> 'draft') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'editions that compare are published, and of one instrument'
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'assessments_comparable_editions_are_of_one_instrument';
END $$;
CREATE TRIGGER assessments_comparable_editions_are_of_one_instrument
    BEFORE INSERT OR UPDATE ON assessments_comparableeditions
    FOR EACH ROW EXECUTE FUNCTION assessments_comparable_editions_are_of_one_instrument();

-- A choice is never rewritten: it may only end.
CREATE FUNCTION people_choice_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.until IS NULL AND NEW.until IS NOT NULL
        AND to_jsonb(NEW) - 'until' - 'version' - 'updated_at'
          = to_jsonb(OLD) - 'until' - 'version' - 'updated_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a choice of a person is never rewritten nor erased: record the new one'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'people_choice_only_ends';
END $$;

CREATE FUNCTION people_note_is_never_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a protected note is never rewritten: write the correction'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'people_note_is_never_rewritten';
END $$;

CREATE TRIGGER people_only_ends BEFORE UPDATE OR DELETE ON people_information
    FOR EACH ROW EXECUTE FUNCTION people_choice_only_ends();
CREATE TRIGGER people_only_ends BEFORE UPDATE OR DELETE ON people_sharing
    FOR EACH ROW EXECUTE FUNCTION people_choice_only_ends();
CREATE TRIGGER people_only_ends BEFORE UPDATE OR DELETE ON people_processing
    FOR EACH ROW EXECUTE FUNCTION people_choice_only_ends();
CREATE TRIGGER people_only_ends BEFORE UPDATE OR DELETE ON people_emergencyopposition
    FOR EACH ROW EXECUTE FUNCTION people_choice_only_ends();
CREATE TRIGGER people_only_ends BEFORE UPDATE OR DELETE ON people_processingbasis
    FOR EACH ROW EXECUTE FUNCTION people_choice_only_ends();
CREATE TRIGGER people_never_rewritten BEFORE UPDATE OR DELETE ON people_protectednote
    FOR EACH ROW EXECUTE FUNCTION people_note_is_never_rewritten();

-- What was marked is kept as it was sent: only what became of it is added, and a merge followed.
CREATE FUNCTION vigilance_visit_is_never_rewritten() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    may_change text[] := ARRAY['person_id', 'planned_id', 'status', 'seen_at', 'seen_by_id', 'answer',
        'answered_at', 'updated_at', 'version'];
BEGIN
    IF TG_OP = 'DELETE' AND access_is_retention() THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - may_change = to_jsonb(NEW) - may_change THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a visit that was marked is never rewritten'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'vigilance_visit_is_never_rewritten';
END $$;
CREATE TRIGGER vigilance_never_rewritten BEFORE UPDATE OR DELETE ON vigilance_visit
    FOR EACH ROW EXECUTE FUNCTION vigilance_visit_is_never_rewritten();

-- What was put aside stays word for word, until it is answered, once.
CREATE FUNCTION vigilance_refused_is_never_rewritten() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    may_change text[] := ARRAY['answer', 'answered_at', 'answered_by_id', 'updated_at', 'version'];
BEGIN
    IF TG_OP = 'DELETE' AND access_is_retention() THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - may_change = to_jsonb(NEW) - may_change
        AND OLD.answered_at IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was put aside stays word for word, and is answered once'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'vigilance_refused_is_never_rewritten';
END $$;
CREATE TRIGGER vigilance_never_rewritten BEFORE UPDATE OR DELETE ON vigilance_refusedvisit
    FOR EACH ROW EXECUTE FUNCTION vigilance_refused_is_never_rewritten();

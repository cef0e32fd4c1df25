-- What was approved is what people are watched by: it never changes. It is retired, and stays.
CREATE FUNCTION protocols_approved_is_never_rewritten() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    beside constant text[] := ARRAY['state', 'retired_at', 'version', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state IN ('draft', 'proposed') THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.state IN ('draft', 'proposed') OR to_jsonb(NEW) = to_jsonb(OLD) OR (
        OLD.state = 'approved' AND NEW.state = 'retired' AND NEW.retired_at IS NOT NULL
        AND to_jsonb(NEW) - beside = to_jsonb(OLD) - beside) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an approved protocol is never rewritten: write the next version'
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'protocols_approved_is_never_rewritten';
END $$;

CREATE TRIGGER protocols_approved_is_never_rewritten
    BEFORE UPDATE OR DELETE ON protocols_protocolversion
    FOR EACH ROW EXECUTE FUNCTION protocols_approved_is_never_rewritten();

-- Approving is reading what somebody else proposed: a text that was proposed, as it was, and by an
-- account that wrote none of it.
CREATE FUNCTION protocols_what_is_approved_was_proposed_by_others() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'proposed' AND NEW.digest = OLD.digest AND NEW.text = OLD.text
        AND NEW.writers = OLD.writers AND NEW.author_id = ANY (NEW.writers)
        AND NOT (NEW.approved_by_id = ANY (NEW.writers)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a protocol is approved as it was proposed, by who wrote none of it'
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'protocols_what_is_approved_was_proposed_by_others';
END $$;

CREATE TRIGGER protocols_what_is_approved_was_proposed_by_others
    BEFORE UPDATE ON protocols_protocolversion
    FOR EACH ROW WHEN (NEW.state = 'approved' AND OLD.state <> 'approved')
    EXECUTE FUNCTION protocols_what_is_approved_was_proposed_by_others();

-- One alert is open per person and signal. Two records that are merged may each have theirs: the one
-- that comes stands beside, and is closed like any other.
CREATE UNIQUE INDEX vigilance_alert_is_open_once_per_person_and_signal
    ON vigilance_alert (person_id, signal) WHERE closed_at IS NULL AND NOT beside;

CREATE FUNCTION vigilance_alert_stands_beside() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.beside := NEW.closed_at IS NULL AND EXISTS (
        SELECT FROM vigilance_alert other
        WHERE other.person_id = NEW.person_id AND other.signal = NEW.signal
            AND other.closed_at IS NULL AND NOT other.beside AND other.id <> NEW.id);
    RETURN NEW;
END $$;
CREATE TRIGGER vigilance_stands_beside BEFORE UPDATE OF person_id ON vigilance_alert
    FOR EACH ROW WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id)
    EXECUTE FUNCTION vigilance_alert_stands_beside();

-- A closed alert stays as it was judged: its record is made of them.
CREATE FUNCTION vigilance_closed_alert_stays_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    moves text[] := ARRAY['person_id', 'beside', 'updated_at', 'version'];
BEGIN
    IF OLD.closed_at IS NULL OR to_jsonb(OLD) - moves = to_jsonb(NEW) - moves THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a closed alert stays closed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'vigilance_closed_alert_stays_closed';
END $$;
CREATE TRIGGER vigilance_closed_stays_closed BEFORE UPDATE ON vigilance_alert
    FOR EACH ROW EXECUTE FUNCTION vigilance_closed_alert_stays_closed();

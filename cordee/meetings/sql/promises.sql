-- What was held or cancelled stays so, whoever writes at the same moment.
CREATE FUNCTION meetings_meeting_ends_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'planned' AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'a meeting that was held or cancelled stays so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meetings_meeting_ends_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meetings_ends_once BEFORE UPDATE OF state ON meetings_meeting
    FOR EACH ROW EXECUTE FUNCTION meetings_meeting_ends_once();

-- A decision is of a meeting that was held, which is kept so meanwhile.
CREATE FUNCTION meetings_decision_is_of_a_meeting_held() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM meetings_meeting
        WHERE id = NEW.meeting_id AND state = 'held' FOR SHARE) THEN
        RAISE EXCEPTION 'a decision is taken in a meeting that was held'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'meetings_decision_is_of_a_meeting_held';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meetings_decision_of_held BEFORE INSERT OR UPDATE OF meeting_id ON meetings_decision
    FOR EACH ROW EXECUTE FUNCTION meetings_decision_is_of_a_meeting_held();

-- A plan and its lines go with the whole record alone: what is taken away leaves the page, not the table.
CREATE FUNCTION plans_is_never_erased() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF access_is_retention() THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a line of a plan is taken away, never erased'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'plans_is_never_erased';
END $$;

CREATE TRIGGER plans_never_erased BEFORE DELETE ON plans_careplan
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_erased();
CREATE TRIGGER plans_never_erased BEFORE DELETE ON plans_need
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_erased();
CREATE TRIGGER plans_never_erased BEFORE DELETE ON plans_goal
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_erased();
CREATE TRIGGER plans_never_erased BEFORE DELETE ON plans_activity
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_erased();
CREATE TRIGGER plans_never_erased BEFORE DELETE ON plans_alertstep
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_erased();

-- Looked at when the transaction ends: an agreement taken back is kept with the end of what it allowed, or not at all.
CREATE FUNCTION plans_taking_back_ends_what_was_agreed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.decision NOT IN ('agreed', 'discussed') AND EXISTS (
        SELECT FROM plans_planversion frozen
        JOIN plans_careplan plan ON plan.id = frozen.plan_id AND plan.in_force = frozen.number
        WHERE frozen.id = NEW.frozen_id) THEN
        RAISE EXCEPTION 'what the person takes her agreement back from stops in the same breath'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'plans_taking_back_ends_what_was_agreed';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER plans_taken_back_is_over AFTER INSERT ON plans_agreement
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION plans_taking_back_ends_what_was_agreed();

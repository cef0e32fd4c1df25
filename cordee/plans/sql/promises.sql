-- What was shown, what was said of it, what was answered and judged: kept as it was.
CREATE FUNCTION plans_is_never_rewritten() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND access_is_retention() THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what a plan showed and what was said of it is never rewritten: add to it'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'plans_is_never_rewritten';
END $$;

CREATE TRIGGER plans_never_rewritten BEFORE UPDATE OR DELETE ON plans_planversion
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_rewritten();
CREATE TRIGGER plans_never_rewritten BEFORE UPDATE OR DELETE ON plans_versionpart
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_rewritten();
CREATE TRIGGER plans_never_rewritten BEFORE UPDATE OR DELETE ON plans_agreement
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_rewritten();
CREATE TRIGGER plans_never_rewritten BEFORE UPDATE OR DELETE ON plans_actionanswer
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_rewritten();
CREATE TRIGGER plans_never_rewritten BEFORE UPDATE OR DELETE ON plans_review
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_rewritten();
CREATE TRIGGER plans_never_rewritten BEFORE UPDATE OR DELETE ON plans_goalreview
    FOR EACH ROW EXECUTE FUNCTION plans_is_never_rewritten();

-- Nothing is under way that the person did not agree to: the last word that counts on the version is yes.
CREATE FUNCTION plans_nothing_under_way_without_agreement() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.in_force IS NOT NULL AND 'agreed' IS DISTINCT FROM (
        SELECT said.decision FROM plans_agreement said
        JOIN plans_planversion frozen ON frozen.id = said.frozen_id
        WHERE frozen.plan_id = NEW.id AND frozen.number = NEW.in_force
            AND said.decision <> 'discussed'
        ORDER BY said.said_at DESC, said.id DESC LIMIT 1) THEN
        RAISE EXCEPTION 'nothing of a plan is under way without the agreement of the person'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'plans_nothing_under_way_without_agreement';
    END IF;
    IF NEW.in_force IS NULL AND EXISTS (
        SELECT FROM plans_activity WHERE plan_id = NEW.id AND phase = 'active') THEN
        RAISE EXCEPTION 'actions stop before the plan that they belong to'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'plans_nothing_under_way_without_agreement';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plans_nothing_without_agreement BEFORE INSERT OR UPDATE OF in_force, state
    ON plans_careplan FOR EACH ROW EXECUTE FUNCTION plans_nothing_under_way_without_agreement();

-- The plan is held while an action begins: whoever takes the agreement back waits, then stops it.
CREATE FUNCTION plans_action_begins_under_a_plan() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.phase = 'active' AND NOT EXISTS (
        SELECT FROM plans_careplan WHERE id = NEW.plan_id AND in_force IS NOT NULL FOR SHARE) THEN
        RAISE EXCEPTION 'an action is under way in a plan that is agreed to'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plans_action_begins_under_a_plan';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plans_action_under_a_plan BEFORE INSERT OR UPDATE OF phase ON plans_activity
    FOR EACH ROW EXECUTE FUNCTION plans_action_begins_under_a_plan();

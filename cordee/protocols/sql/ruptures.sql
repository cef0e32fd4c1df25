-- Nobody waits for what belongs to a pathway that was left. The pathway is held meanwhile: whoever leaves
-- it waits, then lifts the rupture that was being found.
CREATE FUNCTION protocols_rupture_waits_on_a_pathway() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.standing IN ('at_risk', 'late') AND NOT EXISTS (
        SELECT FROM protocols_pathway WHERE id = NEW.pathway_id AND left_at IS NULL FOR SHARE) THEN
        RAISE EXCEPTION 'a rupture waits only on a pathway that the person has not left'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'protocols_rupture_waits_on_a_pathway';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER protocols_rupture_on_a_pathway BEFORE INSERT OR UPDATE OF standing ON protocols_rupture
    FOR EACH ROW EXECUTE FUNCTION protocols_rupture_waits_on_a_pathway();

CREATE FUNCTION protocols_pathway_is_left_without_ruptures() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.left_at IS NOT NULL AND EXISTS (SELECT FROM protocols_rupture
        WHERE pathway_id = NEW.id AND standing IN ('at_risk', 'late')) THEN
        RAISE EXCEPTION 'the ruptures of a pathway end before the person leaves it'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'protocols_pathway_is_left_without_ruptures';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER protocols_pathway_left BEFORE INSERT OR UPDATE OF left_at ON protocols_pathway
    FOR EACH ROW EXECUTE FUNCTION protocols_pathway_is_left_without_ruptures();

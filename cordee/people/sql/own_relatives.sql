-- A relative enters the circle of their own person, and not once taken away. Held against who takes
-- them away at this moment. A merge moves both, one after the other; undone, it may leave them apart.
-- Named to come after `follows_merge`, which says whose circle it is.
CREATE FUNCTION people_circle_welcomes_its_own_relatives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF people_is_merging() THEN
        RETURN NEW;
    END IF;
    PERFORM FROM people_relative WHERE id = NEW.relative_id AND person_id = NEW.person_id
        AND (ended_at IS NULL OR NEW.until IS NOT NULL) FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a circle welcomes the relatives of its own person, while they are there'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'people_circle_welcomes_its_own_relatives';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER people_circle_welcomes_its_own_relatives
    BEFORE INSERT OR UPDATE OF person_id, relative_id ON people_circlemember
    FOR EACH ROW WHEN (NEW.relative_id IS NOT NULL)
    EXECUTE FUNCTION people_circle_welcomes_its_own_relatives();

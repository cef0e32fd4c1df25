-- Persons follow their territory: when it is closed, whoever takes it over has them, in the same
-- transaction. Whoever writes a person meanwhile waits, then writes where the territory went.
CREATE FUNCTION people_hand_to_the_heir() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.heir_id IS NOT NULL THEN
        UPDATE people_person SET territory_id = NEW.heir_id, updated_at = clock_timestamp()
        WHERE territory_id = NEW.id;
    ELSIF EXISTS (SELECT 1 FROM people_person WHERE territory_id = NEW.id) THEN
        RAISE EXCEPTION 'persons hang from this territory'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'people_person_is_of_an_open_territory';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER hands_persons_over AFTER UPDATE OF closed_on ON directory_territory
    FOR EACH ROW WHEN (OLD.closed_on IS NULL AND NEW.closed_on IS NOT NULL)
    EXECUTE FUNCTION people_hand_to_the_heir();

CREATE FUNCTION people_follow_territory() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    closed date;
    taker uuid;
BEGIN
    LOOP
        SELECT closed_on, heir_id INTO closed, taker FROM directory_territory
            WHERE id = NEW.territory_id FOR SHARE;
        EXIT WHEN closed IS NULL;
        NEW.territory_id := taker;
        EXIT WHEN taker IS NULL;
    END LOOP;
    RETURN NEW;
END $$;

CREATE TRIGGER follows_territory BEFORE INSERT OR UPDATE OF territory_id ON people_person
    FOR EACH ROW WHEN (NEW.territory_id IS NOT NULL) EXECUTE FUNCTION people_follow_territory();

-- A merge moves what hangs from a person, and undoing it moves it back: nothing else may.
CREATE FUNCTION people_is_merging() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('cordee.gesture', true), '')::jsonb->>'verb', '')
        IN ('people.merge', 'people.undo_merge')
$$;

-- A choice is never rewritten: it may only end. A merge gives it to the surviving record.
CREATE OR REPLACE FUNCTION people_choice_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.until IS NULL AND NEW.until IS NOT NULL
        AND to_jsonb(NEW) - 'until' - 'version' - 'updated_at'
          = to_jsonb(OLD) - 'until' - 'version' - 'updated_at' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND people_is_merging()
        AND to_jsonb(NEW) - 'person_id' - 'until' - 'version' - 'updated_at'
          = to_jsonb(OLD) - 'person_id' - 'until' - 'version' - 'updated_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a choice of a person is never rewritten nor erased: record the new one'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'people_choice_only_ends';
END $$;

CREATE OR REPLACE FUNCTION people_note_is_never_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND people_is_merging()
        AND to_jsonb(NEW) - 'person_id' - 'version' - 'updated_at'
          = to_jsonb(OLD) - 'person_id' - 'version' - 'updated_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a protected note is never rewritten: write the correction'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'people_note_is_never_rewritten';
END $$;

-- The record that speaks for a record today: itself, or the one that absorbed it.
CREATE FUNCTION people_surviving(the_person uuid) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT merged_into_id FROM people_person WHERE id = the_person), the_person)
$$;

-- A record and those that it absorbed.
CREATE FUNCTION people_family(the_persons uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT the_persons || ARRAY(SELECT id FROM people_person
                                WHERE merged_into_id = ANY (the_persons) ORDER BY id)
$$;

-- Nothing new hangs from an absorbed record: whoever still held it in hand writes to the survivor.
CREATE FUNCTION people_follow_merge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    survivor uuid;
BEGIN
    SELECT merged_into_id INTO survivor FROM people_person WHERE id = NEW.person_id FOR KEY SHARE;
    NEW.person_id := coalesce(survivor, NEW.person_id);
    RETURN NEW;
END $$;

CREATE FUNCTION people_absorbed_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.merged_into_id IS NOT NULL AND NOT people_is_merging() THEN
        RAISE EXCEPTION 'an absorbed record changes no more: change the one that absorbed it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'people_absorbed_is_closed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER people_absorbed_is_closed BEFORE UPDATE ON people_person
    FOR EACH ROW EXECUTE FUNCTION people_absorbed_is_closed();

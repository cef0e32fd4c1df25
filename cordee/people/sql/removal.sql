-- What is never rewritten nor erased goes with its record, by retention alone.
CREATE OR REPLACE FUNCTION people_choice_only_ends() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND access_is_retention() THEN
        RETURN OLD;
    END IF;
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

CREATE OR REPLACE FUNCTION people_note_is_never_rewritten() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND access_is_retention() THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND people_is_merging()
        AND to_jsonb(NEW) - 'person_id' - 'version' - 'updated_at'
          = to_jsonb(OLD) - 'person_id' - 'version' - 'updated_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a protected note is never rewritten: write the correction'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'people_note_is_never_rewritten';
END $$;

-- A claim holds a record with those that it absorbed, and the one that absorbed it.
CREATE OR REPLACE FUNCTION access_hold(the_persons uuid[]) RETURNS uuid[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('cordee.held', (the_persons || people_family(
        ARRAY(SELECT people_surviving(one) FROM unnest(the_persons) AS one)))::text, false);
    RETURN ARRAY(SELECT one FROM unnest(the_persons) AS one
        WHERE NOT EXISTS (SELECT FROM people_person WHERE id = one)
            AND NOT EXISTS (SELECT FROM kernel_fact WHERE chain_id = one));
END $$;

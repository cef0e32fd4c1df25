-- Equipment and what is tried tell of care: who may know of her care reads them.
SELECT access_lock('vigilance_equipment', $$people_reader_knows(person_id, 'coordination')
    AND people_reader_knows(person_id, 'care')$$);
SELECT access_lock('vigilance_equipmentstep', $$people_reader_knows(person_id, 'coordination')
    AND people_reader_knows(person_id, 'care')$$);
SELECT access_lock('vigilance_trial', $$people_reader_knows(person_id, 'coordination')
    AND people_reader_knows(person_id, 'care')$$);

-- A step stays as it was said; a merge is followed.
CREATE FUNCTION vigilance_step_stays_as_said() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    moves text[] := ARRAY['person_id', 'updated_at', 'version'];
BEGIN
    IF TG_OP = 'DELETE' AND access_is_retention() THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - moves = to_jsonb(NEW) - moves THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a step of an equipment request stays as it was said'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'vigilance_step_stays_as_said';
END $$;
CREATE TRIGGER vigilance_stays_as_said BEFORE UPDATE OR DELETE ON vigilance_equipmentstep
    FOR EACH ROW EXECUTE FUNCTION vigilance_step_stays_as_said();

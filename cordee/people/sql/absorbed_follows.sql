-- An absorbed record changes no more, but it goes with its territory when that one is closed.
-- Before the row is written its generated columns are empty: they are not compared.
CREATE OR REPLACE FUNCTION people_absorbed_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    beside text[];
BEGIN
    IF OLD.merged_into_id IS NULL OR people_is_merging() THEN
        RETURN NEW;
    END IF;
    beside := ARRAY['territory_id', 'version', 'updated_at']
        || ARRAY(SELECT attname::text FROM pg_attribute
                 WHERE attrelid = TG_RELID AND attgenerated <> '');
    IF to_jsonb(NEW) - beside <> to_jsonb(OLD) - beside THEN
        RAISE EXCEPTION 'an absorbed record changes no more: change the one that absorbed it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'people_absorbed_is_closed';
    END IF;
    RETURN NEW;
END $$;

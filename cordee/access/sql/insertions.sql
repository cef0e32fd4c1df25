-- Records are inserted by the million: whether a gesture is under way is asked once a statement, and
-- a new row begins at its first version without a function called for each. See records.sql.
CREATE FUNCTION access_written_by_a_gesture() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('cordee.gesture', true), '') = '' THEN
        RAISE EXCEPTION '% may only be written by an action', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION access_first_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := 1;
    RETURN NEW;
END $$;

-- Give a table its triggers, once.
CREATE OR REPLACE FUNCTION access_arm(the_table regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER begins_with_a_gesture BEFORE INSERT ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION access_written_by_a_gesture()', the_table);
    EXECUTE format('CREATE OR REPLACE TRIGGER begins_history BEFORE INSERT ON %s FOR EACH ROW
        WHEN (NEW.version IS DISTINCT FROM 1) EXECUTE FUNCTION access_first_version()', the_table);
    EXECUTE format('CREATE OR REPLACE TRIGGER keeps_history BEFORE UPDATE OR DELETE ON %s
        FOR EACH ROW EXECUTE FUNCTION access_keep_history()', the_table);
END $$;

-- Records: refused outside of a gesture; versions counted; previous states kept.
CREATE FUNCTION access_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gesture text := current_setting('cordee.gesture', true);
BEGIN
    IF coalesce(gesture, '') = '' THEN
        RAISE EXCEPTION '% may only be written by an action', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'version' - 'updated_at'
                          = to_jsonb(OLD) - 'version' - 'updated_at' THEN
        NEW.version := OLD.version;
        RETURN NEW;
    END IF;
    INSERT INTO access_previous_state (table_name, record_id, version, replaced_at, gesture, state)
        VALUES (TG_TABLE_NAME, OLD.id, OLD.version, clock_timestamp(), gesture::jsonb, to_jsonb(OLD));
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;

-- Give a table its trigger, once.
CREATE FUNCTION access_arm(the_table regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE ON %s
        FOR EACH ROW EXECUTE FUNCTION access_keep_history()', 'keeps_history', the_table);
END $$;

CREATE TRIGGER access_previous_state_never_changes BEFORE UPDATE ON access_previous_state
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse();
CREATE TRIGGER access_previous_state_purged_lawfully BEFORE DELETE ON access_previous_state
    FOR EACH ROW EXECUTE FUNCTION kernel_only_retention();
CREATE TRIGGER access_previous_state_never_emptied BEFORE TRUNCATE ON access_previous_state
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse();

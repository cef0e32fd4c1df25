-- Whatever changes says when: who asks « since » is told of it, however it was written. A plan alone
-- is dated by its services, of what is told: moved by what few read, it would tell everybody of the
-- rest. See erased.sql.
CREATE OR REPLACE FUNCTION access_keep_history() RETURNS trigger
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
        IF to_jsonb(OLD) ? 'person_id' AND NOT access_is_retention() THEN
            PERFORM access_mark_erased(TG_TABLE_NAME, OLD.id);
        END IF;
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    IF NEW.updated_at = OLD.updated_at AND TG_TABLE_NAME <> 'plans_careplan' THEN
        NEW.updated_at := greatest(access_now(), OLD.updated_at + interval '1 microsecond');
    END IF;
    RETURN NEW;
END $$;

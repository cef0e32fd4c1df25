-- Every table that hangs from a person follows its merges. Safe to run again.
DO $$
DECLARE
    hanging regclass;
BEGIN
    FOR hanging IN
        SELECT link.conrelid FROM pg_constraint link
        JOIN pg_attribute the_column ON the_column.attrelid = link.conrelid
            AND the_column.attnum = link.conkey[1] AND the_column.attname = 'person_id'
        WHERE link.contype = 'f' AND link.confrelid = 'people_person'::regclass
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR UPDATE OF person_id ON %s
            FOR EACH ROW WHEN (NEW.person_id IS NOT NULL)
            EXECUTE FUNCTION people_follow_merge()', 'follows_merge', hanging);
    END LOOP;
END $$;

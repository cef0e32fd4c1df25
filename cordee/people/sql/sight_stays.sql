-- A stay in hospital is read by who reads the lines of the thread that told it.
SELECT access_lock('people_hospitalstay', $$people_reader_knows(person_id, 'coordination')$$);

-- It follows the merges of whom it is about (see follow_merge.sql).
CREATE OR REPLACE TRIGGER follows_merge BEFORE INSERT OR UPDATE OF person_id ON people_hospitalstay
    FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION people_follow_merge();

-- A thread is about one person: where its opening goes, its replies go, those written since a merge too.
CREATE FUNCTION liaison_thread_follows_its_opening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE liaison_note SET person_id = NEW.person_id, updated_at = NEW.updated_at
    WHERE thread_id = NEW.id AND id <> NEW.id AND person_id <> NEW.person_id;
    RETURN NULL;
END $$;
CREATE TRIGGER liaison_thread_follows AFTER UPDATE OF person_id ON liaison_note
    FOR EACH ROW WHEN (NEW.thread_id = NEW.id)
    EXECUTE FUNCTION liaison_thread_follows_its_opening();

-- What opens a thread answers nothing and corrects nothing: of the hundreds of a history nothing is asked.
CREATE OR REPLACE TRIGGER liaison_stands_in_its_thread BEFORE INSERT ON liaison_note
    FOR EACH ROW WHEN (NEW.thread_id <> NEW.id OR NEW.corrects_id IS NOT NULL)
    EXECUTE FUNCTION liaison_note_stands_in_its_thread();

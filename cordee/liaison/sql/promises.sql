-- What was written is kept as it was: a correction is another note, a withdrawal says why, once.
CREATE FUNCTION liaison_is_never_rewritten() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    may_change text[] := ARRAY['person_id', 'withdrawn_at', 'withdrawn_why', 'updated_at', 'version'];
BEGIN
    IF TG_OP = 'DELETE' AND access_is_retention() THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - may_change = to_jsonb(NEW) - may_change
        AND (to_jsonb(OLD)->>'withdrawn_at' IS NULL
            OR to_jsonb(OLD)->'withdrawn_at' = to_jsonb(NEW)->'withdrawn_at'
            AND to_jsonb(OLD)->'withdrawn_why' = to_jsonb(NEW)->'withdrawn_why') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a note that was written is never rewritten: correct it by another'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'liaison_is_never_rewritten';
END $$;
CREATE TRIGGER liaison_never_rewritten BEFORE UPDATE OR DELETE ON liaison_note
    FOR EACH ROW EXECUTE FUNCTION liaison_is_never_rewritten();
CREATE TRIGGER liaison_never_rewritten BEFORE UPDATE OR DELETE ON liaison_noteread
    FOR EACH ROW EXECUTE FUNCTION liaison_is_never_rewritten();
CREATE TRIGGER liaison_never_rewritten BEFORE UPDATE OR DELETE ON liaison_contact
    FOR EACH ROW EXECUTE FUNCTION liaison_is_never_rewritten();

-- One level of replies, about the same person and read by the same readers; what was taken back is
-- corrected no more. The first note of the thread is held, so that nobody takes it elsewhere meanwhile.
CREATE FUNCTION liaison_note_stands_in_its_thread() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    opening liaison_note;
    former liaison_note;
BEGIN
    IF NEW.thread_id <> NEW.id THEN
        SELECT * INTO opening FROM liaison_note WHERE id = NEW.thread_id FOR SHARE;
        IF opening.thread_id IS DISTINCT FROM opening.id OR opening.person_id <> NEW.person_id
            OR opening.category <> NEW.category THEN
            RAISE EXCEPTION 'a reply stands under the first note of its thread, for the same readers'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'liaison_note_stands_in_its_thread';
        END IF;
    END IF;
    IF NEW.corrects_id IS NOT NULL THEN
        SELECT * INTO former FROM liaison_note WHERE id = NEW.corrects_id FOR SHARE;
        IF former.withdrawn_at IS NOT NULL OR former.author_id <> NEW.author_id
            OR former.thread_id <> NEW.thread_id OR former.is_reply <> NEW.is_reply THEN
            RAISE EXCEPTION 'a note that stands is corrected in its place, by its author'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'liaison_note_stands_in_its_thread';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER liaison_stands_in_its_thread BEFORE INSERT ON liaison_note
    FOR EACH ROW EXECUTE FUNCTION liaison_note_stands_in_its_thread();

-- What is taken back is what stands: not what its author corrected since.
CREATE FUNCTION liaison_what_was_corrected_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM liaison_note WHERE corrects_id = NEW.id) THEN
        RAISE EXCEPTION 'a note that was corrected is withdrawn by its correction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'liaison_what_was_corrected_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER liaison_corrected_stays BEFORE UPDATE OF withdrawn_at ON liaison_note
    FOR EACH ROW WHEN (NEW.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS NULL)
    EXECUTE FUNCTION liaison_what_was_corrected_stays();

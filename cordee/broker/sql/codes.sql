-- The codes in use: a code is alone on its phone from when it is asked until it is let go, whatever
-- wrote the question. One row a phone and code, found by a B-tree: the exclusion of overlapping periods
-- said the same, and was two thirds of what a question cost. Two that come at once wait for each
-- other at the row; the second sees the first and is refused.
CREATE FUNCTION broker_held_code(phone text, code text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$ SELECT md5(phone || ' ' || code)::uuid $$;

CREATE FUNCTION broker_code_is_taken() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a code in use on its phone violates "%"',
        'broker_invitation_code_is_alone_on_its_phone'
        USING ERRCODE = 'exclusion_violation', TABLE = 'broker_invitation',
              CONSTRAINT = 'broker_invitation_code_is_alone_on_its_phone';
END $$;

-- Of a whole statement, in one order for all, so that two of them wait one way only.
CREATE FUNCTION broker_hold_codes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted bigint := (SELECT count(*) FROM asked WHERE channel = 'text');
    held bigint;
BEGIN
    WITH kept AS (
        INSERT INTO broker_heldcode AS former (id, invitation, asked_at, until)
        SELECT DISTINCT ON (1) broker_held_code(phone, code), asked.id, asked_at, code_until
        FROM asked WHERE channel = 'text' ORDER BY 1
        ON CONFLICT (id) DO UPDATE SET invitation = excluded.invitation,
            asked_at = excluded.asked_at, until = excluded.until
        WHERE former.until <= excluded.asked_at
        RETURNING 1
    ) SELECT count(*) INTO held FROM kept;
    IF held < wanted THEN
        PERFORM broker_code_is_taken();
    END IF;
    RETURN NULL;
END $$;

-- Of a question that changes its phone, its code or its time, or goes.
CREATE FUNCTION broker_move_code() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.channel = 'text' THEN
        DELETE FROM broker_heldcode
            WHERE id = broker_held_code(OLD.phone, OLD.code) AND invitation = OLD.id;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.channel <> 'text' THEN
        RETURN NULL;
    END IF;
    INSERT INTO broker_heldcode AS former (id, invitation, asked_at, until)
        VALUES (broker_held_code(NEW.phone, NEW.code), NEW.id, NEW.asked_at, NEW.code_until)
        ON CONFLICT (id) DO UPDATE SET invitation = excluded.invitation,
            asked_at = excluded.asked_at, until = excluded.until
        WHERE former.until <= excluded.asked_at;
    IF NOT FOUND THEN
        PERFORM broker_code_is_taken();
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER holds_codes AFTER INSERT ON broker_invitation
    REFERENCING NEW TABLE AS asked FOR EACH STATEMENT EXECUTE FUNCTION broker_hold_codes();
CREATE TRIGGER moves_its_code
    AFTER UPDATE OF channel, phone, code, asked_at, code_until ON broker_invitation FOR EACH ROW
    WHEN ((OLD.channel, OLD.phone, OLD.code, OLD.asked_at, OLD.code_until)
        IS DISTINCT FROM (NEW.channel, NEW.phone, NEW.code, NEW.asked_at, NEW.code_until))
    EXECUTE FUNCTION broker_move_code();
CREATE TRIGGER lets_its_code_go AFTER DELETE ON broker_invitation
    FOR EACH ROW EXECUTE FUNCTION broker_move_code();

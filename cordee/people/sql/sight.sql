-- The second lock: `persons_of` said again, apart from the first, for when the code forgets to ask.

-- What the first lock is judged by, whoever reads: columns of its conditions only, no content.
CREATE VIEW people_gate_person AS
    SELECT id, birth_date, protection, territory_id, ins, phone, other_phone, search_keys, name_key
    FROM people_person;
CREATE VIEW people_gate_relative AS
    SELECT id, has_parental_authority, is_representative, ended_at FROM people_relative;
CREATE VIEW people_gate_stay AS
    SELECT id, person_id, practitioner_id, organization_id, ground FROM people_circlemember
    WHERE until IS NULL;
CREATE VIEW people_gate_space AS
    SELECT id, person_id, account_id, relative_id, since, until FROM people_personaccount;
CREATE VIEW people_gate_information AS
    SELECT id, person_id FROM people_information;
CREATE VIEW people_gate_sharing AS
    SELECT id, person_id, category, audience, medium, choice, speaker FROM people_sharing
    WHERE until IS NULL;
CREATE VIEW people_gate_processing AS
    SELECT id, person_id, purpose, will FROM people_processing WHERE until IS NULL;
CREATE VIEW people_gate_grant AS
    SELECT id, person_id, account_id, expires_at FROM people_emergencygrant WHERE ended_at IS NULL;
CREATE VIEW people_gate_opposition AS
    SELECT id, person_id FROM people_emergencyopposition WHERE until IS NULL;

-- Whom the reader speaks for: the person herself, a parent of a minor, a legal representative.
CREATE FUNCTION people_reader_voices() RETURNS uuid[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    CASE access_reader()
    WHEN 'person' THEN
        RETURN access_reader_persons();
    WHEN 'relative' THEN
        RETURN coalesce((
            SELECT array_agg(DISTINCT person.id)
            FROM people_person person
            JOIN people_personaccount space ON space.person_id = person.id
            JOIN people_relative relative ON relative.id = space.relative_id
            WHERE person.id = ANY (access_reader_persons())
              AND space.account_id = access_reader_account()
              AND space.until IS NULL AND relative.ended_at IS NULL
              AND ((relative.has_parental_authority AND people_is_minor(person.birth_date))
                OR (relative.is_representative AND people_is_represented(person.protection)))
        ), '{}');
    ELSE
        RETURN '{}';
    END CASE;
END $$;

CREATE FUNCTION people_is_minor(birth_date date) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT birth_date > ((now() AT TIME ZONE 'Europe/Paris') - interval '18 years')::date
$$;

CREATE FUNCTION people_is_represented(protection text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT protection IN ('guarded', 'family', 'mandate')
$$;

-- Refusing coordination makes coordination and the desk blind.
CREATE FUNCTION people_coordination_goes_on(the_person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    the_will text;
BEGIN
    SELECT will INTO the_will FROM public.people_gate_processing
        WHERE person_id = the_person AND purpose = 'coordination';
    RETURN the_will IS DISTINCT FROM 'refused' AND (
        the_will IS NOT DISTINCT FROM 'accepted' OR NOT EXISTS (
            SELECT FROM public.people_processingbasis
            WHERE purpose = 'coordination' AND basis = 'consent' AND until IS NULL));
END $$;

-- What an audience was told about a category: 'opposed', 'consented' (and it holds), or nothing.
CREATE FUNCTION people_said_to(the_person uuid, the_category text, the_audience text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    said record;
BEGIN
    SELECT choice, speaker INTO said FROM public.people_gate_sharing
        WHERE person_id = the_person AND category = the_category AND audience = the_audience
          AND medium = 'screen';
    IF NOT FOUND OR said.choice = 'opposed' THEN
        RETURN said.choice;
    END IF;
    IF said.choice = 'consented' AND (said.speaker = 'person' OR EXISTS (
        SELECT FROM public.people_gate_person person WHERE person.id = the_person AND (
            (said.speaker = 'parent' AND public.people_is_minor(person.birth_date))
            OR (said.speaker = 'representative'
                AND public.people_is_represented(person.protection))))) THEN
        RETURN 'consented';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION people_audience_of(profession text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN profession IN (
        '10', '21', '26', '28', '31', '32', '40', '50', '60', '69', '70', '80', '81', '82', '83',
        '84', '85', '86', '91', '92', '94', '95', '96', '98') THEN 'health' ELSE 'social' END
$$;

CREATE FUNCTION people_audience_of_reader() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE current_setting('cordee.reader', true)
        WHEN 'coordinator' THEN 'coordination'
        WHEN 'orienteuse' THEN 'coordination'
        WHEN 'home_help' THEN 'home_help'
        WHEN 'practitioner' THEN public.people_audience_of(
            current_setting('cordee.reader_profession', true))
        WHEN 'hospital' THEN public.people_audience_of(
            current_setting('cordee.reader_profession', true))
    END
$$;

CREATE FUNCTION people_circle_knows(the_person uuid, the_category text, the_audience text)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    in_circle boolean;
    in_team boolean;
    said text;
BEGIN
    SELECT count(*) > 0, coalesce(bool_or(ground <> ''), false) INTO in_circle, in_team
        FROM public.people_gate_stay
        WHERE person_id = the_person
          AND (organization_id = ANY (public.access_reader_organizations())
            OR (current_setting('cordee.reader', true) IN ('practitioner', 'hospital')
                AND practitioner_id = public.access_reader_practitioner()));
    IF NOT in_circle THEN
        RETURN false;
    END IF;
    said := public.people_said_to(the_person, the_category, the_audience);
    IF said = 'opposed'
        OR (the_audience = 'coordination' AND NOT public.people_coordination_goes_on(the_person)) THEN
        RETURN false;
    END IF;
    IF said = 'consented' THEN
        RETURN true;
    END IF;
    RETURN in_team AND (the_category IN ('identity', 'coordination')
        OR (the_category = 'care' AND the_audience IN ('health', 'coordination') AND EXISTS (
            SELECT FROM public.people_gate_information WHERE person_id = the_person)));
END $$;

-- The least view of the desk: who lives in the territory of the single number.
CREATE FUNCTION people_desk_knows(the_person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.people_gate_person WHERE id = the_person
                   AND territory_id = ANY (public.access_reader_territories()))
        AND public.people_said_to(the_person, 'identity', 'desk') IS DISTINCT FROM 'opposed'
        AND public.people_coordination_goes_on(the_person);
END $$;

CREATE FUNCTION people_relative_knows(the_person uuid, the_category text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    said text := public.people_said_to(the_person, the_category, 'relatives');
BEGIN
    IF the_person <> ALL (public.access_reader_persons()) OR said = 'opposed' THEN
        RETURN false;
    END IF;
    IF the_category NOT IN ('mental_health', 'social')
        AND the_person = ANY (public.people_reader_voices()) THEN
        RETURN true;
    END IF;
    RETURN said = 'consented' AND EXISTS (
        SELECT FROM public.people_gate_space space
        LEFT JOIN public.people_gate_relative relative ON relative.id = space.relative_id
        WHERE space.person_id = the_person AND space.until IS NULL AND relative.ended_at IS NULL
          AND space.account_id = public.access_reader_account());
END $$;

CREATE FUNCTION people_emergency_knows(the_person uuid, the_category text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN the_category IN ('identity', 'coordination', 'care')
        AND EXISTS (SELECT FROM public.people_gate_grant WHERE person_id = the_person
                    AND account_id = public.access_reader_account()
                    AND expires_at > statement_timestamp())
        AND NOT EXISTS (SELECT FROM public.people_gate_opposition WHERE person_id = the_person);
END $$;

-- Most of what is asked, in one step: the care team, which nobody was told to keep away.
CREATE FUNCTION people_team_knows(the_person uuid, the_category text, the_audience text)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    the_organizations uuid[] := current_setting('cordee.reader_organizations', true)::uuid[];
    the_practitioner uuid := CASE
        WHEN current_setting('cordee.reader', true) IN ('practitioner', 'hospital')
        THEN nullif(current_setting('cordee.reader_practitioner', true), '')::uuid END;
BEGIN
    RETURN EXISTS (SELECT FROM public.people_gate_stay
            WHERE person_id = the_person AND ground <> ''
              AND (organization_id = ANY (the_organizations)
                OR practitioner_id = the_practitioner))
        AND NOT EXISTS (SELECT FROM public.people_gate_sharing
            WHERE person_id = the_person AND category = the_category
              AND audience = the_audience AND medium = 'screen')
        AND (the_audience <> 'coordination' OR NOT (
            EXISTS (SELECT FROM public.people_gate_processing
                WHERE person_id = the_person AND purpose = 'coordination')
            OR EXISTS (SELECT FROM public.people_processingbasis
                WHERE purpose = 'coordination' AND basis = 'consent' AND until IS NULL)));
END $$;

-- Whether the reader of this session may know this category of information about this person.
CREATE FUNCTION people_reader_knows(the_person uuid, the_category text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    the_reader text := coalesce(current_setting('cordee.reader', true), '');
    the_audience text := public.people_audience_of_reader();
BEGIN
    IF the_reader = '' OR the_person IS NULL THEN
        RETURN false;
    END IF;
    IF the_reader = 'person' THEN
        RETURN the_person = ANY (public.access_reader_persons());
    END IF;
    IF the_reader = 'relative' THEN
        RETURN public.people_relative_knows(the_person, the_category);
    END IF;
    IF the_audience IS NOT NULL AND (
        (the_category IN ('identity', 'coordination')
            AND public.people_team_knows(the_person, the_category, the_audience))
        OR public.people_circle_knows(the_person, the_category, the_audience)) THEN
        RETURN true;
    END IF;
    IF the_reader = 'orienteuse' AND the_category = 'identity'
        AND public.people_desk_knows(the_person) THEN
        RETURN true;
    END IF;
    RETURN current_setting('cordee.reader_purpose', true) = 'emergency'
        AND public.people_emergency_knows(the_person, the_category);
END $$;

SELECT access_lock('people_person', $$people_reader_knows(id, 'identity')$$);
SELECT access_lock('people_relative', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('people_circlemember', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('people_information', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('people_sharing', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('people_processing', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('people_emergencyopposition', $$people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('people_personaccount', $$
    account_id = (SELECT access_reader_account())
    OR people_reader_knows(person_id, 'coordination')$$);
SELECT access_lock('people_emergencygrant', $$
    account_id = (SELECT access_reader_account()) OR (SELECT access_reader()) = 'dpo'
    OR ((SELECT access_reader()) IN ('coordinator', 'orienteuse', 'person', 'relative')
        AND people_reader_knows(person_id, 'coordination'))$$);
SELECT access_lock('people_protectednote', $$
    people_reader_knows(person_id, category)
    OR (author_id = (SELECT access_reader_account())
        AND (SELECT current_setting('cordee.reader_purpose', true)) <> 'emergency'
        AND people_reader_knows(person_id, 'coordination'))$$);

-- The thread, each line by the category it tells; what speaks of nobody is hidden from nobody.
CREATE FUNCTION people_category_of_fact(kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE kind
        WHEN 'people.person_created' THEN 'identity'
        WHEN 'people.identity_changed' THEN 'identity'
        WHEN 'people.mental_health_note_written' THEN 'mental_health'
        WHEN 'people.social_note_written' THEN 'social'
        ELSE 'coordination' END
$$;
SELECT access_lock('kernel_fact', $$
    CASE WHEN thread_id IS NULL THEN (SELECT access_reader()) <> ''
        WHEN kind IN ('people.sharing_changed', 'people.processing_changed',
            'people.emergency_choice_changed', 'people.own_space_opened', 'people.own_space_closed')
        THEN (SELECT access_reader()) = 'person'
            AND thread_id = ANY ((SELECT access_reader_persons())::uuid[])
        ELSE people_reader_knows(thread_id, people_category_of_fact(kind)) END$$);
SELECT access_lock('kernel_fact_content',
    'EXISTS (SELECT FROM kernel_fact line WHERE line.id = fact_id)');

-- Who looked: told to the DPO, to the person, to who holds their voice; and each sees their own.
SELECT access_lock('access_trace', $$
    (SELECT access_reader()) = 'dpo' OR account_id = (SELECT access_reader_account())
    OR persons && (SELECT people_reader_voices())$$);

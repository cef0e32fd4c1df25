-- The keys and queries of names.sql and beginnings.sql, the same to the letter, for a part of the cost. What was
-- written in SQL was read and planned anew by each statement that called it: a session keeps the plans of
-- PL/pgSQL. And of the 29 patterns of a sound, each compiled and run for each word, 25 are texts.
CREATE OR REPLACE FUNCTION people_words(names text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    RETURN array_remove(string_to_array(cordee_fold(
        translate(replace(lower(names), 'ß', 'ss'), 'øłđðıħŧ', 'olddiht')), ' '), '');
END $$;

-- A text is not read again where a rule has changed it: « 5 » stands there until the rule is done, which no
-- word holds once the « ch » are said. What is said twice is said once before ends are cut, which double nothing.
CREATE OR REPLACE FUNCTION people_sound(word text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    sound text := word;
BEGIN
    sound := replace(replace(replace(replace(sound, 'sch', 'ch'), 'ph', 'f'), 'ch', '5'), 'h', '');
    sound := replace(replace(replace(sound, '5r', 'kr'), '5', 'ch'), 'ck', 'k');
    sound := replace(replace(sound, 'qu', 'k'), 'q', 'k');
    sound := replace(replace(replace(sound, 'ce', 'se'), 'ci', 'si'), 'cy', 'sy');
    sound := replace(replace(replace(sound, 'gue', 'ge'), 'gui', 'gi'), 'guy', 'gy');
    sound := replace(replace(sound, 'gea', 'ja'), 'geo', 'jo');
    sound := replace(replace(replace(sound, 'ge', 'je'), 'gi', 'ji'), 'gy', 'jy');
    sound := replace(replace(replace(sound, 'ch', '5'), 'c', 'k'), '5', 'ch');
    sound := replace(replace(sound, 'bv', 'v'), 'w', 'v');
    sound := replace(replace(replace(sound, 'oeu', '5'), 'ou', '5'), '5', 'u');
    sound := replace(replace(sound, 'eau', 'o'), 'au', 'o');
    sound := replace(replace(replace(replace(replace(
        sound, 'ei', '5'), 'ai', '5'), 'ey', '5'), 'ay', '5'), '5', 'e');
    sound := replace(replace(replace(replace(sound, 'y', 'i'), 'ill', '5'), 'il', '5'), '5', 'i');
    IF strpos(sound, 'n') > 0 OR strpos(sound, 'm') > 0 THEN
        sound := regexp_replace(sound, '(ain|ein|in|im|un)(?![aeiou])', '2', 'g');
        sound := regexp_replace(sound, '(an|am|en|em)(?![aeiou])', '1', 'g');
        sound := regexp_replace(sound, '(on|om)(?![aeiou])', '3', 'g');
    END IF;
    sound := regexp_replace(replace(sound, 'z', 's'), '(.)\1+', '\1', 'g');
    IF right(sound, 2) IN ('er', 'et', 'ez') THEN
        sound := left(sound, -1);
    END IF;
    RETURN rtrim(sound, 'tdspxe');
END $$;

CREATE OR REPLACE FUNCTION people_without_a_letter(word text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    RETURN (SELECT array_agg(DISTINCT 'x:' || left(word, place - 1) || substr(word, place + 1))
            FROM generate_series(1, least(length(word), 24)) AS place) || ('x:' || word);
END $$;

CREATE OR REPLACE FUNCTION people_keys(VARIADIC names text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    keys text[] := '{}';
    word text;
BEGIN
    FOREACH word IN ARRAY (people_words(array_to_string(names, ' ')))[1:40] LOOP
        word := left(word, 60);
        keys := keys || word || ('p:' || people_sound(word));
        IF length(word) >= 4 THEN
            keys := keys || people_without_a_letter(word);
        END IF;
    END LOOP;
    RETURN array_to_tsvector(keys);
END $$;

CREATE OR REPLACE FUNCTION people_word_query(word text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    sound text := people_sound(word);
BEGIN
    RETURN ('''' || word || ''':*'
        || CASE WHEN length(sound) >= 2 THEN ' | ''p:' || sound || '''' ELSE '' END
        || CASE WHEN length(word) >= 4 THEN ' | '''
            || array_to_string(people_without_a_letter(word), ''' | ''') || '''' ELSE '' END)::tsquery;
END $$;

CREATE OR REPLACE FUNCTION people_word_apart(word text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    whole tsquery := people_word_query(word);
BEGIN
    IF length(word) < 3 THEN
        RETURN whole;
    END IF;
    RETURN (replace(whole::text, ''':*', '''') || ' | '
        || (SELECT string_agg('''' || word || letter || ''':*', ' | ')
            FROM regexp_split_to_table('abcdefghijklmnopqrstuvwxyz0123456789', '') AS letter))::tsquery;
END $$;

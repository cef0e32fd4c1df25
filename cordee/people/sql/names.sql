-- Searching a person by name, without any extension: one tsvector holds for each word of the names
-- the word itself (found by prefix), its sound (« p: »), and the word with each letter taken away
-- (« x: »), so that one wrong, missing, added or swapped letter still meets.
CREATE FUNCTION people_words(names text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT array_remove(string_to_array(cordee_fold(
        translate(replace(lower(names), 'ß', 'ss'), 'øłđðıħŧ', 'olddiht')), ' '), '')
$$;

-- How a French name sounds. Lefèvre = Lefebvre, Dupont = Dupond, Gauthier = Gotier.
CREATE FUNCTION people_sound(word text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    rules text[][] := ARRAY[
        ['sch', 'ch'], ['ph', 'f'], ['ch', '5'], ['h', ''], ['5r', 'kr'], ['5', 'ch'],
        ['ck', 'k'], ['qu?', 'k'], ['c([eiy])', 's\1'], ['gu([eiy])', 'g\1'],
        ['ge([ao])', 'j\1'], ['g([eiy])', 'j\1'], ['c(?!h)', 'k'], ['bv', 'v'], ['w', 'v'],
        ['oe?u', 'u'], ['eau|au', 'o'], ['ei|ai|ey|ay', 'e'], ['y', 'i'], ['ill?', 'i'],
        ['(ain|ein|in|im|un)(?![aeiou])', '2'], ['(an|am|en|em)(?![aeiou])', '1'],
        ['(on|om)(?![aeiou])', '3'], ['z', 's'], ['(.)\1+', '\1'],
        ['(er|et|ez)$', 'e'], ['[tdspxe]+$', ''], ['(.)\1+', '\1']
    ];
    sound text := word;
    rule text[];
BEGIN
    FOREACH rule SLICE 1 IN ARRAY rules LOOP
        sound := regexp_replace(sound, rule[1], rule[2], 'g');
    END LOOP;
    RETURN sound;
END $$;

CREATE FUNCTION people_without_a_letter(word text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT array_agg(DISTINCT 'x:' || left(word, place - 1) || substr(word, place + 1))
        || ('x:' || word)
    FROM generate_series(1, least(length(word), 24)) AS place
$$;

CREATE FUNCTION people_keys(VARIADIC names text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT key)), ''::tsvector)
    FROM unnest((people_words(array_to_string(names, ' ')))[1:40]) AS word,
    LATERAL unnest(
        ARRAY[left(word, 60), 'p:' || people_sound(left(word, 60))]
        || CASE WHEN length(word) >= 4 THEN people_without_a_letter(left(word, 60))
           ELSE '{}'::text[] END) AS key
$$;

-- What one asks for a word: as a beginning, as a sound, or with one letter astray.
CREATE FUNCTION people_word_query(word text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT ('''' || word || ''':*'
        || CASE WHEN length(people_sound(word)) >= 2
           THEN ' | ''p:' || people_sound(word) || '''' ELSE '' END
        || CASE WHEN length(word) >= 4 THEN
           (SELECT ' | ' || string_agg('''' || key || '''', ' | ')
            FROM unnest(people_without_a_letter(word)) AS key) ELSE '' END)::tsquery
$$;

-- Pairs of records that may be one person, by several passes; none reads all against all.
-- What sounds alike is computed once for each distinct name, not for each person.
CREATE TEMP TABLE match_name ON COMMIT DROP AS
SELECT name, array(SELECT DISTINCT people_sound(left(word, 60))
                   FROM unnest((people_words(name))[1:6]) AS word WHERE length(word) > 1) AS sounds
FROM (SELECT birth_name AS name FROM people_person UNION SELECT used_name FROM people_person
      UNION SELECT first_name FROM people_person UNION SELECT used_first_name FROM people_person
      UNION SELECT split_part(first_names, ' ', 1) FROM people_person WHERE first_name = '') AS names
WHERE name <> '';
ANALYZE match_name;

CREATE TEMP TABLE match_word ON COMMIT DROP AS
SELECT DISTINCT id, family, sound, birth_date, commune_id FROM (
    SELECT person.id, written.family, person.birth_date, person.commune_id, name.sounds
    FROM people_person AS person
    CROSS JOIN LATERAL (VALUES
        (true, person.birth_name), (true, person.used_name), (false, person.used_first_name),
        (false, CASE WHEN person.first_name = '' THEN split_part(person.first_names, ' ', 1)
                ELSE person.first_name END)) AS written(family, name)
    JOIN match_name AS name ON name.name = written.name
    WHERE person.merged_into_id IS NULL
) AS named, LATERAL unnest(named.sounds) AS sound;
ANALYZE match_word;

CREATE TEMP TABLE match_full ON COMMIT DROP AS
SELECT family.id, family.sound || '+' || given.sound AS sounds, family.birth_date, family.commune_id
FROM match_word AS family JOIN match_word AS given ON given.id = family.id AND NOT given.family
WHERE family.family;
ANALYZE match_full;

CREATE TEMP TABLE match_pair ON COMMIT DROP AS
SELECT one.id AS one, other.id AS other  -- born the same day, a name in common, whichever it is
FROM match_word AS one JOIN match_word AS other USING (birth_date, sound) WHERE one.id < other.id
UNION
SELECT one.id, other.id  -- the same number
FROM people_person AS one JOIN people_person AS other USING (ins)
WHERE ins <> '' AND one.id < other.id AND one.merged_into_id IS NULL AND other.merged_into_id IS NULL
UNION
SELECT one.id, other.id  -- the same names, the day and the month astray
FROM match_full AS one JOIN match_full AS other USING (sounds)
WHERE one.id < other.id AND one.birth_date <> other.birth_date
  AND extract(year FROM one.birth_date) = extract(year FROM other.birth_date)
UNION
SELECT one.id, other.id  -- the same names, the year astray
FROM match_full AS one JOIN match_full AS other USING (sounds)
WHERE one.id < other.id AND one.birth_date <> other.birth_date
  AND to_char(one.birth_date, 'MMDD') = to_char(other.birth_date, 'MMDD')
UNION
SELECT least(one.id, other.id), greatest(one.id, other.id)  -- the same names, no birth date yet
FROM match_full AS one JOIN match_full AS other USING (sounds, commune_id)
WHERE one.id <> other.id AND one.birth_date IS NULL
UNION
SELECT one.id, other.id  -- the same phone, a given name in common
FROM (SELECT id, unnest(ARRAY[phone, other_phone]) AS phone FROM people_person) AS one
JOIN (SELECT id, unnest(ARRAY[phone, other_phone]) AS phone FROM people_person) AS other USING (phone)
JOIN match_word AS given ON given.id = one.id AND NOT given.family
JOIN match_word AS same ON same.id = other.id AND NOT same.family AND same.sound = given.sound
WHERE one.phone <> '' AND one.id < other.id

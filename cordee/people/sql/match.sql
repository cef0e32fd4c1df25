-- Pairs of records that may be one person, by several passes; none reads all against all. A pass asks
-- only for what the weights of rules/matching.py could still keep: the last word is theirs.
-- What is joined is small: numbers for persons, hashes for what is compared (a collision costs one
-- more pair to weigh). What sounds alike is computed once for each distinct name.
SET LOCAL work_mem = '128MB';

CREATE TEMP TABLE match_person ON COMMIT DROP AS
SELECT row_number() OVER ()::int AS n, id, birth_name, used_name, used_first_name, first_names,
       CASE WHEN first_name = '' THEN split_part(first_names, ' ', 1) ELSE first_name END AS given,
       CASE WHEN first_names = '' THEN first_name ELSE first_names END AS names_given,
       to_char(birth_date, 'YYYYMMDD')::int AS born, hashtext(commune_id) AS commune,
       birth_date, sex, ins, ins_status, phone, other_phone, commune_id
FROM people_person WHERE merged_into_id IS NULL;
CREATE INDEX ON match_person (n);
ANALYZE match_person;

-- The letters: of each word the two first and the two last, as bits of one number. Two names a letter
-- apart, or with a word in common, share one of them.
CREATE TEMP TABLE match_name ON COMMIT DROP AS
SELECT name, heard.* FROM (
    SELECT birth_name AS name FROM match_person UNION SELECT used_name FROM match_person
    UNION SELECT given FROM match_person UNION SELECT used_first_name FROM match_person
    UNION SELECT first_names FROM match_person
) AS names, LATERAL (
    SELECT array_agg(DISTINCT hashtext(people_sound(left(word, 60)))) FILTER (WHERE length(word) > 1)
               AS sounds,
           bit_or((1::bigint << (hashtext('<' || left(word, 2)) & 63))
               | (1::bigint << (hashtext('>' || right(word, 2)) & 63))) AS letters
    FROM unnest((people_words(name))[1:6]) AS word
) AS heard WHERE name <> '';
ANALYZE match_name;

CREATE TEMP TABLE match_known ON COMMIT DROP AS
SELECT n, born, commune, birth.sounds || coalesce(used.sounds, '{}') AS family,
       birth.letters | coalesce(used.letters, 0) AS family_letters,
       coalesce(given.sounds, '{}') || coalesce(other.sounds, '{}') AS given,
       coalesce(firsts.letters, 0) | coalesce(given.letters, 0) | coalesce(other.letters, 0)
           AS given_letters
FROM match_person AS person
JOIN match_name AS birth ON birth.name = birth_name
LEFT JOIN match_name AS used ON used.name = used_name
LEFT JOIN match_name AS given ON given.name = person.given
LEFT JOIN match_name AS other ON other.name = used_first_name
LEFT JOIN match_name AS firsts ON firsts.name = first_names;
ANALYZE match_known;

-- By day of birth and sound; beside it, the letters of the other name.
CREATE TEMP TABLE match_word ON COMMIT DROP AS
SELECT (born::bigint << 32) | (sound & 4294967295) AS key, n, true AS family, commune,
       given_letters AS letters
FROM match_known, unnest(family) AS sound WHERE born IS NOT NULL
UNION ALL
SELECT (born::bigint << 32) | (sound & 4294967295), n, false, commune, family_letters
FROM match_known, unnest(given) AS sound WHERE born IS NOT NULL;

-- By both names; beside them, the commune.
CREATE TEMP TABLE match_full ON COMMIT DROP AS
SELECT (first::bigint << 32) | (last & 4294967295) AS names, commune, n, born
FROM match_known, unnest(family) AS last, unnest(given) AS first;

CREATE TEMP TABLE match_phone ON COMMIT DROP AS
SELECT hashtext(number) AS number, n, born, commune, given
FROM (SELECT n, phone AS number FROM match_person UNION ALL
      SELECT n, other_phone FROM match_person) AS written JOIN match_known USING (n)
WHERE number <> '';
ANALYZE match_word, match_full, match_phone;

CREATE TEMP TABLE match_pair ON COMMIT DROP AS
-- born the same day, a name in common: and something else, or the names the other way round
SELECT one.n AS one, other.n AS other
FROM match_word AS one JOIN match_word AS other USING (key)
WHERE one.n < other.n AND (one.family <> other.family OR one.letters & other.letters <> 0
                           OR NOT one.family AND one.commune = other.commune)
UNION
-- the same names and commune, a digit astray in the date, two the other way round, or no date
SELECT one.n, other.n
FROM match_full AS one JOIN match_full AS other USING (names, commune)
WHERE one.n < other.n AND (one.born IS NULL OR other.born IS NULL OR abs(one.born - other.born) IN (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
    10000, 20000, 30000, 40000, 50000, 60000, 70000, 80000, 90000,
    100000, 200000, 300000, 400000, 500000, 600000, 700000, 800000, 900000, 1000000,
    18, 27, 9000, 180000, 270000, 360000, 450000, 540000, 630000, 720000, 810000, 9000000, 18000000,
    99, 198, 297, 396, 495, 594, 693, 792, 891, 990, 1089))
UNION
-- the same names, day and month the other way round, a commune unknown
SELECT least(one.n, other.n), greatest(one.n, other.n)
FROM match_full AS one JOIN match_full AS other USING (names)
WHERE one.commune IS NULL AND one.n <> other.n AND one.born / 10000 = other.born / 10000
  AND one.born % 100 = other.born / 100 % 100 AND other.born % 100 = one.born / 100 % 100
UNION
-- the same phone, a given name in common, and the year or the day: a digit astray in the date
SELECT one.n, other.n
FROM match_phone AS one JOIN match_phone AS other
  ON other.number = one.number AND other.born / 10000 = one.born / 10000
WHERE one.n < other.n AND one.given && other.given
UNION
SELECT one.n, other.n
FROM match_phone AS one JOIN match_phone AS other
  ON other.number = one.number AND other.born % 10000 = one.born % 10000
WHERE one.n < other.n AND one.given && other.given
UNION
-- the same phone, a given name in common, and the commune, or something unknown
SELECT one.n, other.n
FROM match_phone AS one JOIN match_phone AS other USING (number, commune)
WHERE one.n < other.n AND one.given && other.given
UNION
SELECT least(one.n, other.n), greatest(one.n, other.n)
FROM match_phone AS one JOIN match_phone AS other USING (number)
WHERE one.n <> other.n AND one.given && other.given AND (one.born IS NULL OR one.commune IS NULL)
UNION
SELECT one.n, other.n  -- the same number
FROM match_person AS one JOIN match_person AS other USING (ins) WHERE ins <> '' AND one.n < other.n;

-- Pairs of records that may be one person, by several passes; none reads all against all. A pass asks
-- only for what the weights of rules/matching.py could still keep: the last word is theirs.
-- What is joined is small: numbers for persons, hashes for what is compared (a collision costs one
-- more pair to weigh). What sounds alike is computed once for each distinct word.
SET LOCAL work_mem = '128MB';

CREATE TEMP TABLE match_person ON COMMIT DROP AS
SELECT row_number() OVER ()::int AS n, id, birth_name, used_name, used_first_name,
       CASE WHEN first_name = '' THEN split_part(first_names, ' ', 1) ELSE first_name END AS given,
       CASE WHEN first_names = '' THEN first_name ELSE first_names END AS names_given,
       to_char(birth_date, 'YYYYMMDD')::int AS born, hashtext(commune_id) AS commune,
       birth_date, sex, ins, ins_oid, ins_status, phone, other_phone, commune_id
FROM people_person WHERE merged_into_id IS NULL;
CREATE INDEX ON match_person (n);
ANALYZE match_person;

-- How each word sounds, once; and its three first letters, its three last ones, as bits: two names a
-- letter apart, or with a word in common, share one of them.
CREATE TEMP TABLE match_spelt ON COMMIT DROP AS
SELECT name, left(word, 60) AS word FROM (
    SELECT birth_name AS name FROM match_person UNION SELECT used_name FROM match_person
    UNION SELECT given FROM match_person UNION SELECT used_first_name FROM match_person
) AS names, unnest((people_words(name))[1:6]) AS word;
CREATE TEMP TABLE match_name ON COMMIT DROP AS
SELECT name, array_agg(DISTINCT sound) FILTER (WHERE length(word) > 1) AS sounds,
       bit_or(1::bigint << (hashtext(left(word, 3)) & 63)) AS begins,
       bit_or(1::bigint << (hashtext(right(word, 3)) & 63)) AS ends
FROM match_spelt JOIN (
    SELECT word, hashtext(people_sound(word)) AS sound FROM (SELECT DISTINCT word FROM match_spelt) AS once
) AS heard USING (word) GROUP BY name;
ANALYZE match_name;

CREATE TEMP TABLE match_known ON COMMIT DROP AS
SELECT n, born, commune, sex::"char",
       ins <> '' AND ins_status = 'qualifiee' AND ins_oid <> '1.2.250.1.213.1.4.9' AS proved,
       birth.sounds || coalesce(used.sounds, '{}') AS family,
       birth.begins | coalesce(used.begins, 0) AS family_begins,
       birth.ends | coalesce(used.ends, 0) AS family_ends,
       coalesce(given.sounds, '{}') || coalesce(other.sounds, '{}') AS given,
       coalesce(given.begins, 0) | coalesce(other.begins, 0) AS given_begins,
       coalesce(given.ends, 0) | coalesce(other.ends, 0) AS given_ends
FROM match_person AS person
JOIN match_name AS birth ON birth.name = birth_name
LEFT JOIN match_name AS used ON used.name = used_name
LEFT JOIN match_name AS given ON given.name = person.given
LEFT JOIN match_name AS other ON other.name = used_first_name;
ANALYZE match_known;

-- By day of birth and sound; beside it, the letters of the other name.
CREATE TEMP TABLE match_word ON COMMIT DROP AS
SELECT (born::bigint << 32) | (sound & 4294967295) AS key, n, family, commune, sex, proved, begins, ends
FROM (
    SELECT born, unnest(family) AS sound, n, true AS family, commune, sex, proved,
           given_begins AS begins, given_ends AS ends FROM match_known WHERE born IS NOT NULL
    UNION ALL
    SELECT born, unnest(given), n, false, commune, sex, proved, family_begins, family_ends
    FROM match_known WHERE born IS NOT NULL) AS said;

-- By both names; and by both and the commune, as one number.
CREATE TEMP TABLE match_full ON COMMIT DROP AS
SELECT (first::bigint << 32) | (last & 4294967295) AS names, n, born, commune, proved,
       (hashint4(first # (last << 1))::bigint << 32) | (commune & 4294967295) AS here
FROM (SELECT n, born, commune, proved, last, unnest(given) AS first
      FROM (SELECT n, born, commune, proved, given, unnest(family) AS last
            FROM match_known) AS one) AS both_names;

-- By phone and sound, as one number: phones that two records have at least.
CREATE TEMP TABLE match_phone ON COMMIT DROP AS
WITH written AS (
    SELECT n, hashtext(phone) AS number FROM match_person WHERE phone <> ''
    UNION ALL
    SELECT n, hashtext(other_phone) FROM match_person WHERE other_phone NOT IN ('', phone)),
shared AS (
    SELECT number::bigint << 32 AS number, n, born, commune, proved, sex, family, given
    FROM (SELECT number FROM written GROUP BY number HAVING count(*) > 1) AS several
    JOIN written USING (number) JOIN match_known USING (n))
SELECT number | (unnest(given) & 4294967295) AS key, n, born, commune, proved, sex, false AS family FROM shared
UNION ALL
SELECT number | (unnest(family) & 4294967295), n, born, commune, proved, sex, true FROM shared;
ANALYZE match_word, match_full, match_phone;

-- Two qualified numbers that differ are two persons, whatever else they share, but for a number of waiting
-- (NIA), which a lasting one (NIR) replaces: so each pass begins with a record that has no qualified NIR, and
-- looks at all others; the last one compares the numbers.
CREATE TEMP TABLE match_pair ON COMMIT DROP AS
-- born the same day, a name in common: and the commune, or the family name where it is unknown; else the
-- same sex, and another name that may be one, or the names the other way round
SELECT least(one.n, other.n) AS one, greatest(one.n, other.n) AS other
FROM match_word AS one JOIN match_word AS other USING (key)
WHERE NOT one.proved AND (other.proved OR one.n < other.n) AND (
    one.commune = other.commune
    OR ((one.family OR other.family) AND (one.commune IS NULL OR other.commune IS NULL))
    OR ((one.begins & other.begins <> 0 OR one.ends & other.ends <> 0 OR one.family <> other.family)
        AND (one.sex = other.sex OR one.sex = '' OR other.sex = '')))
UNION
-- the same names and commune, a digit astray in the date, two the other way round, or no date
SELECT least(one.n, other.n), greatest(one.n, other.n)
FROM match_full AS one JOIN match_full AS other USING (here)
WHERE NOT one.proved AND (other.proved OR one.n < other.n)
  AND (one.born IS NULL OR other.born IS NULL OR abs(one.born - other.born) IN (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
    10000, 20000, 30000, 40000, 50000, 60000, 70000, 80000, 90000,
    100000, 200000, 300000, 400000, 500000, 600000, 700000, 800000, 900000, 1000000,
    18, 27, 9000, 180000, 270000, 360000, 450000, 540000, 630000, 720000, 810000, 9000000, 18000000,
    99, 198, 297, 396, 495, 594, 693, 792, 891, 990, 1089))
UNION
-- the same names, day and month the other way round, a commune unknown
SELECT least(one.n, other.n), greatest(one.n, other.n)
FROM match_full AS one JOIN match_full AS other USING (names)
WHERE one.commune IS NULL AND one.n <> other.n AND NOT (one.proved AND other.proved)
  AND one.born / 10000 = other.born / 10000
  AND one.born % 100 = other.born / 100 % 100 AND other.born % 100 = one.born / 100 % 100
UNION
-- the same phone and a name in common, that of a family between two of one sex (not a couple); and the
-- year, the day or the commune, or one of them unknown
SELECT least(one.n, other.n), greatest(one.n, other.n)
FROM match_phone AS one JOIN match_phone AS other USING (key)
WHERE NOT one.proved AND (other.proved OR one.n < other.n) AND (
    one.born / 10000 = other.born / 10000 OR one.born % 10000 = other.born % 10000
    OR one.commune = other.commune
    OR one.born IS NULL OR other.born IS NULL OR one.commune IS NULL OR other.commune IS NULL)
  AND (NOT one.family OR NOT other.family OR one.sex = other.sex OR one.sex = '' OR other.sex = '')
UNION
SELECT one.n, other.n  -- the same number
FROM match_person AS one JOIN match_person AS other USING (ins) WHERE ins <> '' AND one.n < other.n;

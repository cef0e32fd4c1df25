-- Made-up persons, one slice of numbers at a time, with who helps them and what they were told.
-- Nobody here exists: the numbers are those of the test registry, the phones those kept for fiction.
INSERT INTO people_person (
    id, created_at, updated_at, version, birth_name, first_names, first_name, used_name,
    used_first_name, birth_date, sex, birth_place_code, ins, ins_oid, ins_status, is_homonym,
    is_doubtful, is_fictitious, phone, other_phone, email, address, home_access, ald, protection,
    is_demonstration, commune_id, territory_id)
SELECT id, %(now)s, %(now)s, 1, birth_name, first_name || second_name, first_name, used_name, '',
    birth_date, sex, code, body || lpad((97 - body::bigint %% 97)::text, 2, '0'), %(registry)s,
    'qualifiee', false, false, false,
    '+336' || '3998' || lpad((kernel_draw('phone', number) * 10000)::int %% 10000 || '', 4, '0'),
    '', '', 1 + number %% 180 || ' ' || street, '', kernel_draw('ald', number) < 0.3, 'none', true,
    code, territory_id
FROM (
    SELECT drawn.*,
        CASE sex WHEN 'F' THEN '2' ELSE '1' END || to_char(birth_date, 'YYMM') || code
            || lpad(number %% 1000 || '', 3, '0') AS body
    FROM (
        SELECT number, kernel_made_up_id('person', number) AS id, place.code, place.territory_id,
            sex,
            (%(names)s::text[])[1 + (cardinality(%(names)s::text[])
                ^ kernel_draw('name', number))::int %% cardinality(%(names)s::text[])] AS birth_name,
            CASE WHEN sex = 'F' AND kernel_draw('used', number) < 0.5 THEN
                (%(names)s::text[])[1 + (cardinality(%(names)s::text[])
                ^ kernel_draw('spouse', number))::int %% cardinality(%(names)s::text[])]
                ELSE '' END AS used_name,
            given[1 + (kernel_draw('first', number) * cardinality(given))::int
                %% cardinality(given)] AS first_name,
            CASE WHEN kernel_draw('second', number) < 0.4 THEN
                ' ' || given[1 + (kernel_draw('other', number) * cardinality(given))::int
                %% cardinality(given)] ELSE '' END AS second_name,
            date '1926-01-01' + (kernel_draw('age', number) ^ 1.6 * 27000)::int AS birth_date,
            (%(streets)s::text[])[1 + number %% cardinality(%(streets)s::text[])] AS street
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
        CROSS JOIN LATERAL (
            SELECT CASE WHEN kernel_draw('sex', number) < 0.6 THEN 'F' ELSE 'M' END AS sex) AS one
        CROSS JOIN LATERAL (
            SELECT CASE sex WHEN 'F' THEN %(women)s::text[] ELSE %(men)s::text[] END AS given) AS pool
        CROSS JOIN LATERAL (
            SELECT * FROM scale_place
            WHERE up_to > (kernel_draw('commune', number) * %(residents)s)::bigint
            ORDER BY up_to LIMIT 1) AS place
    ) AS drawn
) AS numbered;

-- The desk of the département, and one person in three has a nurse of the same commune or nearby.
INSERT INTO people_circlemember (id, created_at, updated_at, version, role, ground, is_usual_nurse,
                                 is_reference, since, organization_id, person_id)
SELECT kernel_made_up_id('circle', number), %(now)s, %(now)s, 1, 'orientation', 'recognised',
       false, false, %(now)s - interval '1 year' * kernel_draw('since', number),
       place.organization_id, person.id
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
JOIN people_person AS person ON person.id = kernel_made_up_id('person', number)
JOIN scale_place AS place ON place.code = person.commune_id;

INSERT INTO people_circlemember (id, created_at, updated_at, version, role, ground, is_usual_nurse,
                                 is_reference, since, practitioner_id, person_id)
SELECT kernel_made_up_id('nurse of circle', number), %(now)s, %(now)s, 1, 'nurse', 'recognised',
       true, false, %(now)s - interval '1 year' * kernel_draw('since', number),
       kernel_made_up_id('nurse', 1 + (number - 1) / %(persons_per_nurse)s),
       kernel_made_up_id('person', number)
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number WHERE number %% 3 = 0;

INSERT INTO people_information (id, created_at, updated_at, version, speaker, notice, how, document,
                                since, person_id)
SELECT kernel_made_up_id('information', number), %(now)s, %(now)s, 1, 'person', %(notice)s, 'oral',
       '', %(now)s - interval '1 year' * kernel_draw('since', number),
       kernel_made_up_id('person', number)
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number;

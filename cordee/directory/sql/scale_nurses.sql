-- Made-up nurses, one slice of numbers at a time, near residents. No national register gives 998.
INSERT INTO directory_practitioner (id, created_at, updated_at, version, rpps, civility, last_name,
    first_name, profession, profession_name, specialty, specialty_name)
SELECT kernel_made_up_id('nurse', number), %(now)s, %(now)s, 1,
    '998' || lpad(number || '', 8, '0'), '',
    (%(names)s::text[])[1 + (kernel_draw('nurse', number) * cardinality(%(names)s::text[]))::int
        %% cardinality(%(names)s::text[])],
    (%(women)s::text[])[1 + number %% cardinality(%(women)s::text[])], '60', 'Infirmier', '', ''
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number;

INSERT INTO directory_practicesite (id, created_at, updated_at, version, structure, name, address,
    postal_code, phone, commune_id, practitioner_id)
SELECT kernel_made_up_id('site', number), %(now)s, %(now)s, 1, 'SCALE-' || number / 3,
    'Cabinet ' || number / 3, '', '', '04657' || lpad(number / 3 %% 100000 || '', 5, '0'),
    place.code, kernel_made_up_id('nurse', number)
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
CROSS JOIN LATERAL (
    SELECT * FROM scale_place
    WHERE up_to > (kernel_draw('place of nurse', number / 3) * %(residents)s)::bigint
    ORDER BY up_to LIMIT 1) AS place;

-- The zone is the intercommunality; the numbers are those kept for fiction.
INSERT INTO directory_practice (id, created_at, updated_at, version, mobile, mobile_proved_at,
    tie_confirmed_at, tie_how, communes, kinds, weekly_cap, urgent_at_night, ranking_objection,
    tie_confirmed_by_id, practitioner_id)
SELECT kernel_made_up_id('practice', number), %(now)s, %(now)s, 1,
    (ARRAY['+3319900', '+3326191', '+3335301', '+3353649', '+3346571'])[1 + number / 10000 %% 5]
        || lpad(number %% 10000 || '', 4, '0'),
    %(now)s, %(now)s, 'call', zone.codes, %(kinds)s::text[], 3 + (number %% 5)::int,
    number %% 2 = 0, false, (SELECT min(id::text)::uuid FROM access_account),
    kernel_made_up_id('nurse', number)
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
JOIN directory_practicesite AS site ON site.id = kernel_made_up_id('site', number)
JOIN directory_commune AS seat ON seat.code = site.commune_id
JOIN (SELECT coalesce(nullif(epci_code, ''), code) AS epci, array_agg(code ORDER BY code) AS codes
      FROM directory_commune WHERE region = %(region)s AND is_current GROUP BY 1) AS zone
  ON zone.epci = coalesce(nullif(seat.epci_code, ''), seat.code);

INSERT INTO directory_weeklyhours (id, created_at, updated_at, version, weekday, starts, ends,
                                   practice_id)
SELECT kernel_made_up_id('hours ' || weekday, number), %(now)s, %(now)s, 1, weekday, '06:30', '20:00',
       kernel_made_up_id('practice', number)
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number,
     generate_series(0, CASE WHEN number %% 2 = 0 THEN 6 ELSE 4 END) AS weekday;

-- A made-up region: a desk in each département, with its orienteuses, and nurses near residents.
INSERT INTO directory_territory (id, created_at, updated_at, version, name, kind)
SELECT kernel_made_up_id('territory', departement::int), %(now)s, %(now)s, 1, 'Grand ' || name, 'sio'
FROM (SELECT departement, min(departement_name) AS name FROM directory_commune
      WHERE region = %(region)s AND is_current GROUP BY departement) AS listed;

INSERT INTO directory_territorycommune (id, created_at, updated_at, version, commune_id, territory_id)
SELECT kernel_made_up_id('territory ' || departement, row_number() OVER (ORDER BY code)), %(now)s,
       %(now)s, 1, code, kernel_made_up_id('territory', departement::int)
FROM directory_commune WHERE region = %(region)s AND is_current;

INSERT INTO directory_organization (id, created_at, updated_at, version, name, kind, category_name,
    address, postal_code, phone, email, sms_sender_name, commune_id, territory_id)
SELECT kernel_made_up_id('desk', departement::int), %(now)s, %(now)s, 1,
       'Numéro unique, ' || departement_name, 'sio', '', '1 place de la Mairie', '', '0465710000',
       'desk.' || departement || '@exemple.fr', 'CORDEE', code,
       kernel_made_up_id('territory', departement::int)
FROM (SELECT DISTINCT ON (departement) * FROM directory_commune
      WHERE region = %(region)s AND is_current ORDER BY departement, population DESC, code) AS seat;

INSERT INTO access_account (id, created_at, email, name, password, is_active, is_demonstration)
SELECT kernel_made_up_id('account', departement::int * 10 + number), %(now)s,
       'orienteuse.' || departement || '.' || number || '@exemple.fr',
       'Orienteuse ' || departement || '.' || number, %(password)s, true, true
FROM (SELECT DISTINCT departement FROM directory_commune
      WHERE region = %(region)s AND is_current) AS listed, generate_series(1, 5) AS number;

INSERT INTO directory_membership (id, created_at, updated_at, version, role, since, account_id,
                                  organization_id)
SELECT kernel_made_up_id('membership', departement::int * 10 + number), %(now)s, %(now)s, 1,
       'orienteuse', date '2026-01-05', kernel_made_up_id('account', departement::int * 10 + number),
       kernel_made_up_id('desk', departement::int)
FROM (SELECT DISTINCT departement FROM directory_commune
      WHERE region = %(region)s AND is_current) AS listed, generate_series(1, 5) AS number;

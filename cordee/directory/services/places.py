"""The communes brought from the shipped file into the database."""

from dataclasses import astuple
from datetime import datetime

from django.db import connection

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory import communes

COLUMNS = """code, name, departement, departement_name, region, region_name, epci_code, epci_name,
    population"""

STATEMENTS = (
    f"""INSERT INTO directory_commune ({COLUMNS}, is_current)
    SELECT {COLUMNS}, true FROM shipped
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, departement = excluded.departement,
        departement_name = excluded.departement_name, region = excluded.region,
        region_name = excluded.region_name, epci_code = excluded.epci_code,
        epci_name = excluded.epci_name, population = excluded.population, is_current = true""",  # noqa: S608
    """UPDATE directory_commune SET is_current = false
    WHERE is_current AND code NOT IN (SELECT code FROM shipped)""",
    "DELETE FROM directory_postalcode",
    """INSERT INTO directory_postalcode (commune_id, code)
    SELECT code, unnest(string_to_array(postal_codes, ' ')) FROM shipped WHERE postal_codes <> ''
    ON CONFLICT DO NOTHING""",
    "DELETE FROM directory_othercode",
    """INSERT INTO directory_othercode (code, commune_id)
    SELECT unnest(string_to_array(other_codes, ' ')), code FROM shipped WHERE other_codes <> ''
    ON CONFLICT DO NOTHING""",
    "ANALYZE directory_commune",
)


@action("directory.load_communes", on=None)
def load_communes(*, actor: Actor, now: datetime) -> int:
    """Bring the shipped communes in; one that no longer exists is kept, as a thing of the past.

    Returns how many there are. Running it again changes nothing.
    """
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS pg_temp.shipped;"
            "CREATE TEMP TABLE shipped (code text, name text, departement text, "
            "departement_name text, region text, region_name text, epci_code text, "
            "epci_name text, population integer, postal_codes text, other_codes text) "
            "ON COMMIT DROP"
        )
        with cursor.copy("COPY shipped FROM STDIN") as copy:
            for row in communes.shipped():
                copy.write_row(astuple(row))
                count += 1
        for statement in STATEMENTS:
            cursor.execute(statement)
    return count

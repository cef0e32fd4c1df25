"""The shipped file of French communes: how it is built, read and brought into the database."""

import csv
import json
import lzma
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

SHIPPED = Path(__file__).parent / "data" / "communes.csv.xz"


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """One current commune; several postal codes or former codes are separated by spaces."""

    code: str
    name: str
    departement: str
    departement_name: str
    region: str
    region_name: str
    epci_code: str
    epci_name: str
    population: int
    postal_codes: str
    other_codes: str


def shipped() -> Iterator[CommuneRow]:
    """Read the shipped file, in the order of the codes."""
    with lzma.open(SHIPPED, "rt", encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            values: dict[str, Any] = {**line, "population": int(line["population"])}
            yield CommuneRow(**values)


def write(rows: list[CommuneRow], target: Path = SHIPPED) -> None:
    """Write the file; the same rows always give the same bytes."""
    partial = target.with_suffix(".partial")
    with lzma.open(partial, "wt", preset=9 | lzma.PRESET_EXTREME, encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([field.name for field in fields(CommuneRow)])
        writer.writerows(astuple(row) for row in rows)
    partial.replace(target)


def from_package(folder: Path) -> list[CommuneRow]:
    """Read the four files of the npm package @etalab/decoupage-administratif.

    A delegated commune, a former code and a municipal arrondissement are kept as other codes of
    the commune that holds them today, since national registers still use them.
    """
    every = _json(folder, "communes")
    departements = {row["code"]: row["nom"] for row in _json(folder, "departements")}
    regions = {row["code"]: row["nom"] for row in _json(folder, "regions")}
    epci = {
        member["code"]: (group["code"], group["nom"])
        for group in _json(folder, "epci")
        for member in group["membres"]
    }
    others = _other_codes(every)
    rows = []
    for row in sorted(every, key=lambda row: row["code"]):
        if row["type"] != "commune-actuelle":
            continue
        code = row["code"]
        epci_code, epci_name = epci.get(code, ("", ""))
        rows.append(
            CommuneRow(
                code=code,
                name=row["nom"],
                departement=row["departement"],
                departement_name=departements.get(row["departement"], ""),
                region=row["region"],
                region_name=regions.get(row["region"], ""),
                epci_code=epci_code,
                epci_name=epci_name,
                population=row.get("population", 0),
                postal_codes=" ".join(sorted(row.get("codesPostaux", []))),
                other_codes=" ".join(sorted(others.get(code, set()) - {code})),
            )
        )
    return rows


def _json(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read one file of the package, with true apostrophes in names."""
    text = (folder / f"{name}.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text.replace("'", "’"))
    return rows


def _other_codes(every: list[dict[str, Any]]) -> dict[str, set[str]]:
    current = {row["code"] for row in every if row["type"] == "commune-actuelle"}
    others: dict[str, set[str]] = {}
    taken: set[str] = set()
    for row in every:
        holder = row.get("commune") or row.get("chefLieu") or row["code"]
        if holder not in current:
            continue
        for code in (row["code"], *row.get("anciensCodes", [])):
            if code not in current and code not in taken:
                taken.add(code)
                others.setdefault(holder, set()).add(code)
    return others


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


FORMER = """
    WITH former AS (
        SELECT other.code, other.commune_id, past.population
        FROM directory_othercode AS other
        JOIN directory_commune AS past ON past.code = other.code AND NOT past.is_current
    )"""
"""Communes of the past that have a row, and the commune that holds each of them today."""

# A search asks for the commune of today: whoever goes to a commune that it absorbed goes there.
ZONES = f"""{FORMER}
    UPDATE directory_practice AS practice SET communes = ARRAY(
        SELECT unnest(practice.communes)
        UNION SELECT commune_id FROM former WHERE code = ANY (practice.communes)
        ORDER BY 1)
    WHERE practice.communes && ARRAY(SELECT code FROM former)
      AND EXISTS (SELECT FROM former WHERE code = ANY (practice.communes)
                  AND commune_id <> ALL (practice.communes))
    RETURNING practice.id, practice.practitioner_id"""  # noqa: S608 - a constant of this file

# What is closed keeps its drawing, as history.
TERRITORIES = f"""{FORMER}, held AS (
        SELECT DISTINCT place.territory_id, former.commune_id
        FROM directory_territorycommune AS place JOIN former ON former.code = place.commune_id
        JOIN directory_territory AS territory
            ON territory.id = place.territory_id AND territory.closed_on IS NULL
    ), drawn AS (
        INSERT INTO directory_territorycommune
            (id, created_at, updated_at, version, territory_id, commune_id)
        SELECT directory_uuid7(%(now)s, row_number() OVER (ORDER BY territory_id, commune_id)),
            %(now)s, %(now)s, 1, territory_id, commune_id
        FROM held ON CONFLICT (territory_id, commune_id) DO NOTHING RETURNING territory_id
    )
    SELECT DISTINCT territory_id FROM drawn ORDER BY territory_id"""  # noqa: S608

# A commune answers to one sector: to the one it has already, else to that of the most residents.
SECTORS = f"""{FORMER}, held AS (
        SELECT DISTINCT ON (place.organization_id, former.commune_id)
            place.organization_id, former.commune_id, place.sector_id
        FROM directory_sectorcommune AS place JOIN former ON former.code = place.commune_id
        JOIN directory_sector AS sector
            ON sector.id = place.sector_id AND sector.closed_on IS NULL
        ORDER BY place.organization_id, former.commune_id, former.population DESC, former.code
    )
    INSERT INTO directory_sectorcommune
        (id, created_at, updated_at, version, organization_id, commune_id, sector_id)
    SELECT directory_uuid7(%(now)s, row_number() OVER (ORDER BY organization_id, commune_id)),
        %(now)s, %(now)s, 1, organization_id, commune_id, sector_id
    FROM held ON CONFLICT (organization_id, commune_id) DO NOTHING"""  # noqa: S608

SEATS = tuple(
    f"""{FORMER}
    UPDATE directory_{table} AS seat SET commune_id = former.commune_id
    FROM former WHERE former.code = seat.commune_id"""  # noqa: S608 - the tables below
    for table in ("organization", "practicesite")
)


@dataclass(frozen=True, slots=True)
class Followed:
    """Who now also comes to a commune of today, and which territories now hold one."""

    practices: list[tuple[UUID, UUID]]
    territories: list[UUID]


def follow(cursor: Any, now: datetime) -> Followed:
    """Add the commune of today wherever one that it absorbed stands; seats move there.

    Nothing is taken away: what was drawn stays. Over all the communes of the past, so that a house
    that an earlier file had split is mended too; doing it again changes nothing.
    """
    for statement in (*SEATS, SECTORS):
        cursor.execute(statement, {"now": now})
    practices = cursor.execute(ZONES).fetchall()
    territories = cursor.execute(TERRITORIES, {"now": now}).fetchall()
    return Followed(practices, [pk for (pk,) in territories])


def bring_in(cursor: Any) -> int:
    """Make the tables of communes say what the file says; returns how many there are."""
    cursor.execute(
        "DROP TABLE IF EXISTS pg_temp.shipped;"
        "CREATE TEMP TABLE shipped (code text, name text, departement text, "
        "departement_name text, region text, region_name text, epci_code text, "
        "epci_name text, population integer, postal_codes text, other_codes text) "
        "ON COMMIT DROP"
    )
    count, values = 0, attrgetter(*(one.name for one in fields(CommuneRow)))
    with cursor.copy("COPY shipped FROM STDIN") as copy:
        for row in shipped():
            copy.write_row(values(row))
            count += 1
    for statement in STATEMENTS:
        cursor.execute(statement)
    return count

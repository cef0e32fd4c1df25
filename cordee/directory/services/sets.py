"""The SQL of the imports: what is staged, how it is compared, what it changes."""

from collections.abc import Callable
from dataclasses import dataclass

from cordee.directory.finess import KINDS
from cordee.directory.kinds import OrganizationKind


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one extraction, in order; `apply` takes %(now)s and %(today)s.

    `gather` takes the name of a table of lines: the whole file, or a part that holds all the lines
    of whoever is in it, and may so be gathered before the rest is read.
    """

    prepare: tuple[str, ...]
    count: str
    apply: tuple[str, ...]
    contradicted: Callable[[str], str] | None = None
    gathered: tuple[tuple[str, Callable[[str], str]], ...] = ()

    def begin(self) -> str:
        """Make the tables of what is gathered, empty, and that of a part of the file."""
        return ";".join(
            (
                "CREATE TEMP TABLE part (LIKE staged) ON COMMIT DROP",
                *(
                    f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {rows('staged')}"
                    for table, rows in self.gathered
                ),
            )
        )

    def gather(self, lines: str) -> tuple[str, ...]:
        """Add to the tables what some lines say, once what contradicts itself is put aside."""
        return (
            *((self.contradicted(lines),) if self.contradicted else ()),
            *(f"INSERT INTO {table} {rows(lines)}" for table, rows in self.gathered),
            *(("INSERT INTO staged SELECT * FROM part; TRUNCATE part",) if lines == "part" else ()),
        )

    def gather_again(self) -> tuple[str, ...]:
        """Forget what parts said, and gather what the whole file says."""
        if not self.gathered:
            return ()
        return (
            "CREATE INDEX ON staged (identifier, line); ANALYZE staged",
            *(f"TRUNCATE {table}" for table, _ in self.gathered),
            *self.gather("staged"),
        )


BY_SETS = "SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'"
"""What is compared is as large as the directory, whatever the statistics say. Counted before an
import commits, they say that the directory is empty: searched whole for each line of the file, it
kept 200,000 lines from ending in nine minutes."""


OF_TODAY = """
    coalesce(CASE WHEN commune.is_current THEN commune.code END, other.commune_id, commune.code)"""
"""The commune of today, of which a register may still say the former code."""


def staging(row: type) -> str:
    """Give the tables of the transaction that hold a file: its lines, and those left out."""
    columns = ", ".join(
        f"{name} {'integer' if kind is int else 'text'}"
        for name, kind in row.__annotations__.items()
    )
    return (
        "DROP TABLE IF EXISTS pg_temp.staged, pg_temp.part, pg_temp.rejected, pg_temp.new_person,"
        " pg_temp.new_site, pg_temp.moved, pg_temp.new_organization, pg_temp.held;"
        f"CREATE TEMP TABLE staged ({columns}) ON COMMIT DROP;"
        "CREATE TEMP TABLE rejected (line integer, reason text, identifier text, dropped boolean)"
        " ON COMMIT DROP"
    )


def _under_another_name(lines: str) -> str:
    return f"""
        WITH first AS (
            SELECT DISTINCT ON (identifier) identifier, line, last_name
            FROM {lines} ORDER BY identifier, line
        ), contradicted AS (
            DELETE FROM {lines} AS other USING first
            WHERE first.identifier = other.identifier AND first.line < other.line
              AND first.last_name <> other.last_name
              AND cordee_fold(first.last_name) <> cordee_fold(other.last_name)
            RETURNING other.line, other.identifier, first.line AS first_line
        )
        INSERT INTO rejected
        SELECT line, 'même identifiant que la ligne ' || first_line || ', autre nom', identifier,
            true
        FROM contradicted"""  # noqa: S608 - the tables of this file


def _persons(lines: str) -> str:
    return f"""
        SELECT DISTINCT ON (identifier) identifier AS rpps, civility, last_name, first_name,
            profession, profession_name, specialty, specialty_name
        FROM {lines} ORDER BY identifier, profession, specialty_rank, specialty, line"""  # noqa: S608


def _sites(lines: str) -> str:
    return f"""
        SELECT DISTINCT ON (staged.identifier, staged.structure) staged.identifier AS rpps,
            staged.structure, staged.site_name AS name, staged.address, staged.postal_code,
            {OF_TODAY} AS commune_id, staged.phone,
            organization.id AS organization_id
        FROM {lines} AS staged
        LEFT JOIN directory_commune commune ON commune.code = staged.commune
        LEFT JOIN directory_othercode other ON other.code = staged.commune
        LEFT JOIN directory_organization organization
            ON organization.finess = nullif(staged.finess, '')
        WHERE staged.structure <> ''
        ORDER BY staged.identifier, staged.structure, staged.line"""  # noqa: S608


PERSON_CHANGED = """(old.civility, old.last_name, old.first_name, old.profession,
     old.profession_name, old.specialty, old.specialty_name, old.closed_on)
    IS DISTINCT FROM (new.civility, new.last_name, new.first_name, new.profession,
     new.profession_name, new.specialty, new.specialty_name, NULL::date)"""

SITE_CHANGED = """(old.name, old.address, old.postal_code, old.commune_id, old.phone,
     old.organization_id, old.closed_on)
    IS DISTINCT FROM (new.name, new.address, new.postal_code, new.commune_id, new.phone,
     new.organization_id, NULL::date)"""

PERSON_GONE = """old.closed_on IS NULL
    AND NOT EXISTS (SELECT 1 FROM new_person new WHERE new.rpps = old.rpps)
    AND NOT EXISTS (SELECT 1 FROM rejected WHERE rejected.identifier = old.rpps)"""

SITE_GONE = """old.closed_on IS NULL
    AND NOT EXISTS (SELECT 1 FROM new_site new
        WHERE new.rpps = practitioner.rpps AND new.structure = old.structure)
    AND NOT EXISTS (SELECT 1 FROM rejected WHERE rejected.identifier = practitioner.rpps)"""

# Of those who are in the directory already: whoever arrives is counted as such.
MOVED = f"""
    CREATE TEMP TABLE moved ON COMMIT DROP AS
    SELECT new.rpps FROM new_site new
    JOIN directory_practitioner practitioner ON practitioner.rpps = new.rpps
    LEFT JOIN directory_practicesite old
        ON old.practitioner_id = practitioner.id AND old.structure = new.structure
    WHERE old.id IS NULL OR {SITE_CHANGED}
    UNION
    SELECT practitioner.rpps FROM directory_practicesite old
    JOIN directory_practitioner practitioner ON practitioner.id = old.practitioner_id
    WHERE {SITE_GONE};
    CREATE UNIQUE INDEX ON moved (rpps); ANALYZE moved"""  # noqa: S608 - constants of this file

RPPS = Statements(
    contradicted=_under_another_name,
    gathered=(("new_person", _persons), ("new_site", _sites)),
    prepare=(
        "CREATE UNIQUE INDEX ON new_person (rpps); ANALYZE new_person",
        "CREATE UNIQUE INDEX ON new_site (rpps, structure); ANALYZE new_site",
        "CREATE INDEX ON rejected (identifier); ANALYZE rejected",
        MOVED,
    ),
    count=f"""
        SELECT count(*), count(*) FILTER (WHERE old.id IS NULL),
            count(*) FILTER (WHERE old.id IS NOT NULL
                AND (moved.rpps IS NOT NULL OR {PERSON_CHANGED})),
            (SELECT count(*) FROM directory_practitioner old WHERE {PERSON_GONE}),
            (SELECT count(*) FROM directory_practitioner old WHERE old.closed_on IS NULL),
            (SELECT count(*) FROM directory_practicesite old
             JOIN directory_practitioner practitioner ON practitioner.id = old.practitioner_id
             WHERE {SITE_GONE}),
            (SELECT count(*) FROM directory_practicesite old WHERE old.closed_on IS NULL)
        FROM new_person new
        LEFT JOIN directory_practitioner old ON old.rpps = new.rpps
        LEFT JOIN moved ON moved.rpps = new.rpps""",  # noqa: S608
    apply=(
        f"""UPDATE directory_practitioner old SET closed_on = %(today)s, updated_at = %(now)s
        WHERE {PERSON_GONE}""",  # noqa: S608
        f"""UPDATE directory_practitioner old SET civility = new.civility,
            last_name = new.last_name, first_name = new.first_name, profession = new.profession,
            profession_name = new.profession_name, specialty = new.specialty,
            specialty_name = new.specialty_name, closed_on = NULL, updated_at = %(now)s
        FROM new_person new WHERE new.rpps = old.rpps AND {PERSON_CHANGED}""",  # noqa: S608
        """INSERT INTO directory_practitioner (id, created_at, updated_at, version, rpps, civility,
            last_name, first_name, profession, profession_name, specialty, specialty_name)
        SELECT directory_uuid7(%(now)s, row_number() OVER (ORDER BY new.rpps)), %(now)s, %(now)s, 1,
            new.rpps, new.civility, new.last_name, new.first_name, new.profession,
            new.profession_name, new.specialty, new.specialty_name
        FROM new_person new
        WHERE NOT EXISTS (SELECT 1 FROM directory_practitioner old WHERE old.rpps = new.rpps)
        ORDER BY new.rpps""",
        f"""UPDATE directory_practicesite old SET closed_on = %(today)s, updated_at = %(now)s
        FROM directory_practitioner practitioner
        WHERE practitioner.id = old.practitioner_id AND {SITE_GONE}""",  # noqa: S608
        f"""UPDATE directory_practicesite old SET name = new.name, address = new.address,
            postal_code = new.postal_code, commune_id = new.commune_id, phone = new.phone,
            organization_id = new.organization_id, closed_on = NULL, updated_at = %(now)s
        FROM new_site new JOIN directory_practitioner practitioner
            ON practitioner.rpps = new.rpps
        WHERE old.practitioner_id = practitioner.id AND old.structure = new.structure
          AND {SITE_CHANGED}""",  # noqa: S608
        """INSERT INTO directory_practicesite (id, created_at, updated_at, version,
            practitioner_id, structure, name, address, postal_code, commune_id, phone,
            organization_id)
        SELECT directory_uuid7(%(now)s, row_number() OVER (ORDER BY new.rpps, new.structure)),
            %(now)s, %(now)s, 1, practitioner.id, new.structure, new.name, new.address,
            new.postal_code, new.commune_id, new.phone, new.organization_id
        FROM new_site new JOIN directory_practitioner practitioner ON practitioner.rpps = new.rpps
        WHERE NOT EXISTS (SELECT 1 FROM directory_practicesite old
            WHERE old.practitioner_id = practitioner.id AND old.structure = new.structure)
        ORDER BY new.rpps, new.structure""",
    ),
)

OUR_KINDS = ", ".join(
    f"'{kind}'"
    for kind in sorted(set(OrganizationKind.values) - set(KINDS.values()))
    if kind != OrganizationKind.OTHER
)
"""Kinds of which no category of FINESS speaks: it would make another structure of them."""

# What a human keeps in Cordée: somebody works there, a desk is open there, or FINESS does not know
# what it is. An extraction neither closes it nor says again what it is: a single number would go.
ORGANIZATION_HELD = f"""
    CREATE TEMP TABLE held ON COMMIT DROP AS
    SELECT old.id, old.finess FROM directory_organization old
    WHERE old.closed_on IS NULL AND old.finess IS NOT NULL
      AND (old.kind IN ({OUR_KINDS})
        OR EXISTS (SELECT 1 FROM directory_membership held WHERE held.organization_id = old.id
               AND (held.until IS NULL
                 OR held.until >= (now() AT TIME ZONE 'Europe/Paris')::date))
        OR EXISTS (SELECT 1 FROM directory_pole desk
               WHERE desk.organization_id = old.id AND desk.closed_on IS NULL));
    CREATE UNIQUE INDEX ON held (id); ANALYZE held"""  # noqa: S608 - constants of this file

TOLD_BY_FINESS = {
    "name": "new.name",
    "kind": "CASE WHEN new.kind = 'other' THEN old.kind ELSE new.kind END",
    "category_name": "new.category_name",
    "address": "new.address",
    "postal_code": "new.postal_code",
    "commune_id": "new.commune_id",
    "phone": "coalesce(nullif(new.phone, ''), old.phone)",
}
PLACE = ("address", "postal_code", "commune_id")
PLACE_STAYS = f"""(old.commune_id IS DISTINCT FROM new.commune_id AND ({
    " OR ".join(
        f"('{column}' = ANY (old.corrected) AND old.{column} IS DISTINCT FROM new.{column})"
        for column in PLACE
    )
}))"""
"""Whether the extraction moves to another commune what was placed by hand: a street of here with a
commune of there would be nowhere."""


def _taken(column: str, told: str) -> str:
    stays = f"'{column}' = ANY (old.corrected)"
    if column in PLACE:
        stays += f" OR {PLACE_STAYS}"
    return f"CASE WHEN {stays} THEN old.{column} ELSE {told} END"


TAKEN = {column: _taken(column, told) for column, told in TOLD_BY_FINESS.items()}
"""What an extraction makes of a structure: what was corrected here stays, column by column, and a
place whole."""

ORGANIZATION_DIFFERS = f"""({", ".join(f"old.{column}" for column in TAKEN)}, old.closed_on)
    IS DISTINCT FROM ({", ".join(TAKEN.values())}, NULL::date)"""

ORGANIZATION_CHANGED = f"""{ORGANIZATION_DIFFERS}
    AND NOT EXISTS (SELECT 1 FROM held WHERE held.id = old.id)"""  # noqa: S608

ORGANIZATION_GONE = """old.closed_on IS NULL AND old.finess IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM new_organization new WHERE new.finess = old.finess)
    AND NOT EXISTS (SELECT 1 FROM rejected WHERE rejected.identifier = old.finess)"""

# Whoever is giving a role or opening a desk there holds the row: heard before what is held is told.
GONE_HELD_STILL = f"""
    SELECT count(*) FROM (
        SELECT FROM directory_organization old WHERE {ORGANIZATION_GONE} ORDER BY old.id FOR UPDATE
    ) AS still"""  # noqa: S608

HELD_IS_TOLD = f"""
    INSERT INTO rejected
    SELECT 0, 'absente de l’extraction, mais tenue dans Cordée : laissée ouverte', finess, false
    FROM held WHERE NOT EXISTS (SELECT 1 FROM new_organization new WHERE new.finess = held.finess)
    UNION ALL
    SELECT 0, 'tenue dans Cordée : laissée telle quelle, l’extraction en dit autre chose',
        held.finess, false
    FROM held JOIN directory_organization old USING (id)
    JOIN new_organization new ON new.finess = held.finess WHERE {ORGANIZATION_DIFFERS}"""  # noqa: S608

# What was corrected here, or stays with it, and what the extraction says of it, where they differ.
CORRECTED_IS_TOLD = f"""
    INSERT INTO rejected
    SELECT 0, 'corrigé ici, gardé ; l’extraction dit : ' || string_agg(
            said.label || ' « ' || coalesce(to_jsonb(new)->>one, '') || ' »', ', ' ORDER BY label),
        old.finess, false
    FROM directory_organization old JOIN new_organization new ON new.finess = old.finess,
        LATERAL (SELECT unnest(old.corrected)
            UNION SELECT unnest(ARRAY{list(PLACE)}) WHERE {PLACE_STAYS}) AS kept(one)
        JOIN (VALUES ('name', 'nom'), ('kind', 'nature'),
            ('address', 'adresse'), ('postal_code', 'code postal'), ('commune_id', 'commune'),
            ('phone', 'téléphone')) AS said(name, label) ON said.name = kept.one
    WHERE to_jsonb(old)->one IS DISTINCT FROM to_jsonb(new)->one
      AND NOT EXISTS (SELECT 1 FROM held WHERE held.id = old.id)
    GROUP BY old.id"""  # noqa: S608 - constants of this file

AGREED = """
    UPDATE directory_organization old SET updated_at = %(now)s, corrected = ARRAY(
        SELECT one FROM unnest(old.corrected) AS one
        WHERE to_jsonb(old)->one IS DISTINCT FROM to_jsonb(new)->one)
    FROM new_organization new WHERE new.finess = old.finess AND EXISTS (
        SELECT 1 FROM unnest(old.corrected) AS one
        WHERE to_jsonb(old)->one IS NOT DISTINCT FROM to_jsonb(new)->one)"""

# Somebody makes a structure by hand while its extraction comes in: the first to write is kept.
MADE_MEANWHILE = """
    WITH added AS (
        INSERT INTO directory_organization (id, created_at, updated_at, version, finess, name,
            kind, category_name, address, postal_code, commune_id, phone, email, sms_sender_name)
        SELECT directory_uuid7(%(now)s, row_number() OVER (ORDER BY new.finess)), %(now)s, %(now)s,
            1, new.finess, new.name, new.kind, new.category_name, new.address, new.postal_code,
            new.commune_id, new.phone, '', ''
        FROM new_organization new
        WHERE NOT EXISTS (SELECT 1 FROM directory_organization old
            WHERE old.finess = new.finess)
        ON CONFLICT (finess) DO NOTHING RETURNING finess
    )
    INSERT INTO rejected
    SELECT 0, 'créée ici pendant l’import : laissée telle quelle', new.finess, false
    FROM new_organization new
    WHERE NOT EXISTS (SELECT 1 FROM added WHERE added.finess = new.finess)
      AND NOT EXISTS (SELECT 1 FROM directory_organization old WHERE old.finess = new.finess)"""

FINESS = Statements(
    prepare=(
        "CREATE INDEX ON staged (finess, line); ANALYZE staged",
        """WITH doubled AS (
            DELETE FROM staged USING (SELECT finess, min(line) AS line FROM staged GROUP BY 1) first
            WHERE first.finess = staged.finess AND first.line < staged.line
            RETURNING staged.line, staged.finess, first.line AS first_line
        )
        INSERT INTO rejected SELECT line, 'même numéro que la ligne ' || first_line, finess, true
        FROM doubled""",
        f"""CREATE TEMP TABLE new_organization ON COMMIT DROP AS
        SELECT staged.finess, staged.name, staged.kind, staged.category_name, staged.address,
            staged.postal_code, {OF_TODAY} AS commune_id, staged.phone
        FROM staged
        LEFT JOIN directory_commune commune ON commune.code = staged.commune
        LEFT JOIN directory_othercode other ON other.code = staged.commune;
        CREATE UNIQUE INDEX ON new_organization (finess); ANALYZE new_organization""",  # noqa: S608
        GONE_HELD_STILL,
        ORGANIZATION_HELD,
        HELD_IS_TOLD,
        CORRECTED_IS_TOLD,
        "CREATE INDEX ON rejected (identifier); ANALYZE rejected",
    ),
    count=f"""
        SELECT count(*), count(*) FILTER (WHERE old.id IS NULL),
            count(*) FILTER (WHERE old.id IS NOT NULL AND {ORGANIZATION_CHANGED}),
            (SELECT count(*) FROM directory_organization old WHERE {ORGANIZATION_GONE}),
            (SELECT count(*) FROM directory_organization old
             WHERE old.closed_on IS NULL AND old.finess IS NOT NULL), 0, 0
        FROM new_organization new
        LEFT JOIN directory_organization old ON old.finess = new.finess""",  # noqa: S608
    apply=(
        f"""UPDATE directory_organization old SET closed_on = %(today)s, updated_at = %(now)s
        WHERE {ORGANIZATION_GONE}""",  # noqa: S608
        AGREED,
        f"""UPDATE directory_organization old SET
            {", ".join(f"{column} = {taken}" for column, taken in TAKEN.items())},
            closed_on = NULL, updated_at = %(now)s
        FROM new_organization new
        WHERE new.finess = old.finess AND {ORGANIZATION_CHANGED}""",  # noqa: S608
        MADE_MEANWHILE,
    ),
)

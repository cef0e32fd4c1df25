"""Which communes somebody could come to, for a kind of care. One set-based query."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from cordee.directory.coverage import Place
from cordee.directory.kinds import CareKind, Profession
from cordee.directory.models import Commune, Territory
from cordee.directory.selectors.places import CommuneGroup, ZoneMap, codes_of, zone_map

# Every zone is counted, near or not: many nurses share one, and comparing each with so many codes
# takes forty times longer.
COUNTED = """
    WITH could AS (
        SELECT practice.communes
        FROM directory_practice AS practice
        JOIN directory_practitioner AS nurse ON nurse.id = practice.practitioner_id
        WHERE nurse.profession = %(profession)s AND nurse.closed_on IS NULL
          AND practice.kinds @> ARRAY[%(kind)s]::varchar[]
          AND practice.mobile_proved_at IS NOT NULL AND practice.tie_confirmed_at IS NOT NULL
          AND practice.stopped_at IS NULL
          AND EXISTS (SELECT 1 FROM directory_weeklyhours AS hours
                      WHERE hours.practice_id = practice.id)
          AND NOT EXISTS (SELECT 1 FROM directory_absence AS absence
                          WHERE absence.practice_id = practice.id AND absence.begins_at <= %(at)s
                            AND (absence.ends_at IS NULL OR absence.ends_at > %(at)s))
    ), zones AS (SELECT communes, count(*) AS nurses FROM could GROUP BY communes),
    counted AS (SELECT code, sum(nurses)::int AS nurses FROM zones, unnest(communes) AS code
                WHERE code = ANY(%(codes)s) GROUP BY code)
    SELECT commune.code, commune.name, commune.population, commune.epci_code, commune.epci_name,
           coalesce(counted.nurses, 0)
    FROM directory_commune AS commune LEFT JOIN counted ON counted.code = commune.code
    WHERE commune.code = ANY(%(codes)s) AND commune.is_current
    ORDER BY 6, commune.population DESC, commune.code
"""


def coverage(kind: CareKind, codes: Collection[str], at: datetime) -> list[Place]:
    """Count, for each commune, the nurses who may be asked, fewest first. One query.

    Those who are away at that moment are not counted; the hours of the day are not looked at.
    """
    given: dict[str, Any] = {
        "kind": kind.value,
        "codes": list(codes),
        "at": at,
        "profession": Profession.NURSE,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, given)
        return [Place(*row) for row in cursor.fetchall()]


def coverage_of(territory: Territory, kind: CareKind, at: datetime) -> list[Place]:
    """Count over the communes of a territory. Two queries."""
    return coverage(kind, codes_of(territory), at)


def coverage_map(places: Collection[Place]) -> ZoneMap | None:
    """Draw the communes; None when no outline was loaded. At most two queries."""
    communes = Commune.objects.filter(pk__in=[one.code for one in places]).order_by("pk")
    return zone_map([CommuneGroup("", "", tuple(communes))], ())

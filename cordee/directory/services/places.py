"""The communes brought from the shipped file, and their outlines from a licensed one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TextIO

from django.db import connection

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory import communes, outlines
from cordee.directory.facts import PracticeDeclared, TerritoryDrawn
from cordee.directory.models import Outline
from cordee.directory.selectors.places import commune_codes
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish_many


@action("directory.load_communes", on=None)
def load_communes(*, actor: Actor, now: datetime) -> int:
    """Bring the shipped communes in; one that no longer exists is kept, as a thing of the past.

    Zones, territories and sectors that hold it also hold, from now on, the commune that it joined;
    persons move there by themselves, in the same transaction. Returns how many communes there are.
    Running it again changes nothing.
    """
    with connection.cursor() as cursor:
        count = communes.bring_in(cursor)
        followed = communes.follow(cursor, now)
    zones = [
        PracticeDeclared(practice_id=pk, practitioner_id=who) for pk, who in followed.practices
    ]
    publish_many([*zones, *(TerritoryDrawn(territory_id=pk) for pk in followed.territories)])
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Where a file of outlines comes from, under which licence, and of which day."""

    source: str
    licence: str
    dated_on: date


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file of outlines brought: communes drawn, and codes that no commune has any more."""

    communes: int
    unknown: int


@action("directory.load_outlines", on=None)
def load_outlines(*, actor: Actor, file: TextIO, licence: Licence, now: datetime) -> Loaded:
    """Keep the outline and centre of each commune of a GeoJSON file, in place of what was kept.

    Former communes are joined into that of today. Raises DomainError when the file is not one of
    outlines of communes: nothing changes then.
    """
    known, unknown = commune_codes(), 0
    drawn: dict[str, outlines.Drawn] = {}
    try:
        for one in outlines.read(file):
            code = known.get(one.code)
            if code is None:
                unknown += 1
            else:
                drawn[code] = outlines.joined(drawn[code], one) if code in drawn else one
    except (outlines.OutlineError, UnicodeDecodeError) as error:
        why = error if isinstance(error, outlines.OutlineError) else "Il n’est pas en UTF-8."
        raise DomainError(
            "directory.not_outlines",
            f"{why} Aucun contour n’a changé : vérifiez le fichier, puis relancez.",
        ) from error
    if not drawn:
        raise DomainError(
            "directory.no_outline",
            "Ce fichier ne contient le contour d’aucune commune connue. Rien n’a changé.",
        )
    Outline.objects.filter(commune__in=drawn).delete()
    rows = [_outline(code, one, licence) for code, one in drawn.items()]
    Outline.objects.bulk_create(rows, batch_size=1_000)
    return Loaded(len(drawn), unknown)


def _outline(code: str, one: outlines.Drawn, licence: Licence) -> Outline:
    return Outline(
        commune_id=code,
        polygons=one.polygons,
        longitude=one.centre[0],
        latitude=one.centre[1],
        source=licence.source,
        licence=licence.licence,
        dated_on=licence.dated_on,
    )

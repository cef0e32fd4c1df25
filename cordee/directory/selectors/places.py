"""Communes: found by name or postal code, grouped by intercommunality."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.http import Http404

from cordee.access.fetched import Fetch
from cordee.access.stencil import Stencil, Word
from cordee.directory import outlines
from cordee.directory.models import (
    Commune,
    OtherCode,
    Outline,
    PostalCode,
    PracticeSite,
    Sector,
    Territory,
)
from cordee.kernel.base import any_of
from cordee.kernel.once import once


def communes_matching(text: str, limit: int = 12) -> list[Commune]:
    """Find communes by the beginning of a name or postal code, or both. One query.

    Accents, hyphens, apostrophes, « St » and a leading article do not matter; exact names come
    first, then the largest. Each result carries its postal codes in `.codes`.
    """
    numbers = " ".join(re.findall(r"\d+", text))[:5]
    words = re.sub(r"[\d()\0]+", " ", text)[:80].strip()
    found = Commune.objects.filter(is_current=True)
    if words:
        key = Func(Value(words), function="directory_place_key")
        bare = Func(Value(words), function="directory_bare_key")
        starting = Q(search_key__startswith=key) | Q(bare_key__startswith=bare)
        found = found.alias(wanted=key).filter(starting).exclude(wanted="")
        exact = Case(
            When(Q(search_key=key) | Q(bare_key=bare), then=0),
            default=1,
            output_field=IntegerField(),
        )
    elif numbers:
        exact = Case(default=Value(0))
    else:
        return []
    if numbers:
        coded = PostalCode.objects.filter(commune=OuterRef("pk"), code__startswith=numbers)
        found = found.filter(Exists(coded))
    codes = PostalCode.objects.filter(commune=OuterRef("pk")).order_by("code").values("code")
    return list(
        found.annotate(exact=exact, codes=ArraySubquery(codes)).order_by(
            "exact", "-population", "code"
        )[:limit]
    )


def the_one_named(places: list[Commune]) -> Commune | None:
    """Give the commune that was meant: the only one found, or the only one of that exact name."""
    exact: list[Any] = [place for place in places if getattr(place, "exact", 1) == 0]
    if len(exact) == 1:
        return exact[0]  # type: ignore[no-any-return]
    return places[0] if len(places) == 1 else None


_communes = Fetch(Commune.objects.all)


@once
def commune_of(code: str) -> Commune | None:
    """Give the commune of today that an Insee code, even a former one, stands for. One query,
    planned once; one more for a former code. One of the past that no other holds is given itself.
    """
    found: Commune | None = _communes.one(Word(code))
    if found is not None and found.is_current:
        return found
    return Commune.objects.filter(other_codes__code=code).first() or found


@once
def get_commune(code: str) -> Commune:
    """Give a commune by its Insee code, even a former one; raises Http404. One or two queries."""
    found = commune_of(code)
    if found is None:
        raise Http404
    return found


def territories_holding(commune_code: str) -> list[tuple[UUID, str]]:
    """Give the territories that hold a commune, with their kind, by name. One query, planned
    once."""
    return _holding(commune_code=Word(commune_code))  # type: ignore[return-value]


@Stencil
def _holding(commune_code: Word) -> QuerySet[Territory, Any]:
    rows = Territory.objects.filter(places__commune_id=commune_code).order_by("name", "pk")
    return rows.values_list("pk", "kind")


def communes_by_code(codes: Iterable[str]) -> dict[str, Commune]:
    """Give several communes by their codes. One query."""
    return Commune.objects.in_bulk(list(codes))


def commune_codes() -> dict[str, str]:
    """Map every code in use, current or former, to the code of today. Two queries."""
    known = Commune.objects.values_list("code", "is_current")
    former = dict(OtherCode.objects.values_list("code", "commune_id"))
    kept = {code: code for code, is_current in known if is_current or code not in former}
    return {**former, **kept}


def population_of(codes: Iterable[str]) -> int:
    """Add up the residents of some communes; those of the past have none. One query."""
    found = Commune.objects.filter(pk__in=list(codes), is_current=True).aggregate(
        total=Sum("population")
    )
    return found["total"] or 0


@dataclass(frozen=True, slots=True)
class CommuneGroup:
    """The communes of one intercommunality, for a list that one ticks."""

    code: str
    name: str
    communes: tuple[Commune, ...]

    @property
    def population(self) -> int:
        """Give the residents of the communes listed."""
        return sum(commune.population for commune in self.communes)


def grouped_by_epci(epci_codes: Iterable[str], extra: Iterable[str] = ()) -> list[CommuneGroup]:
    """List the communes of some intercommunalities, and some communes besides. One query."""
    wanted = Q(epci_code__in=[code for code in epci_codes if code]) | Q(pk__in=list(extra))
    rows = Commune.objects.filter(wanted, is_current=True).order_by(
        F("epci_name").asc(), "search_key", "code"
    )
    groups: dict[tuple[str, str], list[Commune]] = {}
    for commune in rows:
        key = (commune.epci_code, commune.epci_name or "Sans intercommunalité")
        groups.setdefault(key, []).append(commune)
    return [CommuneGroup(code, name, tuple(found)) for (code, name), found in groups.items()]


def communes_around(commune: Commune) -> list[str]:
    """Give the codes of the intercommunality of a commune. One query; none when it is in none."""
    if not commune.epci_code:
        return [commune.pk]
    around = Commune.objects.filter(epci_code=commune.epci_code, is_current=True)
    return list(around.order_by("code").values_list("code", flat=True))


def groups_of(codes: Iterable[str]) -> list[CommuneGroup]:
    """List the intercommunalities that some communes touch, whole. Two queries."""
    held = list(codes)
    epcis = Commune.objects.filter(pk__in=held).values_list("epci_code", flat=True)
    return grouped_by_epci(set(epcis), held)


def codes_of(drawn: Territory | Sector) -> list[str]:
    """Give the codes of the communes of a territory or a sector, even of the past. One query."""
    return sorted(drawn.places.values_list("commune_id", flat=True))


# -- outlines ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """A commune on a map: its path, and whether it is in the zone."""

    commune: Commune
    path: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class ZoneMap:
    """A map of communes that the server draws itself, and where its outlines come from."""

    width: int
    height: int
    shapes: list[Shape]
    missing: int
    origin: Outline


def zone_map(
    groups: Iterable[CommuneGroup], held: Iterable[str], width: int = 640
) -> ZoneMap | None:
    """Draw the communes of a list; None when no outline was loaded for any. One query."""
    listed = {commune.pk: commune for group in groups for commune in group.communes}
    rows = list(Outline.objects.filter(commune__in=listed).order_by("-dated_on", "pk"))
    if not rows:
        return None
    drawn, height = outlines.paths([row.polygons for row in rows], width)
    inside = set(held)
    shapes = [
        Shape(listed[row.pk], path, row.pk in inside) for row, path in zip(rows, drawn, strict=True)
    ]
    return ZoneMap(width, height, shapes, len(listed) - len(rows), rows[0])


def distances_km(practitioners: Iterable[UUID], commune_code: str) -> dict[UUID, float]:
    """Give how far the nearest place of practice of each is from a commune, as the crow flies.

    Between centres of communes; who is missing has no known distance. At most two queries, one
    when no outline was loaded.
    """
    there = centres_of([commune_code]).get(commune_code)
    if there is None:
        return {}
    return {pk: nearest_km(sites, there) for pk, sites in sites_of(practitioners).items()}


def centres_of(codes: Iterable[str]) -> dict[str, outlines.Point]:
    """Give the centres of the communes whose outline was loaded. One query."""
    rows = Outline.objects.filter(pk__in=list(codes)).values_list("pk", "longitude", "latitude")
    return {code: (longitude, latitude) for code, longitude, latitude in rows}


def sites_of(practitioners: Iterable[UUID]) -> dict[UUID, list[outlines.Point]]:
    """Give where each practises, by the centres of communes; who is missing is not known. One
    query."""
    rows = PracticeSite.objects.filter(
        practitioner__in=any_of(list(practitioners), "uuid"),
        closed_on=None,
        commune__outline__isnull=False,
    ).values_list("practitioner_id", "commune__outline__longitude", "commune__outline__latitude")
    sites: dict[UUID, list[outlines.Point]] = {}
    for pk, longitude, latitude in rows.order_by("practitioner_id", "pk"):
        sites.setdefault(pk, []).append((longitude, latitude))
    return sites


def nearest_km(sites: Iterable[outlines.Point], there: outlines.Point) -> float:
    """Give how far the nearest of some places is."""
    return min(outlines.kilometres(one, there) for one in sites)

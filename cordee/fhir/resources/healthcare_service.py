"""What a professional declares → HealthcareService: which care, where, when; never her mobile."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory.kinds import CareKind
from cordee.directory.models import Absence, Commune, Practice, PracticeSite, WeeklyHours
from cordee.fhir import france
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, filled, identifier, period, reference
from cordee.fhir.nomenclatures import MADE_UP, coded, made_up
from cordee.fhir.outcome import Json
from cordee.fhir.resources.practitioner import profession
from cordee.fhir.search.parameters import Asking, Choice, Made, Parameter
from cordee.fhir.systems import PROFESSIONS, ours
from cordee.fhir.versions import LATELY, lately, together

CARE = ours("care-kind")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rows(actor: Actor) -> QuerySet[Practice]:
    """What was declared to who looks for somebody, and one's own. Four queries."""
    hours, absences = WeeklyHours.objects.visible_to(actor), Absence.objects.visible_to(actor)
    sites = PracticeSite.objects.visible_to(actor)
    opened = sites.filter(closed_on=None).order_by("pk")
    found = (
        Practice.objects.visible_to(actor)
        .select_related("practitioner")
        .prefetch_related(
            Prefetch("hours", queryset=hours.order_by("weekday", "starts", "pk")),
            Prefetch("absences", queryset=absences.order_by("begins_at", "pk")),
            Prefetch("practitioner__sites", queryset=opened, to_attr="open_sites"),
        )
    )
    return lately(
        found,
        "practitioner",
        hours.filter(practice=OuterRef("pk")),
        absences.filter(practice=OuterRef("pk")),
        sites.filter(practitioner=OuterRef("practitioner")),
    )


def to_fhir(rows: Sequence[Practice], seeing: Seeing) -> list[Json]:
    """What is offered, with the names of communes. One query."""
    codes = {code for one in rows for code in one.communes}
    names = dict(Commune.objects.filter(pk__in=codes).values_list("pk", "name"))
    return [_service(one, names, seeing) for one in rows]


def _service(one: Practice, names: dict[str, str], seeing: Seeing) -> Json:
    who = one.practitioner
    trade = profession(who)
    places: Any = who.open_sites  # type: ignore[attr-defined]
    return filled(
        {
            "meta": MADE_UP if who.is_synthetic else {},
            "active": one.stopped_at is None and who.closed_on is None,
            "name": f"{who}, {who.get_profession_display()}".rstrip(", "),
            "type": [_care(kind) for kind in one.kinds],
            "specialty": [trade] if trade else [],
            "location": [reference("Location", site.pk, site.name) for site in places],
            "coverageArea": [_area(code, names.get(code, "")) for code in one.communes],
            "availableTime": [_open(stretch) for stretch in one.hours.all()],
            "notAvailable": list(_away(one.absences.all(), seeing)),
        }
    )


def _parts(one: Any) -> Iterable[Any]:
    who = one.practitioner
    return [who, *who.open_sites, *one.hours.all(), *one.absences.all()]


def _care(kind: str) -> Json:
    label = CareKind(kind).label
    return {"coding": [coding(CARE, kind, label)], "text": label}


def _area(code: str, name: str) -> Json:
    return filled({"identifier": identifier(france.COMMUNES, code), "display": name})


def _open(stretch: WeeklyHours) -> Json:
    """A stretch of the week; a whole day is said as such, and midnight as its last second."""
    starts, ends = stretch.starts.isoformat(), stretch.ends.isoformat()
    day = {"daysOfWeek": [DAYS[stretch.weekday]]}
    if starts == ends == "00:00:00":
        return {**day, "allDay": True}
    ends = "23:59:59" if ends == "00:00:00" else ends
    return {**day, "availableStartTime": starts, "availableEndTime": ends}


def _away(absences: Iterable[Absence], seeing: Seeing) -> Iterable[Json]:
    """What is under way or to come: the past tells nobody when to call."""
    for one in absences:
        if one.ends_at is None or one.ends_at > seeing.now:
            during = period(one.begins_at, one.ends_at)
            yield {"description": one.get_kind_display(), "during": during}


def _in_commune(value: str, asking: Asking) -> Q:
    system, bar, code = value.rpartition("|")
    known = not bar or system == france.COMMUNES
    return Q(communes__contains=[code]) if known and code else Q(pk__in=[])


GIVEN = Q(stopped_at=None, practitioner__closed_on=None)
SEARCH: dict[str, Parameter] = {
    "active": Choice({"true": GIVEN, "false": ~GIVEN}),
    "commune": Made("token", _in_commune),
    "service-type": Choice(
        {kind.value: Q(kinds__contains=[kind.value]) for kind in CareKind}, CARE, Q(kinds=[])
    ),
    "specialty": coded("practitioner__profession", PROFESSIONS),
}

MAPPING = Mapping(
    type="HealthcareService",
    model=Practice,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    labels=made_up("practitioner__rpps"),
    version_of=lambda row: together(row, _parts(row)),
    moment=LATELY,
    person_of=lambda row: None,
    summary=("active", "name", "type", "specialty", "location", "coverageArea"),
    note="What a professional declared, for the desks and herself; commune is a parameter of ours.",
)

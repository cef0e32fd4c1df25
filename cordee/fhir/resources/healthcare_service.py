"""What a professional declares ⇄ HealthcareService: which care, where, when; never her mobile.

It is written whole, over the version that was read: an older copy would bring back hours that she
gave up since, and somebody would be sought who does not come. Her places, her name and her trade
are those of the national directory; her mobile, and whether it is hers, are proved on pages alone.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapped
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory import services
from cordee.directory.kinds import CareKind
from cordee.directory.models import Absence, Commune, Practice, PracticeSite, WeeklyHours
from cordee.directory.rules import Hours, merged
from cordee.fhir import france
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import coding, filled, identifier, period, reference, said
from cordee.fhir.incoming import local
from cordee.fhir.nomenclatures import MADE_UP, coded, made_up, of_commune
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.resources.practitioner import profession
from cordee.fhir.search import dates
from cordee.fhir.search.parameters import Choice, Identifier, Parameter
from cordee.fhir.systems import PROFESSIONS, ours
from cordee.fhir.unchanged import without
from cordee.fhir.versions import LATELY, lately, together

CARE = ours("care-kind")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ENDS = ("availableStartTime", "availableEndTime")
LAST_SECOND = time(23, 59, 59)
ABSENCES = {label.casefold(): kind for kind, label in Absence.Kind.choices}


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
    ends = LAST_SECOND.isoformat() if ends == "00:00:00" else ends
    return {**day, "availableStartTime": starts, "availableEndTime": ends}


def _away(absences: Iterable[Absence], seeing: Seeing) -> Iterable[Json]:
    """What is under way or to come: the past tells nobody when to call."""
    for one in absences:
        if one.ends_at is None or one.ends_at > seeing.now:
            during = period(one.begins_at, one.ends_at)
            yield {"description": one.get_kind_display(), "during": during}


# --- in ----------------------------------------------------------------------------------------

OWNED = (
    *("active", "name", "type", "specialty", "location"),
    *("coverageArea", "availableTime", "notAvailable"),
)


def create(writing: Writing) -> Practice:
    """Open the practice of whoever works at the place that is named, and declare it."""
    place = writing.refers("location[0]", "Location")
    if not isinstance(place, PracticeSite):
        raise unprocessable(*WHOSE)
    opened = services.open_practice(
        actor=writing.actor, practitioner=place.practitioner, anew=True, now=writing.now
    )
    return _declared(writing, rows(writing.actor).get(pk=opened.pk))


def update(writing: Writing, row: Practice) -> Practice:
    """Make what she declares what it is told to be: whole, hence over the version that was read."""
    return _declared(writing, row)


def _declared(writing: Writing, practice: Practice) -> Practice:
    """Say in the verbs of the room what changes, and that alone. Raises Refusal, DomainError."""
    resource = writing.resource
    _refuse_places_of_others(resource, practice)
    who = {"actor": writing.actor, "practice": practice, "now": writing.now}
    kinds, zone, week = _kinds(resource), _zone(resource), merged(_week(resource))
    if kinds != set(practice.kinds):
        services.declare_kinds(**who, kinds=kinds)
    if zone != set(practice.communes):
        services.declare_zone(**who, communes=zone)
    if week != [one.stretch() for one in practice.hours.all()]:
        services.declare_week(**who, week=week)
    _away_as_told(who, _absences(writing))
    _heard_or_not(writing, practice, who)
    return rows(writing.actor).get(pk=practice.pk)


def _refuse_places_of_others(resource: Json, practice: Practice) -> None:
    """Her places are those of the national directory. Raises Refusal (422)."""
    known = {site.pk for site in practice.practitioner.open_sites}  # type: ignore[attr-defined]
    for place, one in enumerate(resource.get("location", [])):
        named = local(one.get("reference", ""))
        if named is None or named[1] not in known:
            raise unprocessable(*ELSEWHERE, f"HealthcareService.location[{place}]")


def _kinds(resource: Json) -> set[str]:
    found = set()
    for place, one in enumerate(resource.get("type", [])):
        said = {c.get("code", "") for c in one.get("coding", []) if c.get("system") == CARE}
        if not said or not said <= set(CareKind.values):
            raise unprocessable(*NO_KIND, f"HealthcareService.type[{place}]")
        found |= said
    return found


def _zone(resource: Json) -> set[str]:
    found = set()
    for place, one in enumerate(resource.get("coverageArea", [])):
        said = one.get("identifier", {})
        if said.get("system") != france.COMMUNES or not said.get("value"):
            raise unprocessable(*NO_COMMUNE, f"HealthcareService.coverageArea[{place}]")
        found.add(said["value"])
    return found


def _week(resource: Json) -> Iterable[Hours]:
    for place, one in enumerate(resource.get("availableTime", [])):
        stretch = _stretch(one)
        if stretch is None:
            raise unprocessable(*NO_HOURS, f"HealthcareService.availableTime[{place}]")
        for day in one["daysOfWeek"]:
            yield Hours(DAYS.index(day), *stretch)


def _stretch(said: Json) -> tuple[time, time] | None:
    """From when to when, to the minute; midnight is told as its last second. None: unsaid, be it
    one day that only an extension stands for."""
    if None in said.get("daysOfWeek", [None]):
        return None
    if said.get("allDay"):
        return time(0), time(0)
    try:
        starts, ends = (time.fromisoformat(said.get(one, "")) for one in ENDS)
    except ValueError:
        return None
    ends = time(0) if ends.replace(microsecond=0) == LAST_SECOND else ends
    starts, ends = (one.replace(second=0, microsecond=0) for one in (starts, ends))
    return (starts, ends) if ends > starts or ends == time(0) else None


Times = tuple[str, str, str]  # what an absence is, and its moments as they are told


def _absences(writing: Writing) -> dict[Times, tuple[str, datetime, datetime | None]]:
    """The absences that are told, but for those that are over. Raises Refusal (422)."""
    found = {}
    for place, one in enumerate(writing.resource.get("notAvailable", [])):
        kind = ABSENCES.get(one.get("description", "").strip().casefold())
        span = _span(one.get("during", {}), writing.now)
        if kind is None or span is None:
            raise unprocessable(*NO_ABSENCE, f"HealthcareService.notAvailable[{place}]")
        if span[1] is None or span[1] > writing.now:
            found[(kind, said(span[0]), said(span[1]))] = (kind, *span)
    return found


def _span(during: Json, now: datetime) -> tuple[datetime, datetime | None] | None:
    """A day holds to its midnight; without a beginning, from now on. None: nothing is said."""
    if not during:
        return None
    try:
        begins = dates.interval(during["start"]).start if during.get("start") else now
        if not during.get("end"):
            return begins.astimezone(UTC), None
        end = dates.interval(during["end"])
        ends = end.start if "T" in during["end"] else end.end
        return begins.astimezone(UTC), ends.astimezone(UTC)
    except (ValueError, OverflowError):  # in Paris, the first day begins before the first year
        return None


def _away_as_told(who: Json, told: Mapped[Times, tuple[str, datetime, datetime | None]]) -> None:
    """End the absences that are told no more, and add those that are told anew."""
    absences = who["practice"].absences.all()
    present = {
        (one.kind, said(one.begins_at), said(one.ends_at)): one
        for one in absences
        if one.ends_at is None or one.ends_at > who["now"]
    }
    for times in present.keys() - told.keys():
        services.end_absence(**who, absence=present[times])
    for times in sorted(told.keys() - present.keys()):
        kind, begins, ends = told[times]
        services.add_absence(**who, kind=kind, begins_at=begins, ends_at=ends)


def _heard_or_not(writing: Writing, practice: Practice, who: Json) -> None:
    """Stop the messages that she is sent, or resume them; a silence changes nothing."""
    wanted, is_closed = writing.resource.get("active"), practice.practitioner.closed_on is not None
    if wanted and is_closed:
        raise unprocessable(*CLOSED)
    if wanted is False and practice.stopped_at is None and not is_closed:
        services.stop_messages(**who)
    if wanted and practice.stopped_at is not None:
        services.resume_messages(**who)


def answered_for(resource: Json) -> Json:
    """What is declared is told as the house keeps it, and her name as the directory says it."""
    return without(resource, OWNED)


WHOSE = (
    "healthcare_service.whose",
    "Dites de quel professionnel il s’agit, par un de ses lieux d’exercice : « location » nomme un "
    "lieu de l’annuaire national. Rien n’a été enregistré.",
    "Name one of the professional's places of practice in location.",
    "HealthcareService.location",
)
ELSEWHERE = (
    "healthcare_service.places",
    "Les lieux d’exercice sont ceux de l’annuaire national, qui seul les écrit : ce lieu n’en est "
    "pas un pour ce professionnel. Rien n’a été enregistré.",
    "The places of practice are those of the national directory: this is none of them.",
)
NO_KIND = (
    "healthcare_service.kind",
    f"Dites chaque soin par un code de la liste « {CARE} ». Rien n’a été enregistré.",
    "Each type bears a code of the list of Cordée.",
)
NO_COMMUNE = (
    "healthcare_service.commune",
    "La zone se dit par communes : pour chacune, « identifier » porte son code Insee dans "
    f"« {france.COMMUNES} ». Rien n’a été enregistré.",
    "Each coverage area is a commune, named by its Insee code in identifier.",
)
NO_HOURS = (
    "healthcare_service.hours",
    "Dites les jours, et les deux heures ou la journée entière ; une nuit se dit en deux fois, "
    "jusqu’à 23:59:59 puis à partir de 00:00:00. Rien n’a été enregistré.",
    "Say the days, and both times or allDay; a night is told as two stretches.",
)
NO_ABSENCE = (
    "healthcare_service.absence",
    f"Une absence dit ce qu’elle est ({', '.join(Absence.Kind.labels)}) et ses dates. Rien n’a "
    "été enregistré.",
    "An absence says in description which it is, in the words of Cordée, and when.",
)
CLOSED = (
    "healthcare_service.closed",
    "L’annuaire national ne connaît plus d’exercice en cours sous ce numéro. Rien n’a été modifié.",
    "The national directory knows no current practice of this professional.",
    "HealthcareService.active",
)


# --- search ------------------------------------------------------------------------------------


GIVEN = Q(stopped_at=None, practitioner__closed_on=None)
SEARCH: dict[str, Parameter] = {
    "active": Choice({"true": GIVEN, "false": ~GIVEN}),
    "commune": of_commune(lambda code: Q(communes__contains=[code])),
    "identifier": Identifier(),
    "service-type": Choice(
        {kind.value: Q(kinds__contains=[kind.value]) for kind in CareKind}, CARE, Q(kinds=[])
    ),
    "specialty": coded("practitioner__profession", PROFESSIONS),
}

PLACES = {
    "directory.absence_backwards": "notAvailable",
    "directory.commune_unknown": "coverageArea",
    "directory.kind_of_another_trade": "type",
    "directory.practice_open": "location",
    "directory.practitioner_closed": "location",
}
MAPPING = Mapping(
    type="HealthcareService",
    model=Practice,
    rows=rows,
    to_fhir=to_fhir,
    create=create,
    update=update,
    asks_version=True,
    answered_for=answered_for,
    places=PLACES,
    search=SEARCH,
    labels=made_up("practitioner__rpps"),
    version_of=lambda row: together(row, _parts(row)),
    moment=LATELY,
    person_of=lambda row: None,
    summary=("active", "name", "type", "specialty", "location", "coverageArea"),
    note="What a professional declares, written by herself and by the desks, whole, over the "
    "version that was read (without `If-Match`: 428). It is created once, by naming in location a "
    "place of hers; types of care, communes, hours and absences (pause, congés, formation) are "
    "told as the house keeps them. `active`: whether messages are sent to her; she alone resumes "
    "them. It is not deleted. commune is a parameter of ours.",
)

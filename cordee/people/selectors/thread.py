"""The thread of a person, as its reader may know it; and who looked, in plain words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.db.models.expressions import RawSQL

from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.access.fetched import Fetch
from cordee.access.models import Account, Trace
from cordee.access.policy import visible
from cordee.directory.kinds import MembershipRole
from cordee.directory.models import Organization, Practitioner
from cordee.kernel.facts import Fact
from cordee.kernel.models import FactHeader, on_threads
from cordee.kernel.months import archived, month_of
from cordee.kernel.prepared import run
from cordee.people.models import Person
from cordee.people.policy import Tellable, speaks_for, tellable
from cordee.people.policy.scopes import ROLE_LINES
from cordee.people.rules.traits import folded
from cordee.people.selectors.latest import Row, latest, parts
from cordee.people.selectors.persons import surviving

PARIS = ZoneInfo("Europe/Paris")
LINES = 50
ROOMS = {
    "people": "la personne",
    "assessments": "évaluations",
    "liaison": "cahier de liaison",
    "plans": "plan",
    "vigilance": "à domicile",
    "protocols": "parcours",
    "meetings": "réunions",
    "intake": "demandes",
    "broker": "recherches",
    "messaging": "messages",
    "pathways": "tâches",
    "fhir": "documents reçus",
}
SOURCES = {
    Origin.FORM.value: "saisi dans Cordée",
    Origin.CALL.value: "au téléphone",
    Origin.TEXT.value: "par SMS",
    Origin.LINK.value: "par un lien",
    Origin.JOB.value: "automatique",
    Origin.IMPORT.value: "importé",
    Origin.FHIR.value: "par un logiciel partenaire",
    Origin.HL7.value: "par l’hôpital",
}
OTHER_RECORD = "sur la fiche réunie"
ERASED = "Ligne effacée selon une règle de conservation."
ARCHIVED = "Détail mis en archive, ou effacé selon une règle de conservation."


@dataclass(frozen=True)
class Wanted:
    """Which lines: rooms, days, author, and before which line (to go back in time)."""

    rooms: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    author: str = ""
    organization: str = ""
    before: int | None = None


@dataclass(frozen=True)
class Line:
    """One fact on the rope."""

    id: int
    room: str
    text: str
    at: datetime
    who: str = ""
    organization: str = ""
    about: str = ""
    source: str = ""
    state: str = "done"
    times: int = 1

    @property
    def words(self) -> tuple[str, ...]:
        """What it says, whichever it is and whenever it was."""
        told = (self.room, self.text, self.who, self.organization)
        return (*told, self.about, self.source, self.state)


@dataclass(frozen=True)
class Thread:
    """A stretch of rope, and where the next one begins."""

    lines: list[Line] = field(default_factory=list)
    older_than: int | None = None


def thread_of(actor: Actor, person: Person, wanted: Wanted | None = None) -> Thread:
    """Read a stretch of the thread, the latest first, with those of the records it absorbed.

    Ten queries at most, and one more when some content is not here.
    """
    threads, known = _whose(actor, person)
    if wanted is None:
        found: Sequence[Row] = latest(threads, known, LINES + 1)
    else:
        rows = _asked(_with_contents(_seen(threads, known)), wanted)
        found = list(rows.order_by("-id")[: LINES + 1])
    names, gone = _around(found)
    lines = [_line(row, names, gone, own=row.thread_id == person.pk) for row in found[:LINES]]
    return Thread(lines, lines[-1].id if len(found) > LINES else None)


def gathered(lines: Iterable[Line]) -> list[Line]:
    """Lines in a row that say the same, told once: the latest of them, and how many they are."""
    alike = [list(same) for _, same in groupby(lines, attrgetter("words"))]
    return [replace(same[0], times=sum(one.times for one in same)) for same in alike]


@dataclass(frozen=True)
class Authors:
    """Who wrote the lines that a reader may know, and for which organisations: number, name."""

    people: list[tuple[str, str]] = field(default_factory=list)
    organizations: list[tuple[str, str]] = field(default_factory=list)


def authors_of(actor: Actor, person: Person) -> Authors:
    """List who may be asked for in a filter: nobody whose lines are hidden. Ten queries."""
    written = _with_contents(_seen(*_whose(actor, person))).filter(told__isnull=False)
    references = list(written.order_by().values_list("told__actor", flat=True).distinct())
    names = _names_of(references)
    people = {
        one.get("practitioner") or one.get("account", ""): names.who(one) for one in references
    }
    structures = {one.get("organization", ""): names.organization(one) for one in references}
    return Authors(_by_name(people), _by_name(structures))


def _by_name(named: dict[str, str]) -> list[tuple[str, str]]:
    known = ((number, name) for number, name in named.items() if number and name)
    return sorted(known, key=lambda one: (folded(one[1]), one[0]))


def lines_of_persons(actor: Actor) -> QuerySet[FactHeader]:
    """The lines of all threads that the actor may know, with their content in `told`. One query."""
    rows: QuerySet[FactHeader] = _with_contents(visible(FactHeader._default_manager.all(), actor))
    return rows.filter(thread_id__isnull=False)


@dataclass(frozen=True)
class Telling:
    """A line with who wrote it and of what it speaks, in identifiers: for another system."""

    line: Line
    author: dict[str, Any]
    subject: str = ""


def tellings(rows: Iterable[FactHeader]) -> list[Telling]:
    """Say lines in words, and who wrote them. Three queries; one more for what is archived."""
    found = list(rows)
    names, gone = _around(found)
    return [
        Telling(
            line=_line(row, names, gone, own=True),
            author=dict(parts(row)[0]),
            subject=getattr(getattr(row, "told", None), "subject", ""),
        )
        for row in found
    ]


def _whose(actor: Actor, person: Person) -> tuple[tuple[UUID, ...], Tellable]:
    """The threads of somebody, and what the actor may be told of them."""
    key = UUID(str(surviving(person.pk))) if person.merged_into_id else person.pk
    return tuple(family(person.pk)), tellable(actor, key)


def _seen(threads: tuple[UUID, ...], known: Tellable) -> Any:
    return FactHeader._default_manager.filter(on_threads(threads) & known.lines)


def _with_contents(rows: Any) -> Any:
    """Join each line with its content, in the one month where it can be."""
    in_its_month = Q(content__recorded_at=F("recorded_at"))
    told = FilteredRelation("content", condition=in_its_month)
    return rows.annotate(told=told).select_related("told")


def _asked(rows: Any, wanted: Wanted) -> Any:
    if wanted.rooms:
        rows = rows.filter(kind__regex=rf"^({'|'.join(sorted(set(wanted.rooms) & set(ROOMS)))})\.")
    if wanted.since:
        rows = rows.filter(happened_at__gte=_midnight(wanted.since))
    if wanted.until:
        rows = rows.filter(happened_at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.author:
        by_account = Q(told__actor__account=wanted.author)
        rows = rows.filter(by_account | Q(told__actor__practitioner=wanted.author))
    if wanted.organization:
        rows = rows.filter(told__actor__organization=wanted.organization)
    if wanted.before:
        rows = rows.filter(id__lt=wanted.before)
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PARIS)


def _around(rows: Sequence[Row]) -> tuple["Names", set[date]]:
    """The names that lines speak of; and, where some content is not here, which months left."""
    names = _names_of(part for row in rows for part in parts(row))
    lost = any(getattr(row, "told", None) is None for row in rows)
    return names, archived("kernel_fact_content") if lost else set()


def family(pk: UUID) -> list[UUID]:
    """List a record and those that it absorbed: each keeps its own thread. One query, planned
    once."""
    ((found,),) = run("SELECT people_family(%s::uuid[])", [[pk]])
    return list(found)


def _line(row: Row, names: "Names", gone: set[date], *, own: bool) -> Line:
    author, data = parts(row)
    told = _words_of(row.kind)
    concerned = {key: data.get(f"{key}_id") for key in ("practitioner", "organization")}
    about = {key: value for key, value in concerned.items() if value and value != author.get(key)}
    return Line(
        id=row.pk,
        room=row.kind.partition(".")[0],
        text=told if author or data else ARCHIVED if month_of(row.recorded_at) in gone else ERASED,
        at=row.happened_at,
        who=names.who(author),
        organization=names.organization(author),
        about=names.who(about) or names.organization(about),
        source=", ".join(filter(None, (SOURCES.get(row.origin, ""), "" if own else OTHER_RECORD))),
        state="broken" if row.kind.endswith((".exhausted", ".withdrawn")) else "done",
    )


@cache
def _words_of(kind: str) -> str:
    """What a kind of line says: the first of what its fact says of itself."""
    fact = Fact.known.get(kind)
    return (fact.__doc__ or "").strip().splitlines()[0] if fact else kind


@dataclass(frozen=True)
class Names:
    """Names of accounts, professionals and organisations, fetched once."""

    accounts: dict[str, str]
    practitioners: dict[str, str]
    organizations: dict[str, str]

    def who(self, reference: dict[str, Any]) -> str:
        """The name of somebody; « Cordée » when nobody acted."""
        if reference.get("role") == Role.SYSTEM:
            return "Cordée"
        by_practice = self.practitioners.get(str(reference.get("practitioner")), "")
        return by_practice or self.accounts.get(str(reference.get("account")), "")

    def organization(self, reference: dict[str, Any]) -> str:
        """The name of an organisation, if any."""
        return self.organizations.get(str(reference.get("organization")), "")


def _names_of(references: Iterable[dict[str, Any]]) -> Names:
    wanted: dict[str, set[str]] = {"account": set(), "practitioner": set(), "organization": set()}
    for reference in references:
        for key, value in reference.items():
            kind = key.removesuffix("_id")
            if kind in wanted and value:
                wanted[kind].add(str(value))
    accounts = _accounts(map(UUID, wanted["account"]))
    practitioners = _practitioners(map(UUID, wanted["practitioner"]))
    organizations = _organizations(map(UUID, wanted["organization"]))
    return Names(
        {str(pk): one.name for pk, one in accounts.items()},
        {str(pk): f"{one.first_name} {one.last_name}" for pk, one in practitioners.items()},
        {str(pk): one.name for pk, one in organizations.items()},
    )


_accounts = Fetch(Account._default_manager.all)
_practitioners = Fetch(Practitioner.objects.all)
_organizations = Fetch(Organization.objects.all)


# --- roles given and taken back ------------------------------------------------------------------


@dataclass(frozen=True)
class RoleLine:
    """One role given or taken back: by whom, to whom, where, when, through which door."""

    at: datetime
    given: bool
    role: str
    holder: str
    organization: str
    who: str
    source: str


def role_lines(actor: Actor) -> list[RoleLine]:
    """The latest roles given and taken back, for who keeps the house or audits it. Four queries."""
    rows = _with_contents(FactHeader._default_manager.filter(kind__in=ROLE_LINES))
    found = list(visible(rows, actor).order_by("-id")[:LINES])
    told = [parts(row)[1] for row in found]
    names = _names_of([*told, *(parts(row)[0] for row in found)])
    return [_role_line(row, data, names) for row, data in zip(found, told, strict=True)]


def _role_line(row: FactHeader, data: dict[str, Any], names: Names) -> RoleLine:
    about = {"account": data.get("account_id"), "organization": data.get("organization_id")}
    role = data.get("role", "")
    return RoleLine(
        at=row.happened_at,
        given=row.kind == ROLE_LINES[0],
        role=MembershipRole(role).label if role else "",
        holder=names.who(about),
        organization=names.organization(about),
        who=names.who(parts(row)[0]),
        source=SOURCES.get(row.origin, ""),
    )


# --- who looked ----------------------------------------------------------------------------------

SAID = {
    "read": "a ouvert la page",
    "list": "a vu le nom dans une liste",
    "refused": "a demandé un accès qui a été refusé",
}
NEUTRAL = "a mis à jour ce qui concerne la personne"
"""Of rooms where something may be hidden from who reads this list: no word tells what was done."""
DONE = {
    "people": NEUTRAL,
    "assessments": NEUTRAL,
    "liaison": NEUTRAL,
    "plans": NEUTRAL,
    "vigilance": NEUTRAL,
    "protocols": NEUTRAL,
    "meetings": NEUTRAL,
    "intake": "a traité une demande",
    "broker": "a cherché ou proposé un professionnel",
    "messaging": "a envoyé ou reçu un message",
    "pathways": "a traité une tâche",
    "fhir": NEUTRAL,
}
BY_ITSELF = ("assessments.answer", "liaison.save_draft")
"""What a page does over and over while somebody types: it would push the others out of the list."""
PURPOSES = {
    Purpose.CARE.value: "pour soigner",
    Purpose.COORDINATION.value: "pour coordonner",
    Purpose.OWN.value: "dans l’espace personnel",
    Purpose.AUDIT.value: "pour contrôler",
    Purpose.EMERGENCY.value: "en accès d’urgence",
    Purpose.TECHNICAL.value: "automatiquement",
}


@dataclass(frozen=True)
class Opening:
    """Somebody looked, acted or was refused: who, for whom, why."""

    at: datetime
    who: str
    role: str
    organization: str
    what: str
    why: str
    in_emergency: bool
    refused: bool
    id: int = 0
    verb: str = ""
    persons: int = 0
    account_id: UUID | None = None
    organization_id: UUID | None = None


def may_read_openings(actor: Actor, person: Person) -> bool:
    """Say who may know who looked: the person, who speaks for them, and the DPO."""
    return actor.role is Role.DPO or speaks_for(actor, person)


def openings_of(actor: Actor, person: Person, limit: int = 100) -> list[Opening]:
    """Tell who opened this record, the latest first: to the person and to the DPO. Four queries."""
    lines = Trace._default_manager.filter(pk__in=lines_about(person.pk))
    return _told(actor, lines.exclude(kind="act", verb__in=BY_ITSELF), limit)


def lines_about(*persons: UUID) -> RawSQL:
    """Their numbers, by the index of persons: the second lock would have it read every line."""
    return RawSQL(
        "SELECT access_lines_about(one) FROM unnest(people_family(%s)) AS one", [list(persons)]
    )


def lines_told(actor: Actor) -> QuerySet[Trace]:
    """The lines of the trace that the actor may be told; those of Cordée itself left out.

    One query: of a person and who speaks for them, by the index of persons.
    """
    seen = visible(Trace._default_manager.all(), actor).exclude(role=Role.SYSTEM.value)
    if actor.role is not Role.DPO:
        seen = seen.filter(pk__in=lines_about(*sorted(actor.person_ids)))
    return seen.exclude(kind="act", verb__in=BY_ITSELF)


def openings(rows: Iterable[Trace]) -> list[Opening]:
    """Say lines of the trace in words that tell nothing of what may be hidden. Three queries."""
    found = list(rows)
    names = _names_of(
        {
            "account": row.account_id,
            "practitioner": row.practitioner_id,
            "organization": row.organization_id,
        }
        for row in found
    )
    return [_opening(row, names) for row in found]


@dataclass(frozen=True)
class Audited:
    """Which lines of the trace are wanted; nothing said, all of them."""

    kind: str = ""
    account_id: UUID | None = None
    organization_id: UUID | None = None
    day: date | None = None
    before: int | None = None


def trace_lines(actor: Actor, wanted: Audited, limit: int = LINES) -> list[Opening]:
    """The trace of the whole house, the latest first, for who audits it. Four queries.

    It says who, as what, which gesture and about how many persons: never which ones.
    """
    exact = {
        "kind": wanted.kind,
        "account_id": wanted.account_id,
        "organization_id": wanted.organization_id,
        "pk__lt": wanted.before,
    }
    rows = Trace._default_manager.filter(**{name: value for name, value in exact.items() if value})
    if wanted.day:
        begins = _midnight(wanted.day)
        rows = rows.filter(at__gte=begins, at__lt=_midnight(wanted.day + timedelta(days=1)))
    return _told(actor, rows, limit)


def _told(actor: Actor, rows: QuerySet[Trace], limit: int) -> list[Opening]:
    seen = visible(rows, actor).exclude(role=Role.SYSTEM.value)
    return openings(seen.order_by("-id")[:limit])


def _opening(row: Trace, names: Names) -> Opening:
    reference = {
        "account": row.account_id,
        "practitioner": row.practitioner_id,
        "organization": row.organization_id,
    }
    room = row.verb.partition(".")[0]
    return Opening(
        at=row.at,
        who=names.who(reference) or "Quelqu’un",
        role=Role(row.role).label,
        organization=names.organization(reference),
        what=SAID.get(row.kind) or DONE.get(room, "a fait un geste"),
        why=PURPOSES.get(row.purpose, ""),
        in_emergency=row.purpose == Purpose.EMERGENCY,
        refused=row.kind == "refused",
        id=row.pk,
        verb=row.verb,
        persons=len(row.persons),
        account_id=row.account_id,
        organization_id=row.organization_id,
    )

"""The pathways of a person, drawn as they stand, and those whose hour has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible
from cordee.people import selectors as people
from cordee.people.models import Person
from cordee.protocols.models import Clock, Pathway, ProtocolVersion, Rupture
from cordee.protocols.rules import conformance
from cordee.protocols.rules.conformance import Happening, Verdict
from cordee.protocols.rules.protocol import Criterion, Protocol
from cordee.protocols.rules.silence import Silence
from cordee.protocols.rules.stations import Station, stations
from cordee.protocols.rules.watching import look
from cordee.protocols.selectors.threads import happenings_of, judged_thread
from cordee.protocols.selectors.versions import in_use, protocol_if_readable, protocol_of


def pathways_of(actor: Actor, person: Person) -> list[Pathway]:
    """List the pathways of somebody, those under way first. Two queries, planned once."""
    return _pathways(actor, person.pk)


_pathways = FetchAbout(
    lambda: Pathway.objects.select_related("organization", "followed", "clock").order_by(
        "left_at", "-entered_at", "pk"
    )
)


def get_pathway(actor: Actor, pk: UUID) -> Pathway:
    """Fetch one pathway. Raises Http404, traced. Two queries."""
    rows = Pathway.objects.select_related("person__commune", "organization", "followed")
    return get_visible(actor, rows, pk)


def is_on(person_id: UUID, protocol: str) -> bool:
    """Say whether a person is on this pathway. One query."""
    return Pathway.objects.open().filter(person=person_id, protocol=protocol).exists()


def is_followed(pathway: Pathway) -> bool:
    """Say whether its structure still follows the person: itself, or by who had them enter."""
    return people.is_followed(pathway.organization_id, pathway.person_id, pathway.joined_by_id)


def open_pathways_of(persons: Iterable[UUID] | None) -> QuerySet[Pathway]:
    """List the pathways under way of some persons, or of all, for the house that ends them."""
    rows = Pathway.objects.open()
    if persons is not None:
        rows = rows.filter(person__in=list(persons))
    return rows.select_related("person").order_by("pk")


def pathways_to_wake(now: datetime, limit: int) -> list[Pathway]:
    """List pathways whose hour has come, the longest awaited first. One query."""
    due = Clock.objects.filter(wake_at__lte=now).order_by("wake_at", "id")
    rows = due.select_related("pathway__followed")[:limit]
    return [clock.pathway for clock in rows]


@dataclass(frozen=True)
class Seen:
    """A pathway as it stands now: its line, what is judged, its ruptures, its silences."""

    pathway: Pathway
    protocol: Protocol
    line: tuple[Station, ...]
    verdicts: tuple[Verdict, ...]
    silences: dict[str, Silence]
    ruptures: list[Rupture]

    @property
    def open_ruptures(self) -> list[Rupture]:
        """Those that wait for somebody."""
        return [one for one in self.ruptures if one.is_open]


def seen_of(actor: Actor, pathway: Pathway, now: datetime) -> Seen | None:
    """Read a pathway as its reader may know it; None when its text can no longer be read.

    A pathway that was left is drawn as it stood then. Three queries."""
    protocol = protocol_if_readable(pathway.followed)
    if protocol is None:
        return None
    state = pathway.clock.state
    at = pathway.left_at or now
    outlook = look(protocol, state, at)
    ruptures = _ruptures(actor, pathway.person_id)
    return Seen(
        pathway=pathway,
        protocol=protocol,
        line=stations(protocol, state, at),
        verdicts=outlook.verdicts,
        silences=outlook.silences,
        ruptures=[one for one in ruptures if one.pathway_id == pathway.pk],
    )


_ruptures = FetchAbout(
    lambda: Rupture.objects.select_related("ended_by").order_by("-at", "of", "pk")
)


@dataclass(frozen=True)
class Proposed:
    """A version that a person may enter, and the criteria that a fact of her thread meets;
    `beyond`: one at least is met by what the reader may not read."""

    version: ProtocolVersion
    protocol: Protocol
    met: tuple[str, ...]
    beyond: bool

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Who the protocol is for."""
        return self.protocol.inclusion


def versions_to_enter(actor: Actor, person: Person) -> list[ProtocolVersion]:
    """List the versions that somebody may enter: in use, readable, and of no protocol that she is
    known to follow. Two queries."""
    followed = Pathway.objects.visible_to(actor).open().filter(person=person)
    on = set(followed.values_list("protocol", flat=True))
    rows = [one for one in in_use(actor) if one.name not in on]
    return [one for one in rows if protocol_if_readable(one)]


def proposals_for(person: Person, versions: Iterable[ProtocolVersion]) -> list[Proposed]:
    """Say of each version which criteria the thread meets, those that it proposes first.

    Which one is met is only said of what the session’s reader may read. Six queries at most."""
    read = {one: protocol_of(one) for one in versions}
    kinds = {
        pattern.kind
        for protocol in read.values()
        for criterion in protocol.inclusion
        for pattern in criterion.facts
    }
    whole = judged_thread(person.pk, kinds) if kinds else []
    own = happenings_of(person.pk, kinds)[0] if whole else []
    found = []
    for version, protocol in read.items():
        met = _met(protocol, own)
        beyond = len(_met(protocol, whole)) > len(met)
        found.append(Proposed(version, protocol, met, beyond))
    return sorted(found, key=_proposed_first)


def _proposed_first(one: Proposed) -> tuple[bool, str, str]:
    return not (one.met or one.beyond), one.version.title, one.version.edition


def _met(protocol: Protocol, thread: Iterable[Happening]) -> tuple[str, ...]:
    met = {text for fact in thread for text in protocol.proposed_by(fact.kind, fact.data)}
    return tuple(one.text for one in protocol.inclusion if one.text in met)


@dataclass(frozen=True)
class Difference:
    """One rule or step under both versions."""

    expected: str
    before: Verdict | None
    after: Verdict | None


def migration_of(pathway: Pathway, version: ProtocolVersion, now: datetime) -> list[Difference]:
    """Say what passing to another version would change of what holds now, as the house will judge
    it once she is passed. Six queries."""
    sides: list[dict[str, Verdict]] = []
    for one in (pathway.followed, version):
        protocol = protocol_if_readable(one)
        if protocol is None:  # the one followed, perhaps: passing to another is what mends it
            sides.append({})
            continue
        thread = judged_thread(pathway.person_id, protocol.places)
        state = conformance.replayed(protocol, pathway.entered_at, thread)
        sides.append({verdict.of: verdict for verdict in look(protocol, state, now).verdicts})
    before, after = sides
    names = {**before, **after}
    return [Difference(names[of].expected, before.get(of), after.get(of)) for of in names]

"""What the person was told and chose, as it stands today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from cordee.access.actor import Actor
from cordee.access.fetched import Fetch, FetchAbout
from cordee.access.stencil import Stencil
from cordee.kernel.base import any_of, array_of
from cordee.kernel.once import once
from cordee.people.models import (
    EmergencyOpposition,
    Information,
    Person,
    Processing,
    ProcessingBasis,
    Sharing,
)
from cordee.people.policy import was_heard_on_coordination
from cordee.people.rules import identity, matching, notices, processing, sensitivity, sharing
from cordee.people.rules.processing import Basis, Purpose, Will
from cordee.people.rules.readings import Reading
from cordee.people.rules.sharing import (
    Audience,
    Category,
    Decision,
    Ground,
    LegalState,
    Medium,
    Reader,
    Said,
    Speaker,
    Wishes,
)
from cordee.people.selectors.persons import legal_state_told

# Who each column of the table stands for: in the care team, but the desk, which has the least view,
# and the relatives, who have what the person gave them.
READERS = {
    **{
        one: Reader(one, in_circle=True, ground=Ground.RECOGNISED)
        for one in (Audience.HEALTH, Audience.SOCIAL, Audience.COORDINATION, Audience.HOME_HELP)
    },
    Audience.DESK: Reader(Audience.DESK, of_territory=True),
    Audience.RELATIVES: Reader(Audience.RELATIVES, in_circle=True),
}


@dataclass(frozen=True)
class Way:
    """What is decided, and by which media; no medium named, when it is by all."""

    decision: Decision
    media: tuple[Medium, ...]


@dataclass(frozen=True)
class CellState:
    """One square of the table of choices: what follows from the last words, medium by medium."""

    category: Category
    audience: Audience
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class PurposeState:
    """One use of the data: its legal basis, the last word, and whether it goes on."""

    purpose: Purpose
    basis: Basis
    said: Processing | None
    goes_on: bool

    @property
    def will(self) -> Will | None:
        """The last word, if any."""
        return Will(self.said.will) if self.said else None


@dataclass(frozen=True)
class Choices:
    """Everything the person chose."""

    legal: LegalState
    information: Information | None
    cells: list[list[CellState]]
    purposes: list[PurposeState]
    emergency: EmergencyOpposition | None
    knows_current_notice: bool

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """The columns of the table."""
        return tuple(READERS)


def choices_of(actor: Actor, person: Person, today: date) -> Choices:
    """Read the choices in force, and what they mean for the care team. Seven queries at most."""
    information = next(iter(_informed(actor, person.pk)), None)
    purposes = _purposes(actor, person)
    coordination = next(one for one in purposes if one.purpose == Purpose.COORDINATION)
    wishes = Wishes(
        legal=person.legal_state_on(today),
        represented=person.represented,
        informed=information is not None,
        coordination_refused=coordination.will == Will.REFUSED,
        coordination_awaited=processing.is_awaited(coordination.basis, coordination.will),
        cells={
            (Category(row.category), Audience(row.audience), Medium(row.medium)): Said(
                sharing.Choice(row.choice), Speaker(row.speaker)
            )
            for row in _shared(actor, person.pk)
        },
    )
    return Choices(
        legal=legal_state_told(actor, person, today),
        information=information,
        cells=[
            [_cell(wishes, category, audience) for audience in READERS] for category in Category
        ],
        purposes=purposes,
        emergency=next(iter(_opposed(actor, person.pk)), None),
        knows_current_notice=information is not None and information.notice == notices.CURRENT,
    )


_shared = FetchAbout(lambda: Sharing.objects.current().order_by("pk"))
_informed = FetchAbout(lambda: Information.objects.order_by("-since", "pk"), limit=1)
_opposed = FetchAbout(lambda: EmergencyOpposition.objects.current().order_by("pk"), limit=1)
_processed = FetchAbout(lambda: Processing.objects.current().order_by("pk"))


@once
def _bases() -> list[tuple[Any, ...]]:
    """The legal basis of each use of the data that somebody set. One query."""
    return _set_bases()


@Stencil
def _set_bases() -> Any:
    return (
        ProcessingBasis.objects.current().order_by("purpose", "pk").values_list("purpose", "basis")
    )


def notices_given(actor: Actor, person: Person) -> frozenset[tuple[str, str]]:
    """List the notices given about somebody: version, to whom. One query."""
    given = Information.objects.seen_about(actor, person.pk)
    return frozenset(given.values_list("notice", "speaker"))


def _cell(wishes: Wishes, category: Category, audience: Audience) -> CellState:
    ways: dict[Decision, list[Medium]] = {}
    for medium in Medium:
        decision = sharing.decide(wishes, READERS[audience], category, medium)
        ways.setdefault(decision, []).append(medium)
    return CellState(
        category,
        audience,
        tuple(Way(one, tuple(media) if len(ways) > 1 else ()) for one, media in ways.items()),
    )


def _purposes(actor: Actor, person: Person) -> list[PurposeState]:
    said = {row.purpose: row for row in _processed(actor, person.pk)}
    bases = dict(_bases())
    states = []
    for purpose in Purpose:
        basis = Basis(bases.get(purpose.value, processing.DEFAULT_BASIS))
        row = said.get(purpose.value)
        goes_on = processing.may_process(purpose, basis, Will(row.will) if row else None)
        states.append(PurposeState(purpose, basis, row, goes_on))
    return states


@dataclass(frozen=True)
class LegalBasis:
    """The basis of one use of the data: who set it and when, and those it had before."""

    purpose: Purpose
    basis: Basis
    set: ProcessingBasis | None
    before: list[ProcessingBasis]


def legal_bases(actor: Actor) -> list[LegalBasis]:
    """List every use of the data with its legal basis; one that nobody set is the default's.

    One query.
    """
    rows = ProcessingBasis.objects.visible_to(actor).select_related("set_by")
    listed = list(rows.order_by("-since", "pk"))
    found = []
    for purpose in Purpose:
        mine = [row for row in listed if row.purpose == purpose]
        current = next((row for row in mine if row.until is None), None)
        basis = Basis(current.basis) if current else processing.DEFAULT_BASIS
        before = [row for row in mine if row is not current]
        found.append(LegalBasis(purpose, basis, current, before))
    return found


def unverified_readings() -> list[Reading]:
    """List the readings of texts that nobody who knows the law has confirmed. No query."""
    readings = (
        *(sharing.EXCHANGED_BEFORE_INFORMATION, sharing.ENTRUSTED_BEFORE_INFORMATION),
        *(sharing.NAMED_TO_BE_ASKED, sharing.CONSENT_FOR_ANOTHER, sharing.DECLARED_MEASURE),
        sharing.READ_BY_SOFTWARE,
        *(sharing.PROFESSIONS_OF_MEMORY, *identity.READINGS, matching.READING),
        *(processing.ANSWERED_AFTER_STOP, sensitivity.HELD_BY),
    )
    return [one for one in readings if not one.verified]


def may_process(person_id: UUID, purpose: Purpose) -> bool:
    """Say whether the data of somebody may be used for a purpose: asked before a text leaves.

    Two queries.
    """
    bases = ProcessingBasis.objects.current().filter(purpose=purpose)
    basis = bases.values_list("basis", flat=True).first() or processing.DEFAULT_BASIS
    said = Processing.objects.current().filter(person_id=person_id, purpose=purpose)
    will = said.values_list("will", flat=True).first()
    return processing.may_process(purpose, Basis(basis), Will(will) if will else None)


def asks_agreement() -> bool:
    """Say whether coordination asks for the agreement of each person. One query."""
    return (Purpose.COORDINATION.value, Basis.CONSENT.value) in _bases()


def awaits_agreement(person_id: UUID) -> bool:
    """Say whether coordination asks somebody for an agreement that she neither gave nor refused.

    Two queries at most.
    """
    return asks_agreement() and not was_heard_on_coordination(person_id)


def declared_measure(person_id: UUID) -> Processing | None:
    """Give the agreement that coordination rests on, where who gave it spoke by a measure that
    nobody noted. Two queries, planned once; one where there is none."""
    return next(iter(_agreements(pk for (pk,) in _unfounded(person_id=person_id)).values()), None)


@Stencil
def _unfounded(person_id: UUID) -> Any:
    said = Processing.objects.current().filter(person=person_id, purpose=Purpose.COORDINATION)
    spoken = said.filter(speaker=sharing.Speaker.REPRESENTATIVE, will=Will.ACCEPTED)
    unsaid = spoken.exclude(person__protection__in=Person.REPRESENTING)
    return unsaid.order_by("pk").values_list("pk")[:1]


_agreements = Fetch(Processing.objects.all)


def refusing(persons: Collection[UUID], purpose: Purpose) -> set[UUID]:
    """Give, of many persons, those whose data may not be used for a purpose. Two queries."""
    bases = ProcessingBasis.objects.current().filter(purpose=purpose)
    basis = Basis(bases.values_list("basis", flat=True).first() or processing.DEFAULT_BASIS)
    said = Processing.objects.current().filter(
        person__in=any_of(array_of(persons), "uuid"), purpose=purpose
    )
    wills = {person: Will(will) for person, will in said.values_list("person_id", "will")}
    return {one for one in persons if not processing.may_process(purpose, basis, wills.get(one))}

"""Who sees each table that hangs from a person, the thread and the trace."""

from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, Func, OuterRef, Q, UUIDField, Value
from django.db.models.functions import Coalesce

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.models import Trace
from cordee.access.policy import NOTHING, nobody, sees
from cordee.kernel.models import FactContent, FactHeader
from cordee.people.models import (
    Candidate,
    CircleMember,
    EmergencyGrant,
    EmergencyOpposition,
    Evaluation,
    HintChoice,
    HospitalStay,
    Information,
    Merge,
    MergeStep,
    Person,
    PersonAccount,
    Processing,
    ProcessingBasis,
    ProtectedNote,
    Relative,
    Sharing,
    UnattendedMerging,
)
from cordee.people.policy.known import (
    EVERYTHING,
    OfThisOne,
    keys_of,
    knows,
    represented_by,
    through_person,
)
from cordee.people.rules.sharing import Category


@sees(Person)
def known(actor: Actor) -> Q:
    """The least view opens the row; templates show more only where more is known."""
    survivor = Coalesce(OuterRef("merged_into"), OuterRef("pk"))
    return Q() if actor.role is Role.SYSTEM else Q(Exists(keys_of(actor).filter(pk=survivor)))


for _model in (Relative, CircleMember, HospitalStay):
    sees(_model)(through_person("person"))


def _voiced(actor: Actor) -> Q:
    """Everything, but to a relative: what is about those whose voice they hold."""
    if actor.role is not Role.RELATIVE:
        return EVERYTHING
    return Q(OfThisOne(represented_by(actor).filter(pk=OuterRef("person"))))


@sees(Information)
@sees(Sharing)
@sees(Processing)
@sees(EmergencyOpposition)
def chosen(actor: Actor) -> Q:
    """Choices are seen by who carries them out, by the person, and by who holds their voice: what
    she keeps from a relative would be told by the row that says so."""
    return through_person("person")(actor) & _voiced(actor)


@sees(HintChoice)
def let_be_said(actor: Actor) -> Q:
    """As the other choices; what she lets be said is said to each of her relatives as well."""
    said = Q(allowed=True, until=None)
    return through_person("person")(actor) & (said | _voiced(actor))


@sees(PersonAccount)
def own_spaces(actor: Actor) -> Q:
    """One’s own accesses, and those of the persons one coordinates."""
    mine = Q(account_id=actor.account_id) if actor.account_id else NOTHING
    return mine | through_person("person")(actor)


@sees(ProcessingBasis)
@sees(Evaluation)
@sees(UnattendedMerging)
def published(actor: Actor) -> Q:
    """Legal bases are public; so is whether records are merged by themselves, and on what proof."""
    return Q()


@sees(ProtectedNote)
def opened_by_consent(actor: Actor) -> Q:
    """Each category by its own consent; the author keeps sight of theirs while in the circle."""
    if actor.role is Role.SYSTEM:
        return Q()
    seen = NOTHING
    for category in ProtectedNote.CATEGORIES:
        seen |= Q(category=category, person__in=keys_of(actor, category).values("pk"))
    if actor.account_id and actor.purpose is not Purpose.EMERGENCY:
        theirs = keys_of(actor, Category.COORDINATION).values("pk")
        seen |= Q(author_id=actor.account_id, person__in=theirs)
    return seen


@sees(EmergencyGrant)
def emergencies(actor: Actor) -> Q:
    """The professional, the DPO, those who coordinate, the person, and who holds their voice;
    another relative with care, which it tells of. Why it was opened: `attestations_told`."""
    if actor.role in (Role.SYSTEM, Role.DPO):
        return Q()
    mine = Q(account_id=actor.account_id) if actor.account_id else NOTHING
    if actor.role in (Role.COORDINATOR, Role.ORIENTEUSE, Role.PERSON):
        mine |= through_person("person")(actor)
    if actor.role is Role.RELATIVE:
        mine |= through_person("person", Category.CARE)(actor)
        mine |= through_person("person")(actor) & _voiced(actor)
    return mine | Q(examiner__in=examined_by(actor))


def examined_by(actor: Actor) -> frozenset[UUID]:
    """The structures whose coordination examines an access when the house has no DPO."""
    return actor.organizations if actor.role is Role.COORDINATOR else frozenset()


# What a line of the thread tells, when it is not the organisation of the pathway.
CATEGORY_OF_FACT = {
    "people.person_created": Category.IDENTITY,
    "people.identity_changed": Category.IDENTITY,
    "people.mental_health_note_written": Category.MENTAL_HEALTH,
    "people.social_note_written": Category.SOCIAL,
}


def tells(kind: str, category: Category) -> None:
    """Say what a line of a room above tells; the second lock is armed with it (`lines`)."""
    CATEGORY_OF_FACT[kind] = category


# A choice would show by its shadow what it hides: the person alone reads these lines.
OWN_LINES = (
    "people.sharing_changed",
    "people.processing_changed",
    "people.emergency_choice_changed",
    "people.hint_choice_changed",
    "people.own_space_opened",
    "people.own_space_closed",
)


ROLE_LINES = ("directory.membership_given", "directory.membership_ended")
"""Who was given which role speaks of no person: told to who keeps the house and who audits it."""


def _lines(actor: Actor, prefix: str) -> Q:
    def told(category: Category) -> Q:
        # The thread of an absorbed record is told to who knows the record that absorbed it.
        survivor = Func(OuterRef(f"{prefix}thread_id"), function="people_surviving")
        return Q(Exists(keys_of(actor, category).filter(pk=survivor)))

    kind = f"{prefix}kind__in"
    special = [*CATEGORY_OF_FACT, *OWN_LINES]
    seen = told(Category.COORDINATION) & ~Q(**{kind: special})
    for category in sorted(set(CATEGORY_OF_FACT.values())):
        kinds = [name for name, told_by in CATEGORY_OF_FACT.items() if told_by == category]
        seen |= told(category) & Q(**{kind: kinds})
    if actor.role is Role.PERSON:
        seen |= Q(**{f"{prefix}thread_id__in": actor.person_ids, kind: OWN_LINES})
    if actor.role in (Role.DPO, Role.ADMINISTRATOR):
        seen |= Q(**{f"{prefix}thread_id": None, kind: ROLE_LINES})
    return seen


@sees(FactHeader)
def thread_lines(actor: Actor) -> Q:
    """Lines of the persons one knows, each by the category it tells."""
    return Q() if actor.role is Role.SYSTEM else _lines(actor, "")


class Tellable(NamedTuple):
    """Which lines of one person an actor may be told: `kinds`, those that nothing more was said of
    (`ordinary`), what concerns one's own choices on one's `own` threads; `anything`, to the house.
    `categories` is what these lines tell.
    """

    anything: bool = False
    ordinary: bool = False
    kinds: tuple[str, ...] = ()
    own: tuple[UUID, ...] = ()
    categories: tuple[Category, ...] = ()

    @property
    def lines(self) -> Q:
        """The filter of these lines, among those of her threads."""
        if self.anything:
            return Q()
        seen = Q(kind__in=self.kinds) | Q(thread_id__in=self.own, kind__in=OWN_LINES)
        return seen if self.but is None else seen | ~Q(kind__in=self.but)

    @property
    def but(self) -> list[str] | None:
        """Which kinds alone are not told as those of which nothing more was said; None: no such."""
        if self.anything:
            return []
        return [*CATEGORY_OF_FACT, *OWN_LINES] if self.ordinary else None


def tellable(actor: Actor, survivor: UUID) -> Tellable:
    """Say what `_lines` says of the threads of one person, absorbed records included: what the
    actor knows of her is asked once for each category, not again for each line. Five queries."""
    if actor.role is Role.SYSTEM:
        return Tellable(anything=True, categories=tuple(Category))
    told_apart = {Category.COORDINATION, *CATEGORY_OF_FACT.values()}
    known = {category for category in sorted(told_apart) if knows(actor, survivor, category)}
    return Tellable(
        ordinary=Category.COORDINATION in known,
        kinds=tuple(kind for kind, category in CATEGORY_OF_FACT.items() if category in known),
        own=tuple(sorted(actor.person_ids)) if actor.role is Role.PERSON else (),
        categories=tuple(sorted(known)),
    )


@sees(FactContent)
def thread_contents(actor: Actor) -> Q:
    """As their headers."""
    return Q() if actor.role is Role.SYSTEM else _lines(actor, "fact__")


def _with_absorbed(persons: list[UUID]) -> Func:
    array = ArrayField(UUIDField())
    return Func(Value(persons, array), function="people_family", output_field=array)


@sees(Trace)
def looked_at(actor: Actor) -> Q:
    """Who looked: told to the person, to who holds their voice, and to the DPO."""
    if actor.role in (Role.SYSTEM, Role.DPO):
        return Q()
    if actor.role is Role.PERSON and actor.person_ids:
        return Q(persons__overlap=_with_absorbed(sorted(actor.person_ids)))
    if actor.role is Role.RELATIVE:
        held = sorted(represented_by(actor).values_list("pk", flat=True))
        return Q(persons__overlap=_with_absorbed(held)) if held else NOTHING
    return NOTHING


MERGING = frozenset({Role.COORDINATOR, Role.ORIENTEUSE})


def _judges(actor: Actor, *paths: str) -> Q:
    """Who coordinates or orients, in the circle of each record: more than the least view shows."""
    if actor.role is Role.SYSTEM:
        return Q()
    seen = EVERYTHING if actor.role in MERGING else NOTHING
    for path in paths:
        seen &= through_person(path)(actor)
    return seen


# Half a pair would tell of the other half.
sees(Candidate)(lambda actor: _judges(actor, "one", "other"))
sees(Merge)(lambda actor: _judges(actor, "survivor"))
sees(MergeStep)(nobody)

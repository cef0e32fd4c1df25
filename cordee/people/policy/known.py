"""Who is known to whom: the one place where the circle, the choices and emergency are looked at.

`persons_of` says in SQL what `rules.sharing.decide` says in words; a test machine holds them
together.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateField, Exists, Func, OuterRef, Q, QuerySet, UUIDField, Value

from cordee.access.about import OfMany, Question, answered
from cordee.access.actor import Actor, Purpose, Role
from cordee.access.conditions import narrowed
from cordee.access.policy import NOTHING
from cordee.access.sight import RightsNow
from cordee.access.stencil import Said, Stencil, filled_up, run_together
from cordee.kernel.base import among, is_any_of
from cordee.kernel.once import keep, once
from cordee.people.models import (
    GateGrant,
    GateInformation,
    GateOpposition,
    GatePerson,
    GateProcessing,
    GateSharing,
    GateSpace,
    GateStay,
    Person,
    ProcessingBasis,
)
from cordee.people.rules import processing, sharing, traits
from cordee.people.rules.sharing import Audience, Category, Choice, Medium, Speaker


class OfThisOne(Exists):
    """An EXISTS between two « or »: PostgreSQL may list all rows first, and look each one up there
    (« hashed SubPlan »: a millisecond to judge one person among the 4,700 of a desk). Told to skip
    none, it looks for those of the row that is judged."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


EVERYTHING = Q(pk__isnull=False)
BY_ORGANIZATION = frozenset({Role.COORDINATOR, Role.ORIENTEUSE, Role.HOME_HELP})
BY_PROFESSION = frozenset({Role.PRACTITIONER, Role.HOSPITAL})
AUDIENCES = {
    Role.COORDINATOR: Audience.COORDINATION,
    Role.ORIENTEUSE: Audience.COORDINATION,
    Role.HOME_HELP: Audience.HOME_HELP,
}


def persons_of(actor: Actor, category: Category = Category.IDENTITY) -> QuerySet[Person]:
    """Say of whom the actor may know this category of information, now.

    The default is the least view: name, birth date, how to reach them. What hangs from a person
    asks for COORDINATION (the default of `through_person`) or CARE.
    """
    return narrowed(Person.objects.all(), _knowing(category), actor)


def keys_of(actor: Actor, category: Category = Category.IDENTITY) -> QuerySet[GatePerson]:
    """The same, judged and found through the gates: no second lock weighs on the conditions."""
    return narrowed(GatePerson.objects.all(), _knowing(category), actor)


@once
def knows(actor: Actor, person_id: UUID | None, category: Category = Category.IDENTITY) -> bool:
    """Say whether the actor may know this category of information about somebody. One query."""
    return person_id is not None and bool(_knows(actor=actor, category=category, pk=person_id))


@once
def know(actor: Actor, person_id: UUID) -> None:
    """Ask at once, within `asked_once`, all that may be known of somebody: each category, what a
    request of theirs says, and whether their service would follow her. One query."""
    about = {"actor": actor, "pk": person_id}
    asked: list[tuple[Callable[..., bool], tuple[Any, ...], Said]] = [
        (knows, (actor, person_id, one), _knows.said(category=one, **about)) for one in Category
    ]
    asked += [
        (is_entrusted, (actor, person_id), _entrusted.said(**about)),
        (would_follow, (actor, person_id), _would_follow.said(**about)),
    ]
    found = run_together(said for _, _, said in asked)
    for (question, of, _), keys in zip(asked, found, strict=True):
        keep(question, bool(keys), *of)


def known_among(actor: Actor, person_ids: Iterable[UUID], category: Category) -> set[UUID]:
    """Say of whom, among some, the actor may know this category. One query, planned once."""
    asked = filled_up(set(person_ids))
    return {pk for (pk,) in _among(actor=actor, category=category, asked=asked)}


@Stencil
def _among(actor: Actor, category: Category, asked: list[UUID]) -> QuerySet[GatePerson, Any]:
    # Joined to all whom a desk follows, each of them may be looked for among all that are asked:
    # the square of a thousand. They are met by their keys, then each is judged by her own.
    told = Value(asked, output_field=ArrayField(UUIDField()))
    hers = keys_of(actor, category).filter(pk=OuterRef("pk"))
    return GatePerson.objects.filter(among("pk", told), OfThisOne(hers)).values_list("pk")


@Stencil
def _knows(actor: Actor, category: Category, pk: UUID) -> QuerySet[GatePerson, Any]:
    return keys_of(actor, category).filter(pk=pk).values_list("pk")


def entrusted_to(actor: Actor) -> QuerySet[GatePerson]:
    """Say of whom the actor may know what a request that is theirs to answer says of care.

    For who received it, or won it; whoever else asks for `Category.CARE`. The twin of
    `rules.sharing.decide_entrusted`.
    """
    carried = keys_of(actor, Category.COORDINATION)
    return narrowed(carried, _knowing(Category.CARE, sharing.ENTRUSTED), actor)


@once
def would_follow(actor: Actor, person_id: UUID) -> bool:
    """Say whether the actor’s service follows somebody, or would if she agreed to it. One query."""
    return bool(_would_follow(actor=actor, pk=person_id))


@Stencil
def _would_follow(actor: Actor, pk: UUID) -> QuerySet[GatePerson, Any]:
    audience, category = _audience(actor), Category.COORDINATION
    follows = _in_circle(actor, audience, category, sharing.EXCHANGED, blind_to=Category.IDENTITY)
    return GatePerson.objects.filter(follows, pk=pk).values_list("pk")


def was_heard_on_coordination(person_id: UUID) -> bool:
    """Say whether somebody accepted or refused to be coordinated. One query.

    Through the gate: the desk that is to ask her reads nobody’s choices.
    """
    said = GateProcessing.objects.filter(person=person_id)
    return said.filter(purpose=processing.Purpose.COORDINATION).exists()


def who_refused_coordination(person_ids: Iterable[UUID]) -> set[UUID]:
    """Who, among some, refused to be coordinated. One query.

    Through the gate: who keeps what was written of them by others knows no choice of theirs.
    """
    said = GateProcessing.objects.filter(person__in=set(person_ids))
    refused = said.filter(purpose=processing.Purpose.COORDINATION, will=processing.Will.REFUSED)
    return set(refused.values_list("person", flat=True))


@once
def is_entrusted(actor: Actor, person_id: UUID | None) -> bool:
    """Say whether the actor may know what their request says of somebody’s care. One query."""
    return person_id is not None and bool(_entrusted(actor=actor, pk=person_id))


@Stencil
def _entrusted(actor: Actor, pk: UUID) -> QuerySet[GatePerson, Any]:
    return entrusted_to(actor).filter(pk=pk).values_list("pk")


def through_person(path: str, category: Category = Category.COORDINATION) -> Callable[[Actor], Q]:
    """Make the scope of a table that hangs from a person, for the rooms above."""
    return _tied(path, lambda actor: keys_of(actor, category), _knowing_her(category))


def followed_in_silence(path: str) -> Callable[[Actor], Q]:
    """Make the scope of rows about whom the team follows, and who said nothing of coordination.

    Narrower than `through_person`, and quicker to look at: put before it, with « or », where a page
    judges hundreds of rows of a desk. Held to it by tests/pathways/test_shown_tasks.py.
    """

    def scope(actor: Actor) -> Q:
        if AUDIENCES.get(actor.role) is not Audience.COORDINATION:
            return NOTHING
        her, purpose = OuterRef(path), processing.Purpose.COORDINATION
        stays = GateStay.objects.filter(person=her, organization_id__in=actor.organizations)
        categories = (Category.COORDINATION, Category.IDENTITY)
        told = _closing(actor, Audience.COORDINATION, *categories, of=path)
        willed = GateProcessing.objects.filter(person=her, purpose=purpose)
        silent = ~Q(OfThisOne(told)) & ~Q(OfThisOne(willed)) & ~Q(_asks_consent(purpose))
        return Q(OfThisOne(stays.exclude(ground=""))) & silent

    return scope


def by_category(
    path: str, categories: Iterable[Category], prefix: str = "", author: str = "author_id"
) -> Callable[[Actor], Q]:
    """Make the scope of lines that are each read by what they tell.

    Their author keeps sight of them while in the circle, never through the emergency door.
    """
    told_apart = tuple(categories)

    def scope(actor: Actor) -> Q:
        if actor.role is Role.SYSTEM:
            return Q()
        told = NOTHING
        for category in told_apart:
            told |= Q(**{f"{prefix}category": category}) & through_person(path, category)(actor)
        if actor.account_id and actor.purpose is not Purpose.EMERGENCY:
            told |= Q(**{author: actor.account_id})
        return told & through_person(path)(actor)

    return scope


def entrusted_through(path: str) -> Callable[[Actor], Q]:
    """Make the scope of what says which care was asked for somebody, for who is to answer it."""
    return _tied(path, entrusted_to, is_entrusted)


@cache
def _knowing_her(category: Category) -> Question:
    return OfMany(
        lambda actor, person_id: knows(actor, person_id, category),
        lambda actor, person_ids: known_among(actor, person_ids, category),
    )


def _tied(
    path: str, known: Callable[[Actor], QuerySet[GatePerson]], of_her: Question
) -> Callable[[Actor], Q]:
    """Judge each row by its own person, not « in » all whom one knows: a page has fifty. Where they
    are all about one person, what was answered of her is said of each."""

    def scope(actor: Actor) -> Q:
        if actor.role is Role.SYSTEM:
            return Q()
        told = answered(path.removesuffix("_id"), of_her)
        if told and isinstance(told, frozenset):
            return Q(is_any_of(path, told))
        if told is not None:
            return EVERYTHING if told else NOTHING
        return Q(OfThisOne(known(actor).filter(pk=OuterRef(path))))

    return scope


@cache
def _knowing(
    category: Category, exchanged: frozenset[Category] = sharing.EXCHANGED
) -> Callable[[Actor], Q]:
    return lambda actor: _known(actor, category, exchanged)


def _known(
    actor: Actor, category: Category, exchanged: frozenset[Category] = sharing.EXCHANGED
) -> Q:
    if actor.role is Role.SYSTEM:
        return EVERYTHING
    if actor.role is Role.PERSON:
        return Q(pk__in=actor.person_ids)
    if actor.role is Role.RELATIVE:
        return _known_to_relative(actor, category)
    known = NOTHING
    if actor.role in BY_ORGANIZATION | BY_PROFESSION:
        known = _in_circle(actor, _audience(actor), category, exchanged)
    if actor.role is Role.ORIENTEUSE and category == Category.IDENTITY:
        known |= _at_the_desk(actor)
    is_opened = actor.purpose is Purpose.EMERGENCY and not actor.by_software
    if is_opened and category in sharing.EMERGENCY_OPENS:
        known |= _in_emergency(actor)
    return known


def _audience(actor: Actor) -> Audience:
    return AUDIENCES.get(actor.role) or sharing.audience_of_profession(actor.profession)


def _in_circle(
    actor: Actor,
    audience: Audience,
    category: Category,
    exchanged: frozenset[Category],
    *,
    blind_to: Category | None = None,
) -> Q:
    mine = Q(organization_id__in=actor.organizations)
    if actor.role in BY_PROFESSION and actor.practitioner_id:
        mine |= Q(practitioner_id=actor.practitioner_id)
    stays = GateStay.objects.filter(mine, person=OuterRef("pk"))
    open_by_ground = _by_mission(stays, audience, category, exchanged)
    consented = _consented(actor, audience, category)
    if category != Category.IDENTITY:
        named = _by_mission(stays, audience, Category.IDENTITY, exchanged)
        consented &= named | _consented(actor, audience, Category.IDENTITY)
    known = Q(Exists(stays)) & ~_opposed(actor, audience, category)
    # The ground first: PostgreSQL asks an « or » in its order, and most whom a team follows have
    # one.
    return known & (open_by_ground | consented) & _not_blind(audience, blind_to or category)


def _by_mission(
    stays: QuerySet[GateStay],
    audience: Audience,
    category: Category,
    exchanged: frozenset[Category],
) -> Q:
    if category in sharing.PROTECTED or category not in sharing.MISSION[audience]:
        return NOTHING
    in_team = Q(OfThisOne(stays.exclude(ground="")))
    if category in exchanged:
        return in_team
    return in_team & Q(OfThisOne(GateInformation.objects.filter(person=OuterRef("pk"))))


def _medium(actor: Actor) -> Medium:
    return Medium.SYSTEM if actor.by_software else Medium.SCREEN


def _said(audience: Audience, *categories: Category, of: str = "pk") -> QuerySet[GateSharing]:
    told = sorted(set(categories))
    return GateSharing.objects.filter(person=OuterRef(of), audience=audience, category__in=told)


def _closing(
    actor: Actor, audience: Audience, *categories: Category, of: str = "pk"
) -> QuerySet[GateSharing]:
    """What was said by the media whose opposition closes what the actor reads by."""
    media = sorted(sharing.CLOSED_BY[_medium(actor)])
    return _said(audience, *categories, of=of).filter(medium__in=media)


def _opposed(actor: Actor, audience: Audience, category: Category) -> Q:
    """Opposed to this, or to being known at all: nothing is read without the identity."""
    cells = _closing(actor, audience, category, Category.IDENTITY)
    return Q(Exists(cells.filter(choice=Choice.OPPOSED)))


def _consented(actor: Actor, audience: Audience, category: Category) -> Q:
    holds = (
        Q(speaker=Speaker.PERSON)
        | Q(speaker=Speaker.PARENT, person__birth_date__gt=_eighteen_years_ago())
        | Q(speaker=Speaker.REPRESENTATIVE, person__protection__in=Person.REPRESENTING)
    )
    said = _said(audience, category).filter(medium=_medium(actor), choice=Choice.CONSENTED)
    return Q(OfThisOne(said.filter(holds)))


def _eighteen_years_ago() -> Func:
    template = f"((now() AT TIME ZONE 'Europe/Paris') - interval '{traits.MAJORITY} years')::date"
    return Func(template=template, output_field=DateField())


def _not_blind(audience: Audience, category: Category) -> Q:
    """Refusing coordination makes coordination blind, and it alone.

    An agreement that it asks for and that nobody gave leaves the name, to ask for it.
    """
    if audience not in sharing.BLIND_WITHOUT_COORDINATION:
        return EVERYTHING
    purpose = processing.Purpose.COORDINATION
    will = GateProcessing.objects.filter(person=OuterRef("pk"), purpose=purpose)
    not_refused = ~Q(Exists(will.filter(will=processing.Will.REFUSED)))
    if category == Category.IDENTITY:
        return not_refused
    accepted = OfThisOne(will.filter(will=processing.Will.ACCEPTED))
    return not_refused & (~Q(_asks_consent(purpose)) | Q(accepted))


def _asks_consent(purpose: processing.Purpose) -> Exists:
    """Whether a purpose rests on the consent of whoever it is about."""
    consent = processing.Basis.CONSENT
    return Exists(ProcessingBasis.objects.current().filter(purpose=purpose, basis=consent))


def _at_the_desk(actor: Actor) -> Q:
    """The least view: who lives in the territory of the single number (ADR on the least view)."""
    here = Q(territory_id__in=actor.territories)
    not_blind = _not_blind(Audience.DESK, Category.IDENTITY)
    return here & ~_opposed(actor, Audience.DESK, Category.IDENTITY) & not_blind


def _in_emergency(actor: Actor) -> Q:
    if actor.account_id is None:
        return NOTHING
    grants = GateGrant.objects.filter(
        person=OuterRef("pk"), account_id=actor.account_id, expires_at__gt=RightsNow()
    )
    opposed = GateOpposition.objects.filter(person=OuterRef("pk"))
    return Q(Exists(grants)) & ~Q(Exists(opposed))


def represented_by(actor: Actor) -> QuerySet[GatePerson]:
    if actor.account_id is None:
        return GatePerson.objects.none()
    spaces = GateSpace.objects.filter(
        person=OuterRef("pk"), account_id=actor.account_id, until=None, relative__ended_at=None
    )
    minor = Q(birth_date__gt=_eighteen_years_ago())
    parent = minor & Q(Exists(spaces.filter(relative__has_parental_authority=True)))
    guardian = Q(protection__in=Person.REPRESENTING) & Q(
        Exists(spaces.filter(relative__is_representative=True))
    )
    return GatePerson.objects.filter(parent | guardian, pk__in=actor.person_ids)


def _known_to_relative(actor: Actor, category: Category) -> Q:
    if actor.account_id is None:
        return NOTHING
    audience = Audience.RELATIVES
    spaces = GateSpace.objects.filter(
        person=OuterRef("pk"), account_id=actor.account_id, until=None, relative__ended_at=None
    )
    allowed = Q(Exists(spaces)) & _consented(actor, audience, category)
    voiced = Q(pk__in=represented_by(actor).values("pk"))
    if category != Category.IDENTITY:
        allowed &= _consented(actor, audience, Category.IDENTITY) | voiced
    if category not in sharing.PROTECTED:
        allowed |= voiced
    return Q(pk__in=actor.person_ids) & allowed & ~_opposed(actor, audience, category)


def in_emergency(actor: Actor) -> Actor:
    """The same actor, looking through the emergency door: sees more, may do nothing."""
    return replace(actor, purpose=Purpose.EMERGENCY)

"""Joining a circle, leaving it, and opening the own space of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.access.models import Account
from cordee.access.records import insert_rows
from cordee.directory.models import Practitioner
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.facts import publish
from cordee.people.facts import (
    GpChanged,
    JoinedCircle,
    LeftCircle,
    OwnSpaceClosed,
    OwnSpaceOpened,
    StrangerLeft,
)
from cordee.people.models import CircleMember, Person, PersonAccount, Relative
from cordee.people.rules import circle as parts
from cordee.people.rules.processing import Agreed
from cordee.people.rules.sharing import Ground
from cordee.people.services.choices import ask_agreement
from cordee.people.services.relatives import NOT_CLOSE

ROLE_OF = {
    Role.ORIENTEUSE: CircleMember.Role.ORIENTATION,
    Role.COORDINATOR: CircleMember.Role.COORDINATION,
    Role.HOSPITAL: CircleMember.Role.HOSPITAL,
    Role.HOME_HELP: CircleMember.Role.HOME_HELP,
}
ROLE_OF_PROFESSION = {
    "10": CircleMember.Role.DOCTOR,
    "21": CircleMember.Role.PHARMACIST,
    "60": CircleMember.Role.NURSE,
    "70": CircleMember.Role.PHYSIO,
}


@dataclass(frozen=True)
class Joining:
    """Who joins — exactly one of the four — and as what."""

    role: str
    practitioner_id: UUID | None = None
    organization_id: UUID | None = None
    relative_id: UUID | None = None
    account_id: UUID | None = None
    ground: str = Ground.RECOGNISED.value
    is_usual_nurse: bool = False
    is_reference: bool = False

    @property
    def who(self) -> dict[str, UUID | None]:
        """The four columns, one of them filled."""
        return {
            "practitioner_id": self.practitioner_id,
            "organization_id": self.organization_id,
            "relative_id": self.relative_id,
            "account_id": self.account_id,
        }

    @property
    def part(self) -> dict[str, Any]:
        """What they are in it, by column."""
        names = ("role", "ground", "is_usual_nurse", "is_reference")
        return {name: getattr(self, name) for name in names}


@action("people.join", on="person")
def join_circle(*, actor: Actor, person: Person, joining: Joining, now: datetime) -> CircleMember:
    """Let somebody into the circle; whoever is already in stays, with the role given now.

    A new usual nurse, GP or reference takes the place of the former one, who stays a member.
    Raises DomainError (people.circle).
    """
    faults = parts.faults(
        joining.role,
        profession=_profession(joining.practitioner_id),
        is_relative=joining.relative_id is not None,
        is_usual_nurse=joining.is_usual_nurse,
        is_reference=joining.is_reference,
    )
    if faults:
        raise DomainError("people.circle", " ".join(faults.values()))
    _refuse_stranger(person, joining.relative_id)
    return _join(person, joining, now)


@action("people.enter_circle", on="person")
def enter_circle(
    *, actor: Actor, person: Person, agreed: Agreed | None = None, now: datetime
) -> CircleMember:
    """Take up the request of somebody: the organisation of the actor enters the circle.

    With her agreement where coordination asks for it. Raises DomainError (people.not_agreed).
    """
    member = enter(actor, person, now)
    ask_agreement(actor, person, agreed, now)
    return member


@action("people.welcome", on="person")
def welcome(
    *, actor: Actor, person: Person, practitioner_id: UUID, role: str, now: datetime
) -> CircleMember:
    """Let in the professional whose yes was confirmed: in the transaction of the answer.

    Raises Forbidden when the actor speaks for another professional than herself.
    """
    if actor.role in (Role.PRACTITIONER, Role.GUEST) and actor.practitioner_id != practitioner_id:
        raise Forbidden("people.welcome")
    return _come_in(person, practitioner_id, role, now)


@action("people.leave", on="member", lock=("person", "member"))
def leave_circle(*, actor: Actor, member: CircleMember, now: datetime) -> CircleMember:
    """End a stay: nothing is seen from this moment."""
    if member.until is not None:
        return member
    member.until = max(now, member.since)
    member.is_usual_nurse = member.is_reference = False
    member.save(update_fields=["until", "is_usual_nurse", "is_reference", "updated_at"])
    publish(LeftCircle(**_named(member)))
    follow_gp(member.person)
    return member


@action("people.end_stranger", on="member", lock=("person", "member"))
def end_stranger(*, actor: Actor, member: CircleMember, now: datetime) -> CircleMember:
    """End the stay of a relative of somebody else, or of one taken away: circles let none in, and
    held some before. Idempotent."""
    relative = member.relative
    if member.until is None and relative and not relative.is_close_to(member.person_id):
        leave_circle(actor=actor, member=member, now=now)
        publish(StrangerLeft(person_id=member.person_id, member_id=member.pk))
    return member


@action("people.open_own_space", on="person")
def open_own_space(
    *,
    actor: Actor,
    person: Person,
    account: Account,
    relative: Relative | None = None,
    proved_how: str = "",
    now: datetime,
) -> PersonAccount:
    """Give the person, or a relative, an account on their own space.

    Raises DomainError (people.own_space).
    """
    if not proved_how.strip():
        raise DomainError(
            "people.own_space", "Dites comment l’identité a été vérifiée (pièce vue, domicile…)."
        )
    if relative is not None and not relative.is_close_to(person.pk):
        raise DomainError("people.own_space", NOT_CLOSE)
    space = PersonAccount(
        person=person, account=account, relative=relative, proved_how=proved_how, since=now
    )
    try:
        with transaction.atomic():
            space.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError("people.own_space", "Un accès à cet espace est déjà ouvert.") from error
    publish(OwnSpaceOpened(person_id=person.pk, access_id=space.pk))
    return space


@action("people.close_own_space", on="space")
def close_own_space(*, actor: Actor, space: PersonAccount, now: datetime) -> PersonAccount:
    """Take an access to the own space back, at once."""
    if space.until is None:
        space.until = now
        space.save(update_fields=["until", "updated_at"])
        publish(OwnSpaceClosed(person_id=space.person_id, access_id=space.pk))
    return space


def enter(actor: Actor, person: Person, now: datetime) -> CircleMember:
    """Put the actor’s organisation, or the professional, in the circle."""
    joining = _in_the_name_of(actor)
    if joining.practitioner_id:
        return _come_in(person, joining.practitioner_id, joining.role, now)
    return _join(person, joining, now)


def enter_first(actor: Actor, persons: Sequence[Person], now: datetime) -> list[JoinedCircle]:
    """The same of those whom this gesture has just entered, whose circles are empty: in one set.

    Gives the facts, for who publishes those of the gesture.
    """
    joining = _in_the_name_of(actor)
    members = [_member(one, joining, now) for one in persons]
    insert_rows(
        CircleMember, ({name: getattr(one, name) for name in OF_A_MEMBER} for one in members)
    )
    return [JoinedCircle(**_named(one), is_first=True) for one in members]


def _in_the_name_of(actor: Actor) -> Joining:
    if actor.role is Role.PRACTITIONER and actor.practitioner_id:
        role = ROLE_OF_PROFESSION.get(actor.profession, CircleMember.Role.OTHER_CARE)
        return Joining(role=role, practitioner_id=actor.practitioner_id)
    if actor.organization_id is None:
        raise DomainError(
            "people.circle", "Choisissez d’abord la structure au nom de laquelle vous agissez."
        )
    role = ROLE_OF.get(actor.role, CircleMember.Role.OTHER)
    return Joining(role=role, organization_id=actor.organization_id)


@action("people.record_gp", on="person")
def record_gp(*, actor: Actor, person: Person, now: datetime) -> Person:
    """Have the record name a GP whom the circle named before a gesture said it. Idempotent."""
    if person.gp_id is None:
        follow_gp(person)
    return person


def follow_gp(person: Person) -> None:
    """Have the record name the GP of the circle: who is the GP is said in the circle alone."""
    gp_id = gp_of(person.pk)
    if person.gp_id != gp_id:
        person.gp_id = gp_id
        person.save(update_fields=["gp", "updated_at"])
        publish(GpChanged(person_id=person.pk, practitioner_id=gp_id))


def gp_of(person_id: UUID) -> UUID | None:
    """Say who the GP of a circle is. One query."""
    doctor = CircleMember.objects.current().filter(person=person_id, role=CircleMember.Role.GP)
    return doctor.values_list("practitioner_id", flat=True).first()


def _refuse_stranger(person: Person, relative_id: UUID | None) -> None:
    """Refuse a relative of somebody else, or one taken away: who takes away holds the person."""
    if relative_id is None:
        return
    relative = Relative.objects.filter(pk=relative_id).first()
    if relative is None or not relative.is_close_to(person.pk):
        raise DomainError("people.circle", NOT_CLOSE)


def _profession(practitioner_id: UUID | None) -> str:
    if practitioner_id is None:
        return ""
    known = Practitioner.objects.filter(pk=practitioner_id).values_list("profession", flat=True)
    return known.first() or ""


def _come_in(person: Person, practitioner_id: UUID, role: str, now: datetime) -> CircleMember:
    """Let a professional in for a need: nobody said that the GP who comes is the GP no more."""
    if role == CircleMember.Role.DOCTOR and gp_of(person.pk) == practitioner_id:
        role = CircleMember.Role.GP
    return _join(person, Joining(role=role, practitioner_id=practitioner_id), now)


def _join(person: Person, joining: Joining, now: datetime) -> CircleMember:
    member = _settle(person, joining, now)
    follow_gp(person)
    return member


def _settle(person: Person, joining: Joining, now: datetime) -> CircleMember:
    current = CircleMember.objects.current().filter(person=person)
    named = {name: value for name, value in joining.who.items() if value}
    if len(named) != 1:
        raise DomainError("people.circle", "Choisissez une personne ou une structure, une seule.")
    _make_room(current, joining, named)
    settled = joining.part
    member = current.filter(**named).first()
    if member is not None:
        settled["is_usual_nurse"] |= member.is_usual_nurse
        settled["is_reference"] |= member.is_reference
        settled["ground"] = joining.ground or member.ground  # lost by leaving, and no other way
        for name, value in settled.items():
            setattr(member, name, value)
        member.save(update_fields=[*settled, "updated_at"])
        return member
    member = _member(person, joining, now)
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "people.circle",
            "Le cercle vient de changer. Rien n’a été modifié\u00a0; relisez-le et recommencez.",
        ) from error
    publish(JoinedCircle(**_named(member)))
    return member


def _member(person: Person, joining: Joining, now: datetime) -> CircleMember:
    return CircleMember(person=person, since=now, **joining.who, **joining.part)


OF_A_MEMBER = (
    *("id", "person_id", "since", "practitioner_id", "organization_id", "relative_id"),
    *("account_id", "role", "ground", "is_usual_nurse", "is_reference"),
)


def _make_room(current: Any, joining: Joining, named: dict[str, Any]) -> None:
    others = current.exclude(**named)
    if joining.is_usual_nurse:
        others.filter(is_usual_nurse=True).update(is_usual_nurse=False)
    if joining.is_reference:
        others.filter(is_reference=True).update(is_reference=False)
    if joining.role == CircleMember.Role.GP:
        others.filter(role=CircleMember.Role.GP).update(role=CircleMember.Role.DOCTOR)


def _named(member: CircleMember) -> dict[str, Any]:
    return {
        "person_id": member.person_id,
        "member_id": member.pk,
        "role": member.role,
        "practitioner_id": member.practitioner_id,
        "organization_id": member.organization_id,
    }

"""Relatives, the trusted person, who represents."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_rows
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish, publish_many
from cordee.people.facts import LeftCircle, RelativeChanged
from cordee.people.models import CircleMember, Person, PersonAccount, Relative
from cordee.people.rules.traits import phone_number
from cordee.people.services.seen import refuse_old

NOT_CLOSE = (
    "Ce proche n’est pas, ou n’est plus, un proche de cette personne. Rien n’a été modifié\u00a0; "
    "relisez la fiche et recommencez."
)


LONGEST_MAILBOX = 254


@dataclass(frozen=True)
class RelativeSaid:
    """What is known of a relative."""

    name: str
    link: str = Relative.Link.OTHER
    phone: str = ""
    email: str = ""
    is_trusted: bool = False
    has_parental_authority: bool = False
    is_representative: bool = False
    is_called_first: bool = False


@action("people.note_relative", on="person")
def note_relative(
    *,
    actor: Actor,
    person: Person,
    said: RelativeSaid,
    relative: Relative | None = None,
    seen: int | None = None,
    now: datetime,
) -> Relative:
    """Write a relative down, or correct what was written. A new trusted person replaces the former.

    `seen`: the version of the relative that was read. Raises DomainError (people.relative,
    people.changed).
    """
    if relative is not None:
        relative = Relative.objects.select_for_update(of=("self",)).get(pk=relative.pk)
        if _is_said(relative, person, said):
            return relative
        refuse_old(seen, relative.version)
    return write_relative(person, said, relative)


@action("people.note_relatives", on="person")
def note_relatives(
    *, actor: Actor, person: Person, said: Sequence[RelativeSaid], now: datetime
) -> list[Relative]:
    """Write several new relatives down in one set. Raises DomainError (people.relative).

    A trusted person among them takes nobody’s place: where there is one, they are noted alone.
    """
    rows = [_filled_in(Relative(person=person), one) for one in said]
    try:
        insert_rows(
            Relative, ({name: getattr(row, name) for name in OF_A_RELATIVE} for row in rows)
        )
    except IntegrityError as error:
        raise _another_is_trusted() from error
    publish_many([RelativeChanged(person_id=person.pk, relative_id=row.pk) for row in rows])
    return rows


OF_A_RELATIVE = ("id", "person_id", *(one.name for one in fields(RelativeSaid)))


def write_relative(
    person: Person, said: RelativeSaid, relative: Relative | None = None
) -> Relative:
    """Write a relative down, in the gesture under way. Raises DomainError (people.relative)."""
    if relative is not None and relative.person_id != person.pk:
        raise DomainError("people.relative", "Ce proche n’est pas un proche de cette personne.")
    if relative is not None and relative.ended_at is not None:
        raise DomainError(
            "people.relative", "Ce proche a été retiré entre-temps\u00a0: rien n’a été modifié."
        )
    row = _filled_in(relative or Relative(person=person), said)
    if said.is_trusted:
        trusted = Relative.objects.filter(person=person, is_trusted=True, ended_at=None)
        trusted.exclude(pk=row.pk).update(is_trusted=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise _another_is_trusted() from error
    publish(RelativeChanged(person_id=person.pk, relative_id=row.pk))
    return row


def _is_said(relative: Relative, person: Person, said: RelativeSaid) -> bool:
    stands = relative.person_id == person.pk and relative.ended_at is None
    return stands and all(
        getattr(relative, name) == value for name, value in _checked(said).items()
    )


def _filled_in(row: Relative, said: RelativeSaid) -> Relative:
    for name, value in _checked(said).items():
        setattr(row, name, value)
    return row


def _checked(said: RelativeSaid) -> dict[str, Any]:
    if not said.name.strip():
        raise DomainError("people.relative", "Écrivez le nom du proche.")
    phone = phone_number(said.phone) if said.phone.strip() else ""
    if phone is None:
        raise DomainError("people.relative", "Ce numéro ne peut pas exister\u00a0: relisez-le.")
    if len(said.email) > LONGEST_MAILBOX:
        raise DomainError(
            "people.relative", "Cette adresse électronique est trop longue\u00a0: relisez-la."
        )
    return {**vars(said), "phone": phone, "name": said.name.strip()[:160]}


def _another_is_trusted() -> DomainError:
    return DomainError(
        "people.relative",
        "Une autre personne de confiance vient d’être désignée\u00a0: relisez.",
    )


@action("people.end_relative", on="relative", lock=("person", "relative"))
def end_relative(*, actor: Actor, relative: Relative, now: datetime) -> Relative:
    """Take a relative away, with their place in the circle and their access, at once."""
    if relative.ended_at is not None:
        return relative
    relative.ended_at = now
    relative.save(update_fields=["ended_at", "updated_at"])
    PersonAccount.objects.filter(relative=relative, until=None).update(until=now)
    for stay in CircleMember.objects.current().filter(relative=relative):
        stay.until = max(now, stay.since)
        stay.save(update_fields=["until", "updated_at"])
        publish(
            LeftCircle(
                person_id=stay.person_id,
                member_id=stay.pk,
                role=stay.role,
                practitioner_id=None,
                organization_id=None,
            )
        )
    publish(RelativeChanged(person_id=relative.person_id, relative_id=relative.pk))
    return relative

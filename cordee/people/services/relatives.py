"""Relatives, the trusted person, who represents."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.facts import LeftCircle, RelativeChanged
from cordee.people.models import CircleMember, Person, PersonAccount, Relative
from cordee.people.rules.traits import phone_number


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
    now: datetime,
) -> Relative:
    """Write a relative down, or correct what was written. A new trusted person replaces the former.

    Raises DomainError (people.relative).
    """
    return write_relative(person, said, relative)


def write_relative(
    person: Person, said: RelativeSaid, relative: Relative | None = None
) -> Relative:
    """Write a relative down, in the gesture under way. Raises DomainError (people.relative)."""
    if not said.name.strip():
        raise DomainError("people.relative", "Écrivez le nom du proche.")
    phone = phone_number(said.phone) if said.phone.strip() else ""
    if phone is None:
        raise DomainError("people.relative", "Ce numéro ne peut pas exister\u00a0: relisez-le.")
    if relative is not None and relative.person_id != person.pk:
        raise DomainError("people.relative", "Ce proche n’est pas un proche de cette personne.")
    if relative is not None and relative.ended_at is not None:
        raise DomainError(
            "people.relative", "Ce proche a été retiré entre-temps\u00a0: rien n’a été modifié."
        )
    row = relative or Relative(person=person)
    for name, value in {**vars(said), "phone": phone, "name": said.name.strip()[:160]}.items():
        setattr(row, name, value)
    if said.is_trusted:
        trusted = Relative.objects.filter(person=person, is_trusted=True, ended_at=None)
        trusted.exclude(pk=row.pk).update(is_trusted=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise DomainError(
            "people.relative",
            "Une autre personne de confiance vient d’être désignée\u00a0: relisez.",
        ) from error
    publish(RelativeChanged(person_id=person.pk, relative_id=row.pk))
    return row


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

"""The hats an account may wear: a membership, a practice, a person's own space; and its actor then.

Each door makes its actor here: a page from a session, an application from what was allowed to it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet, UUIDField, Value, Window
from django.db.models.functions import Cast, RowNumber
from django.utils import timezone

from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.access.models import Account
from cordee.access.stencil import Stencil
from cordee.directory import selectors as directory
from cordee.kernel.once import once
from cordee.kernel.prepared import Asked, run
from cordee.people.selectors import own_spaces_of_account

PURPOSES = {
    Role.PRACTITIONER: Purpose.CARE,
    Role.HOME_HELP: Purpose.CARE,
    Role.HOSPITAL: Purpose.CARE,
    Role.PERSON: Purpose.OWN,
    Role.RELATIVE: Purpose.OWN,
    Role.DPO: Purpose.AUDIT,
    Role.ADMINISTRATOR: Purpose.ADMINISTRATION,
}


class Quality(NamedTuple):
    """In what an account may act: a practice, a role in a structure, a person's own space."""

    kind: str
    place: int
    pk: UUID
    word: str  # the profession, or the role
    name: str  # of the structure
    of: UUID | None  # the structure, or the person
    by: UUID | None  # the territory, or the relative


PRACTICE, ROLE, SPACE = "1", "2", "3"


@once
def qualities(account_id: UUID, at: datetime) -> list[Quality]:
    """All that an account may act in at a moment, in a lasting order. One query, by each page."""
    return list(map(Quality._make, run(*asked_of(account_id, at))))


def asked_of(account_id: UUID, at: datetime) -> Asked:
    """Say what is asked of the server to know it; each row is one."""
    return Asked(*_qualities.said(account_id=account_id, day=timezone.localdate(at)), binary=True)


@Stencil
def _qualities(account_id: UUID, day: date) -> QuerySet[Any, Any]:
    practised, *others = held_by(account_id, day)
    return practised.union(*others, all=True).order_by("kind", "place", "pk")


def held_by(account_id: Any, day: date) -> tuple[QuerySet[Any, Any], ...]:
    """The rows of all that an account may act in on a day, kind by kind: to be joined in a query.

    `account_id` may be an expression: who holds a token, for instance.
    """
    none, said = Cast(Value(None), UUIDField()), Value("")
    practices = _in_order(directory.practising(account_id), PRACTICE)
    roles = _in_order(directory.memberships_of(account_id, day).select_related(None), ROLE)
    spaces = _in_order(own_spaces_of_account(account_id), SPACE)
    practised = practices.values_list("kind", "place", "pk", "profession", said, none, none)
    held = ("role", "organization__name", "organization_id", "organization__territory_id")
    opened = (said, said, "person_id", "relative_id")
    return (
        practised,
        roles.values_list("kind", "place", "pk", *held),
        spaces.values_list("kind", "place", "pk", *opened),
    )


def _in_order(rows: QuerySet[Any], kind: str) -> QuerySet[Any]:
    """Number rows as they are sorted: each kind has an order of its own."""
    place = Window(RowNumber(), order_by=[str(name) for name in rows.query.order_by])
    return rows.order_by().annotate(kind=Value(kind), place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hat:
    """One quality in which an account may act: a membership, a practice, a person's own space."""

    key: str
    role: Role
    label: str
    organization_id: UUID | None = None
    organization_name: str = ""
    territory_id: UUID | None = None
    practitioner_id: UUID | None = None
    profession: str = ""
    person_id: UUID | None = None
    relative_id: UUID | None = None


def hats_of(account: Account, at: datetime) -> list[Hat]:
    """The hats an account may wear at a moment, in a lasting order. One query."""
    return hats_in(qualities(account.pk, at))


def hats_in(held: list[Quality]) -> list[Hat]:
    """The hats that qualities make, in their order."""
    practice = next((one for one in held if one.kind == PRACTICE), None)
    hats = [_post(one, practice) for one in held if one.kind == ROLE]
    if practice and not any(hat.role is Role.PRACTITIONER for hat in hats):
        hats.append(
            Hat(
                key=str(practice.pk),
                role=Role.PRACTITIONER,
                label=Role.PRACTITIONER.label,
                practitioner_id=practice.pk,
                profession=practice.word,
            )
        )
    return hats + [_own_space(one) for one in held if one.kind == SPACE]


def _post(post: Quality, practice: Quality | None) -> Hat:
    role = Role(post.word)
    return Hat(
        key=str(post.pk),
        role=role,
        label=f"{role.label} · {post.name}",
        organization_id=post.of,
        organization_name=post.name,
        territory_id=post.by,
        practitioner_id=practice.pk if practice else None,
        profession=practice.word if practice else "",
    )


def _own_space(space: Quality) -> Hat:
    role = Role.RELATIVE if space.by else Role.PERSON
    label = "l’espace de la personne que j’aide" if space.by else "mon espace"
    return Hat(key=str(space.pk), role=role, label=label, person_id=space.of, relative_id=space.by)


def worn(hats: list[Hat], key: str | None) -> Hat | None:
    """The hat that was chosen, else the first."""
    return next((hat for hat in hats if hat.key == key), hats[0] if hats else None)


def actor_wearing(account: Account, hat: Hat | None, session_key: str) -> Actor:
    """The actor that an account is under a hat. Without a hat, somebody who may do nothing."""
    if hat is None:
        return Actor(
            role=Role.ANONYMOUS,
            account_id=account.pk,
            name=account.name,
            purpose=Purpose.TECHNICAL,
            session_key=session_key,
        )
    return Actor(
        role=hat.role,
        account_id=account.pk,
        name=account.name,
        organization_id=hat.organization_id,
        organizations=frozenset(filter(None, [hat.organization_id])),
        territories=frozenset(filter(None, [hat.territory_id])),
        practitioner_id=hat.practitioner_id,
        person_ids=frozenset(filter(None, [hat.person_id])),
        profession=hat.profession,
        purpose=PURPOSES.get(hat.role, Purpose.COORDINATION),
        origin=Origin.FORM,
        session_key=session_key,
    )

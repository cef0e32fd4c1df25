"""From an account to an actor: the hats it may wear today, and the one it wears now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from cordee.access.actor import ANONYMOUS, Actor, Origin, Purpose, Role
from cordee.access.models import Account
from cordee.web.selectors import PRACTICE, ROLE, SPACE, Quality, qualities

HAT = "hat"  # the key of the session that remembers which one was chosen

PURPOSES = {
    Role.PRACTITIONER: Purpose.CARE,
    Role.HOME_HELP: Purpose.CARE,
    Role.HOSPITAL: Purpose.CARE,
    Role.PERSON: Purpose.OWN,
    Role.RELATIVE: Purpose.OWN,
    Role.DPO: Purpose.AUDIT,
    Role.ADMINISTRATOR: Purpose.ADMINISTRATION,
}


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


def hats_of(account: Account, at: datetime) -> list[Hat]:
    """The hats an account may wear at a moment, in a lasting order. One query."""
    held = qualities(account.pk, at)
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
    return Hat(key=str(space.pk), role=role, label=label, person_id=space.of)


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


def actor_of(
    account: Account | AnonymousUser, session: Any, at: datetime
) -> tuple[Actor, list[Hat]]:
    """The actor of a session, and the other hats it could wear. Judged again at each request, so
    that a role taken back is taken back at once."""
    if isinstance(account, AnonymousUser) or not account.is_active:
        return ANONYMOUS, []
    hats = hats_of(account, at)
    return actor_wearing(account, worn(hats, session.get(HAT)), session.session_key or ""), hats

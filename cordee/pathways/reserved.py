"""Who of a structure is asked for what is protected: without a word of it, nor of whom it is."""

from collections.abc import Callable, Iterable, Set
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor, Role
from cordee.directory import selectors as directory
from cordee.pathways import services
from cordee.pathways.policy import OWN, TEAM
from cordee.pathways.selectors import open_about
from cordee.pathways.services import Ask
from cordee.people.policy import STEERING, knows
from cordee.people.rules.sharing import Category


def of_readers(ask: Ask, category: Category, roles: Set[Role], now: datetime) -> Ask | None:
    """Ask one role that reads the category in the structure, of those that its members have; None
    when none does. Where nobody has one yet, coordination is asked."""
    desk = ask.organization_id
    for role, profession in _posts(desk, roles, now):
        reader = Actor(role=Role(role), organizations=frozenset({desk}), profession=profession)
        if knows(reader, ask.person_id, category):
            return replace(ask, person_id=None, role=role)
    return None


def is_anybody(desk: UUID, roles: Set[Role], now: datetime) -> bool:
    """Say whether somebody of a structure has one of these roles: a list that is read."""
    return not directory.roles_in(desk, now).isdisjoint(role.value for role in roles)


def of_her_circle(ask: Ask, category: Category, around: Iterable[UUID], now: datetime) -> list[Ask]:
    """Ask those teams of her circle, elsewhere, that may read what is protected; where somebody
    is."""
    asks = (
        of_readers(replace(ask, organization_id=desk, assignee_id=None), category, TEAM, now)
        for desk in around
        if is_anybody(desk, TEAM, now)
    )
    return [one for one in asks if one]


def keep_each(
    actor: Actor, origin: str, kinds: Iterable[str], asks: Iterable[Ask], now: datetime
) -> None:
    """Have one task of a kind stand at each structure that is asked, with its day, and no other."""
    left = {(one.kind, one.organization_id): one for one in asks}
    for task in open_about(origin, *kinds):
        wanted = left.get((task.kind, task.organization_id))
        seat = (task.role, task.person_id)
        if (
            wanted
            and wanted.deadline_at in (None, task.due_at)
            and seat == (wanted.role, wanted.person_id)
        ):
            del left[task.kind, task.organization_id]
        else:
            services.drop(actor=actor, task=task, now=now)
    for ask in left.values():
        services.open_task(actor=actor, ask=ask, now=now)


def keep_to_give(actor: Actor, origin: str, desk: UUID, now: datetime, *, is_left: bool) -> None:
    """Have who leads a structure asked to give what nobody there may read: of nobody. Also where
    nobody at all may read it yet: whoever comes to is asked, without a gesture more."""
    ask = Ask(
        kind="give_line",
        origin=origin,
        organization_id=desk,
        role=of_leaders(desk, now) if is_left else "",
    )
    keep_each(actor, origin, [ask.kind], [ask] if is_left else [], now)


def look_at_each(keys: Iterable[UUID], look: Callable[[UUID], None]) -> None:
    """Look at each. Raises what the last that fails raises, once the others were looked at: none
    holds back another, and whoever asked tries again."""
    failed: Exception | None = None
    for pk in keys:
        try:
            look(pk)
        except Exception as error:  # noqa: BLE001 — whatever it was, the next one is looked at
            failed = error
    if failed is not None:
        raise failed


def of_leaders(desk: UUID, now: datetime) -> str:
    """The role that is asked what only who leads a structure does. Where nobody has one yet,
    coordination."""
    return _held(desk, STEERING, now)[0]


def _posts(desk: UUID, roles: Set[Role], now: datetime) -> list[tuple[str, str]]:
    held = [post for post in directory.posts_in(desk, now) if post[0] in {*roles}]
    return sorted(held) or [(Role.COORDINATOR.value, "")]


def _held(desk: UUID, roles: Set[Role], now: datetime) -> list[str]:
    held = directory.roles_in(desk, now) & {role.value for role in roles}
    return sorted(held) or [Role.COORDINATOR.value]


def of_author(ask: Ask, author_id: UUID | None, now: datetime) -> Ask | None:
    """Ask who wrote it alone, while they work there; a task that nobody sees is never opened."""
    if author_id is None or not directory.is_member(author_id, ask.organization_id, now):
        return None
    return replace(ask, person_id=None, role=OWN, assignee_id=author_id)

"""The one way a request changes state: the rule decides, the row follows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.access.actor import Actor
from cordee.intake import rules
from cordee.intake.models import CareRequest
from cordee.intake.rules import State
from cordee.intake.selectors import colleagues
from cordee.kernel.errors import DomainError
from cordee.kernel.latches import latch, unlatch

_STAMPS = {
    State.QUALIFIED: "qualified_at",
    State.SEARCHING: "searching_at",
    State.FOUND: "found_at",
    State.CONFIRMED: "confirmed_at",
    State.CLOSED: "ended_at",
    State.REFUSED: "ended_at",
    State.CANCELLED: "ended_at",
    State.HANDED_ON: "ended_at",
}


def check_seen(request: CareRequest, seen: int | None) -> None:
    """Refuse a gesture made on a page that a colleague has since made old. Raises DomainError."""
    if seen is not None and seen != request.version:
        raise changed_meanwhile()


def changed_meanwhile() -> DomainError:
    """Return what is said of a page that a colleague has made old."""
    return DomainError(
        "intake.changed",
        "Quelqu’un vient de modifier cette demande pendant que vous la lisiez. "
        "Rien de ce que vous venez de faire n’a été enregistré : relisez-la, puis recommencez.",
    )


def check_colleague(actor: Actor, request: CareRequest, account_id: UUID, now: datetime) -> None:
    """Refuse to name somebody who does not work at the desk. Raises DomainError."""
    if account_id == actor.account_id:
        return
    if not colleagues(request.organization_id, now).filter(pk=account_id).exists():
        raise DomainError(
            "intake.not_a_colleague",
            "Cette personne ne travaille pas dans ce service. Choisissez quelqu’un du service ; "
            "pour un autre service, transmettez la demande.",
        )


def followed_by(request: CareRequest) -> tuple[UUID, ...]:
    """Name who follows a request, and who keeps it, before a gesture changes it."""
    return tuple(one for one in (request.owner_id, request.keeper_id) if one is not None)


def go(request: CareRequest, verb: str, now: datetime, **changes: Any) -> None:
    """Take a request to its next state with its stamp and changes. Raises DomainError."""
    put(request, next_state(request, verb), now, **changes)


def next_state(request: CareRequest, verb: str) -> State:
    """Return where a gesture leads; raises DomainError with the sentence of the rules."""
    try:
        return rules.move(verb, request.facts)
    except rules.MoveError as refused:
        code, sentence = refused.code, refused.sentence
        raise DomainError(code, sentence) from refused


def put(request: CareRequest, state: State, now: datetime, **changes: Any) -> None:
    """Write a state, its moment and what comes with it."""
    changes["state"] = state.value
    if state in _STAMPS:
        changes[_STAMPS[state]] = now
    write(request, **changes)


def write(request: CareRequest, **changes: Any) -> None:
    """Write columns of a request."""
    for name, value in changes.items():
        setattr(request, name, value)
    request.save(update_fields=[*changes, "updated_at"])
    if changes.keys() & {"state", "held_at"}:
        latch_as_it_stands(request)


def latch_as_it_stands(request: CareRequest) -> None:
    """Say, in the very commit that ends or holds a request, that nobody is to be sought for it."""
    over = State(request.state) in rules.GIVEN_UP or request.held_at is not None
    (latch if over else unlatch)(f"intake/request/{request.pk}")


def to_be_told(now: datetime) -> dict[str, Any]:
    """Return the changes that make an outcome one that the requester must hear of."""
    return {"outcome_at": now, "told_at": None}

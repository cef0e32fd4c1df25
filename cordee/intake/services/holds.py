"""The transfer to the 15: one key, written down, and nothing is searched until it is released."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.intake import facts, rules
from cordee.intake.models import CareRequest, Draft, Hold
from cordee.intake.rules import State
from cordee.intake.services.moves import put, write
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.facts import publish


@action("intake.hold_call", on="draft", lock=("request", "draft"))
def hold_call(*, actor: Actor, draft: Draft, signs: Sequence[str] = (), now: datetime) -> Draft:
    """Note that a call is transferred to the 15. Pressing the key twice notes once.

    Where there is a request already, saved from this call or come online, it is held at once: it
    may be searched, or handed on. Raises DomainError where that request has ended."""
    if draft.request is not None:
        hold_for_samu(actor=actor, request=draft.request, signs=signs, now=now)
    elif not Hold.objects.filter(draft=draft, released_at=None).exists():
        Hold.objects.create(draft=draft, signs=_codes(signs), held_at=now, held_by_id=_named(actor))
    return draft


@action("intake.hold", on="request")
def hold_for_samu(
    *, actor: Actor, request: CareRequest, signs: Sequence[str] = (), now: datetime
) -> CareRequest:
    """Transfer to the 15 and hold the search; a search under way stops."""
    if request.held_at is not None:
        return request
    refuse_ended(request)
    hold_row(request, signs, now, actor)
    return request


def refuse_ended(request: CareRequest) -> None:
    """Refuse to hold what is over: the call still goes to the 15. Raises DomainError."""
    if State(request.state) not in rules.LIVE:
        raise DomainError(
            "intake.ended",
            "Cette demande est terminée\u00a0: il n’y a plus de recherche à retenir. "
            "Transférez l’appel au 15, et notez-le comme un nouvel appel.",
        )


def hold_row(request: CareRequest, signs: Sequence[str], now: datetime, actor: Actor) -> None:
    """Write the hold of a request, in the gesture under way."""
    Hold.objects.create(request=request, signs=_codes(signs), held_at=now, held_by_id=_named(actor))
    back = rules.conducted("unfill", request.facts)
    if back is None:
        write(request, held_at=now)
    else:
        put(request, back, now, held_at=now)
        publish(facts.SearchStopped(**_ids(request), reason="samu"))
    publish(facts.RequestHeld(**_ids(request)))


@action("intake.release", on="request")
def release(*, actor: Actor, request: CareRequest, reason: str, now: datetime) -> CareRequest:
    """Release a held search, saying why: the words stay with the hold, not on the thread."""
    if request.held_at is None:
        return request
    if len(reason.strip()) < 3:
        raise DomainError(
            "intake.release_reason",
            "Dites en quelques mots pourquoi la recherche peut reprendre. Elle reste retenue.",
        )
    Hold.objects.filter(request=request, released_at=None).update(
        released_at=now, released_by_id=actor.account_id, release_reason=reason.strip()[:500]
    )
    write(request, held_at=None)
    publish(facts.RequestReleased(**_ids(request)))
    return request


def _named(actor: Actor) -> UUID:
    """Whoever transfers to the 15 has a name."""
    if actor.account_id is None:
        raise Forbidden("intake.hold")
    return actor.account_id


def _codes(signs: Sequence[str]) -> list[str]:
    return [str(code)[:40] for code in dict.fromkeys(signs)][:40]


def _ids(request: CareRequest) -> dict[str, Any]:
    return {"person_id": request.person_id, "request_id": request.pk}

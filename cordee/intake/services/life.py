"""What the desk does with a request, from taking it to its end."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.intake import facts, rules
from cordee.intake.models import CancelReason, CareRequest, Proposal, RefusalReason
from cordee.intake.rules import State
from cordee.intake.selectors import grid_in_use
from cordee.intake.services.moves import (
    check_colleague,
    check_seen,
    followed_by,
    go,
    next_state,
    put,
    to_be_told,
    write,
)
from cordee.intake.services.outside import send_link
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish

FAR = timedelta(days=60)


@action("intake.take", on="request")
def take(
    *,
    actor: Actor,
    request: CareRequest,
    account_id: UUID | None,
    seen: int | None = None,
    now: datetime,
) -> CareRequest:
    """Name who follows a request: oneself, the colleague one has just spoken to, or the team."""
    check_seen(request, seen)
    if account_id is not None:
        check_colleague(actor, request, account_id, now)
    former = followed_by(request)
    write(
        request,
        owner_id=account_id,
        contacted_at=request.contacted_at or now,
        keeper=None,
        keeping="",
        kept_until=None,
    )
    publish(facts.RequestTaken(**_ids(request), account_id=account_id, former=former))
    return request


@action("intake.leave_to_team", on="request")
def leave_to_team(
    *, actor: Actor, request: CareRequest, account_id: UUID, now: datetime
) -> CareRequest:
    """Have the team follow what somebody who left followed; whoever keeps it tonight still does.
    Idempotent."""
    if request.owner_id == account_id:
        write(request, owner_id=None)
        publish(facts.RequestTaken(**_ids(request), account_id=None, former=(account_id,)))
    return request


@action("intake.set_delay", on="request")
def set_delay(
    *, actor: Actor, request: CareRequest, delay: str, seen: int | None = None, now: datetime
) -> CareRequest:
    """Choose the delay by hand, before or during the search."""
    check_seen(request, seen)
    if State(request.state) not in rules.LIVE:
        raise DomainError("intake.ended", "Cette demande est terminée ; son délai ne change plus.")
    _refuse_longer(request, rules.Delay(delay))
    write_delay(request, rules.Delay(delay), by_hand=True, now=now)
    return request


def _refuse_longer(request: CareRequest, by_hand: rules.Delay) -> None:
    """Refuse what the grid's last answer would not allow. Raises DomainError."""
    last = request.triages.exclude(delay="").order_by("-created_at", "-pk").first()
    given = rules.Delay(last.delay) if last else by_hand
    if rules.chosen_delay(given, by_hand) is not by_hand:
        raise DomainError(
            "intake.longer_delay",
            f"Le tri dit « {given.label} » : à la main, on ne choisit que plus court. "
            "Si la situation a changé, refaites le tri.",
        )


def write_delay(request: CareRequest, delay: rules.Delay, *, by_hand: bool, now: datetime) -> None:
    """Write the delay and the moment by which someone should be found, in the gesture under way."""
    due = rules.due_at(delay, now, request.begins_on)
    write(request, delay=delay.value, delay_by_hand=by_hand, due_at=due)
    publish(facts.RequestTriaged(**_ids(request), delay=delay.value, due_at=due))


@action("intake.qualify", on="request")
def qualify(
    *, actor: Actor, request: CareRequest, seen: int | None = None, now: datetime
) -> CareRequest:
    """Say that the request is understood and complete: the search may begin."""
    check_seen(request, seen)
    search = request.person_id is not None and not request.is_light
    go(request, "qualify", now, contacted_at=request.contacted_at or now)
    if search:
        _require_signs(request)
    publish(facts.RequestQualified(**_ids(request), search=search))
    return request


def _require_signs(request: CareRequest) -> None:
    """Refuse to search while the grid in use was not asked of this request. Raises DomainError.

    A sign that was heard is a transfer to the 15, released with its reason: it was asked."""
    grid = grid_in_use(request.organization_id)
    if grid is None or request.holds.exists():
        return
    answered = request.triages.values_list("answers", "signs")
    if not any(signs or rules.were_asked(grid, answers) for answers, signs in answered):
        raise DomainError(
            "intake.signs_first",
            "Les signes n’ont pas été posés pour cette demande. Rien n’est cherché\u00a0: "
            "refaites le tri, puis lancez la recherche.",
        )


@action("intake.ask_search", on="request")
def ask_search(
    *, actor: Actor, request: CareRequest, seen: int | None = None, now: datetime
) -> CareRequest:
    """Ask for a search again, after nobody was found: the conductor launches it and marks it."""
    check_seen(request, seen)
    next_state(request, "search")
    write(request, proposals=[])
    publish(facts.SearchAsked(**_ids(request)))
    return request


@action("intake.confirm", on="request")
def confirm(
    *,
    actor: Actor,
    request: CareRequest,
    first_visit_on: date,
    seen: int | None = None,
    now: datetime,
) -> CareRequest:
    """Write the day of the first visit, as said by the professional on the telephone.

    Raises DomainError for a day before the yes, or too far."""
    check_seen(request, seen)
    next_state(request, "confirm")
    _check_first_visit(request, first_visit_on, now)
    go(request, "confirm", now, first_visit_on=first_visit_on)
    publish(facts.RequestConfirmed(**_ids(request)))
    return request


@action("intake.close", on="request")
def close(
    *, actor: Actor, request: CareRequest, seen: int | None = None, now: datetime
) -> CareRequest:
    """Close: the care is confirmed, or the answer given, and the requester knows."""
    check_seen(request, seen)
    go(request, "answer" if _answers(request) else "close", now)
    publish(facts.RequestClosed(**_ids(request)))
    return request


@action("intake.refuse", on="request")
def refuse(
    *, actor: Actor, request: CareRequest, reason: str, words: str = "", now: datetime, **frame: Any
) -> CareRequest:
    """Refuse for a coded reason; the requester is still to be told."""
    check_seen(request, frame.get("seen"))
    _known(reason, RefusalReason.values)
    go(request, "refuse", now, end_reason=reason, end_words=words, **to_be_told(now))
    publish(facts.RequestRefused(**_ids(request), reason=reason))
    return request


@action("intake.cancel", on="request")
def cancel(
    *, actor: Actor, request: CareRequest, reason: str, words: str = "", now: datetime, **frame: Any
) -> CareRequest:
    """Cancel for a coded reason; any search stops, the requester is still to be told."""
    check_seen(request, frame.get("seen"))
    _known(reason, CancelReason.values)
    go(request, "cancel", now, end_reason=reason, end_words=words, **to_be_told(now))
    publish(facts.RequestCancelled(**_ids(request), reason=reason))
    return request


@action("intake.stop", on="request")
def stop(
    *, actor: Actor, request: CareRequest, reason: str, place: str = "", now: datetime
) -> CareRequest:
    """Stop what runs because the person died, was admitted, has moved or wants no coordination.
    Safe to repeat.

    A death or an admission ends the request; a move is looked at by whoever follows it: so does
    what was closed before its first visit, for which somebody comes. Whom the
    desk may follow no more it sees no more: the request is refused, and the requester hears of it
    at once by the link they follow it with."""
    if State(request.state) not in rules.LIVE and not _is_awaited(request, reason, now):
        return request
    if reason in RefusalReason.values:
        put(request, State.REFUSED, now, end_reason=reason, **to_be_told(now))
        publish(facts.RequestRefused(**_ids(request), reason=reason))
        send_link(actor, request, "intake.news", now)
        return request
    if reason in (CancelReason.PERSON_DIED, CancelReason.ADMITTED):
        put(request, State.CANCELLED, now, end_reason=reason, **to_be_told(now))
        publish(facts.RequestCancelled(**_ids(request), reason=reason))
        return request
    return _moved(request, place, now)


def _is_awaited(request: CareRequest, reason: str, now: datetime) -> bool:
    """Say whether a life that changed stops what was closed: whoever was found is still to come."""
    visit_on = request.first_visit_on if request.state == State.CLOSED else None
    is_to_come = visit_on is not None and visit_on >= timezone.localdate(now)
    return is_to_come and reason in CancelReason.values


def _moved(request: CareRequest, place: str, now: datetime) -> CareRequest:
    """Have the place checked. A search for somewhere else stops; an outcome already said is to be
    said again: who had agreed to come may not come there."""
    away = request.state == State.SEARCHING and place != request.commune_id
    if Proposal.MOVED in request.proposals and not away:
        return request
    proposals = list(dict.fromkeys([Proposal.MOVED.value, *request.proposals]))
    changes: dict[str, Any] = {"proposals": proposals}
    if request.state in (State.FOUND, State.CONFIRMED):
        changes |= to_be_told(now)
    if away:
        put(request, State.QUALIFIED, now, **changes)
        publish(facts.SearchStopped(**_ids(request), reason=CancelReason.MOVED.value))
    else:
        write(request, **changes)
    publish(facts.PlaceChanged(**_ids(request)))
    return request


def _check_first_visit(request: CareRequest, day: date, now: datetime) -> None:
    yes_on = timezone.localdate(request.found_at or now)
    wanted_on = max(timezone.localdate(now), request.begins_on or date.min)
    if not yes_on <= day <= wanted_on + FAR:
        raise DomainError(
            "intake.first_visit_out_of_range",
            "La première visite a lieu entre le jour du oui et soixante jours après le début "
            "souhaité. "
            "Corrigez la date ; rien n’a été enregistré.",
        )


def _ids(request: CareRequest) -> dict[str, Any]:
    return {"person_id": request.person_id, "request_id": request.pk}


def _answers(request: CareRequest) -> bool:
    return request.is_light and request.state in (State.RECEIVED, State.QUALIFIED)


def _known(reason: str, reasons: list[str]) -> None:
    if reason not in reasons:
        raise DomainError(
            "intake.reason", "Choisissez un motif dans la liste ; rien n’a été enregistré."
        )

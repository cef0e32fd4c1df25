"""The grid answered again, after the call: what changed is written, and the search follows."""

from collections.abc import Mapping
from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.intake import rules
from cordee.intake.models import CareRequest, TriageAnswer
from cordee.intake.rules import State
from cordee.intake.selectors import version_in_use
from cordee.intake.services.holds import hold_row, refuse_ended
from cordee.intake.services.life import write_delay
from cordee.intake.services.moves import check_seen
from cordee.kernel.errors import DomainError


@action("intake.retriage", on="request")
def retriage(
    *,
    actor: Actor,
    request: CareRequest,
    answers: Mapping[str, bool],
    seen: int | None = None,
    now: datetime,
) -> CareRequest:
    """Weigh new answers with the version in use, beside the former ones, which stay.

    A sign transfers to the 15 and holds the search; a new delay is followed by the search under
    way. A delay chosen by hand is never made longer. Raises DomainError.
    """
    check_seen(request, seen)
    if State(request.state) not in rules.LIVE:
        raise DomainError("intake.ended", "Cette demande est terminée. Son tri ne change plus.")
    used = version_in_use(request.organization_id)
    if used is None:
        raise DomainError(
            "intake.no_grid", "Aucune grille n’est signée. Choisissez le délai à la main."
        )
    verdict = rules.judge(rules.read_grid(used.content), answers)
    if not verdict.is_for_samu and verdict.delay is None:
        raise DomainError("intake.signs_first", "Posez d’abord les signes. Rien n’a été modifié.")
    TriageAnswer.objects.create(
        request=request,
        triage_version=used,
        answers=dict(answers),
        signs=list(verdict.signs),
        delay=verdict.delay or "",
        answered_by_id=actor.account_id,
    )
    if verdict.is_for_samu and request.held_at is None:
        hold_row(request, verdict.signs, now, actor)
    if verdict.delay is not None:
        _follow(request, verdict.delay, now)
    return request


def hear_again(
    actor: Actor, request: CareRequest, answers: Mapping[str, bool], now: datetime
) -> CareRequest:
    """Hear what a form says that is sent again: a sign that nobody had heard is for the 15.

    One that was heard holds nothing more: it may have been released since. Raises DomainError."""
    used = version_in_use(request.organization_id)
    signs = rules.judge(rules.read_grid(used.content), answers).signs if used else ()
    heard = {sign for one in request.triages.order_by("pk") for sign in one.signs}
    if set(signs) <= heard:
        return request
    refuse_ended(request)
    return retriage(actor=actor, request=request, answers=answers, now=now)


def _follow(request: CareRequest, given: rules.Delay, now: datetime) -> None:
    by_hand = rules.Delay(request.delay) if request.delay and request.delay_by_hand else None
    delay = rules.chosen_delay(given, by_hand)
    if delay is not None and delay != request.delay:
        write_delay(request, delay, by_hand=delay is not given, now=now)

"""The end of duty: every open request has a name until morning, or the desk stays open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory import services as directory
from cordee.directory.models import Organization, Pole, Shift
from cordee.directory.selectors import on_call_begins, on_duty, open_poles
from cordee.intake import facts, rules
from cordee.intake.models import CareRequest, Draft
from cordee.intake.selectors import alone_of, cut_short, kept_of, morning_of, opens_again_at
from cordee.intake.services.moves import check_colleague, check_seen, followed_by, write
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.queue import later
from cordee.kernel.typography import plural


@dataclass(frozen=True)
class Keeper:
    """Who keeps a request, how, until when."""

    account_id: UUID
    how: str
    until: datetime

    @property
    def columns(self) -> dict[str, Any]:
        """Return them as a request keeps them."""
        how = rules.Keeping(self.how).value
        return {"keeper_id": self.account_id, "keeping": how, "kept_until": self.until}


def on_call_until_morning(organization_id: UUID, now: datetime) -> Keeper | None:
    """Say who keeps what comes once the desk is closed: who is on call, if anybody is."""
    until = opens_again_at(organization_id, now)
    called = _on_call(organization_id, now)
    if until is None or not called:
        return None
    return Keeper(called[0].account_id, rules.Keeping.ON_CALL.value, until)


def next_look(organization_id: UUID, now: datetime) -> datetime | None:
    """Say when who is on call may first keep what nobody keeps: once the last desk has closed, or
    as their turn begins before one opens again. None: they may now, or nobody will be there."""
    until = opens_again_at(organization_id, now)
    if until is None:
        closings = [rules.closes_at(now, one.closes) for one in open_poles(organization_id, now)]
        return max((one + rules.UNDER_WAY for one in closings if one), default=None)
    if _on_call(organization_id, now):
        return None
    return on_call_begins(organization_id, now, until)


def _on_call(organization_id: UUID, now: datetime) -> list[Shift]:
    return [one for one in on_duty(organization_id, now) if one.kind == Shift.Kind.ON_CALL]


@action("intake.keep", on="request")
def keep(
    *,
    actor: Actor,
    request: CareRequest,
    by: Keeper,
    seen: int | None = None,
    now: datetime,
) -> CareRequest:
    """Name who keeps a request until morning, and how."""
    check_seen(request, seen)
    check_colleague(actor, request, by.account_id, now)
    former = followed_by(request)
    write(request, **by.columns)
    publish_kept(request, by, former)
    return request


def publish_kept(request: CareRequest, by: Keeper, former: tuple[UUID, ...]) -> None:
    """Say who keeps a request from now on, and who had it before."""
    publish(
        facts.RequestKept(
            person_id=request.person_id,
            request_id=request.pk,
            account_id=by.account_id,
            until=by.until,
            former=former,
        )
    )


@action("intake.leave_to_on_call", on="request")
def leave_to_on_call(*, actor: Actor, request: CareRequest, now: datetime) -> CareRequest:
    """Have who is on call keep, until morning, what nobody keeps once the desk is closed.

    Idempotent; nothing changes while a desk of the service is open, nor when nobody is on call."""
    by = on_call_until_morning(request.organization_id, now)
    if by is not None and request.keeper_id is None and request.is_owed:
        former = followed_by(request)
        write(request, **by.columns)
        publish_kept(request, by, former)
    return request


@action("intake.keep_all", on="organization", lock=())
def keep_all(*, actor: Actor, organization: Organization, by: Keeper, now: datetime) -> int:
    """Name one keeper for everything that would be alone. Returns how many requests that is."""
    alone = alone_of(actor, organization.pk, by.until, now)
    for request in alone:
        keep(actor=actor, request=request, by=by, now=now)
    return len(alone)


@action("intake.end_duty", on="organization", lock=())
def end_duty(
    *, actor: Actor, organization: Organization, pole: Pole, note: str, now: datetime
) -> int:
    """Close the desk: refused while one open request would be alone until morning.

    The note goes to the next shift. Returns how many requests are kept. Raises DomainError."""
    kept, morning = kept_of(actor, organization.pk, now).values(), morning_of(pole, now)
    alone = sum(one.requests for one in kept if rules.why_alone(one, morning))
    if alone:
        raise DomainError(
            "intake.orphans",
            f"{plural(alone, 'demande resterait', 'demandes resteraient')} sans personne "
            "jusqu’au matin. "
            "Le service reste ouvert : nommez quelqu’un pour chacune, puis terminez.",
        )
    left = Draft.objects.filter(organization=organization, **cut_short(now)).count()
    if left:
        raise DomainError(
            "intake.calls_cut_short",
            f"{plural(left, 'appel commencé n’a', 'appels commencés n’ont')} pas été "
            f"{'enregistré' if left == 1 else 'enregistrés'}. Le service reste ouvert\u00a0: au "
            "poste d’appel, reprenez ou écartez ce qui est commencé.",
        )
    if note.strip():
        directory.hand_over(actor=actor, pole=pole, note=note.strip(), now=now)
    requests = sum(one.requests for one in kept)
    publish(facts.DutyEnded(organization_id=organization.pk, kept=requests))
    _leave_what_comes(organization, rules.closes_at(now, pole.closes), morning, now)
    return requests


def _leave_what_comes(
    organization: Organization, closing: datetime | None, morning: datetime, now: datetime
) -> None:
    """Until the desk closes something may still come, that nobody keeps. A duty that is ended
    before the desk opens again was another day's: today's is theirs who work today."""
    if closing is not None and closing < morning:
        later(
            "cordee.intake.jobs.leave_to_on_call",
            at=closing + rules.UNDER_WAY,
            organization_id=str(organization.pk),
            since=(now - rules.UNDER_WAY).isoformat(),
            closing=closing.isoformat(),
        )

"""The requester of one request, corrected: what was given to somebody else opens nothing more."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.intake import facts
from cordee.intake.call import CallerSaid
from cordee.intake.models import Caller, CareRequest, Draft, Telling
from cordee.intake.rules import State
from cordee.intake.selectors import requester_said
from cordee.intake.services.moves import changed_meanwhile, check_seen, to_be_told, write
from cordee.intake.services.outside import send_link, withdraw_links
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.typography import said_phone

KEPT = ("kind", "structure", "practitioner_id", "partner_id")
"""What a corrected requester goes on being: the same one, written down better."""


@dataclass(frozen=True)
class Requester:
    """Who asks, and where they are reached; `seen`: the version that was read."""

    name: str
    phone: str
    email: str
    seen: int | None = None


@action("intake.correct_caller", on="request")
def correct_caller(
    *, actor: Actor, request: CareRequest, to: Requester, seen: int | None = None, now: datetime
) -> bool:
    """Correct who asks, for this request; say whether a new status link leaves. Raises DomainError.

    Where they are reached was wrong: the links that were given open nothing more, those that have
    not left never do, a new one leaves in their place, and an outcome that nobody said to them
    aloud is still to be told."""
    check_seen(request, seen)
    former = request.caller
    if former and to.seen not in (None, former.version):
        raise changed_meanwhile()
    if not (to.name or to.phone or to.email):
        raise DomainError(
            "intake.no_requester",
            "Gardez au moins un nom, un numéro ou un courriel\u00a0: quelqu’un est à rappeler. "
            "Rien n’a changé.",
        )
    if former and (former.name, former.phone, former.email) == (to.name, to.phone, to.email):
        return False
    reached = (former.phone, former.email) if former else ("", "")
    said_before = requester_said(request)
    caller = _kept(request, former, to, now)
    is_elsewhere = (caller.phone, caller.email) != reached
    if is_elsewhere:  # before facts are published, as `withdraw` asks
        withdraw_links(actor, request, now)
    write(request, caller=caller, **(_still_owed(request, now) if is_elsewhere else {}))
    _in_draft(request, said_before)
    publish(facts.CallerCorrected(person_id=request.person_id, request_id=request.pk))
    if not is_elsewhere:
        return False
    given = request.links.filter(revoked_at=None).update(revoked_at=now)
    return given > 0 and send_link(actor, request, "intake.news", now)


def _kept(request: CareRequest, former: Caller | None, to: Requester, now: datetime) -> Caller:
    """Write the requester: whom this number and name are known for, the row of this request alone,
    or a new one, so that the caller of another request stays as they said."""
    at_desk = Caller.objects.select_for_update(of=("self",)).filter(
        organization=request.organization_id
    )
    own = at_desk.filter(pk=former.pk).first() if former else None
    same = at_desk.filter(phone=to.phone, name=to.name).first() if to.phone else None
    if same is not None:
        email = to.email if same == own else to.email or same.email
        return _written(same, Requester(to.name, to.phone, email))
    if own is not None and not _serves_others(own, request):
        return _written(own, to)
    known = {name: getattr(former, name) for name in KEPT} if former else {"kind": "other"}
    caller = Caller(organization_id=request.organization_id, last_called_at=now, **known)
    return _written(caller, to)


def _in_draft(request: CareRequest, before: CallerSaid) -> None:
    """What came online and is not completed yet goes on with them as corrected: completing it
    would write again where they are not reached. What the desk typed otherwise stays."""
    draft = Draft.objects.select_for_update(of=("self",)).filter(request=request, ended_at=None)
    said, was = requester_said(request).typed, before.typed
    for one in draft:
        typed = {name: one.content.get(name) or was[name] for name in said}
        as_it_was = [name for name in said if _same(typed[name], was[name])]
        one.content |= {name: said[name] for name in as_it_was}
        one.save(update_fields=["content", "updated_at"])


def _same(typed: list[str], was: list[str]) -> bool:
    return [said_phone(one.strip()) for one in typed] == [said_phone(one) for one in was]


def _serves_others(caller: Caller, request: CareRequest) -> bool:
    return CareRequest.objects.filter(caller=caller).exclude(pk=request.pk).exists()


def _written(caller: Caller, to: Requester) -> Caller:
    """Keep the row; a colleague who writes this number and name at the same moment is said."""
    caller.name, caller.phone, caller.email = to.name, to.phone, to.email
    try:
        with transaction.atomic():
            caller.save()
    except IntegrityError as error:
        if "one_per_number_and_name" not in str(error):
            raise
        raise changed_meanwhile() from error
    return caller


def _still_owed(request: CareRequest, now: datetime) -> dict[str, datetime | None]:
    """An outcome said to a number that was not theirs was said to nobody, tried calls included."""
    is_news = request.outcome_at is not None and request.outcome_at > request.received_at
    if not is_news or request.state == State.CLOSED:
        return {}
    reached = request.tellings.filter(at__gte=request.outcome_at, result=Telling.Result.REACHED)
    return {} if reached.exclude(how=Telling.How.LINK).exists() else to_be_told(now)

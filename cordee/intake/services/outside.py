"""What leaves towards the requester: the acknowledgement, the status link, the calls back."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.phones import parse_mobile
from cordee.intake import facts, rules
from cordee.intake.models import ENDED_WITH_REASON, CareRequest, Knock, StatusLink, Telling
from cordee.intake.services.moves import changed_meanwhile, check_seen, write
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.messaging import services as messaging
from cordee.messaging.selectors import has_stopped
from cordee.people import selectors as people
from cordee.people.rules.processing import Purpose

SECRET_BYTES = 24
LINK_LASTS = timedelta(days=30)
SAME_CLICK = timedelta(seconds=30)
BY = (Telling.How.TEXT, Telling.How.EMAIL)  # what is written, when nobody chose: a text first


@dataclass(frozen=True)
class Told:
    """How the requester was called back, what came of it, what was said."""

    how: str
    result: str
    words: str = ""
    after: int | None = None  # how many calls back the page showed

    @property
    def noted(self) -> str:
        """What is written down: what leaves in writing is a message left, read or not."""
        return Telling.Result.MESSAGE.value if self.how in BY else self.result


@action("intake.acknowledge", on="request", lock=())
def acknowledge(*, actor: Actor, request: CareRequest, now: datetime) -> bool:
    """Send the requester a link to where their request stands; say whether something left."""
    return send_link(actor, request, "intake.received", now)


@action("intake.renew_link", on="request")
def renew_link(*, actor: Actor, request: CareRequest, now: datetime) -> bool:
    """Revoke the links that were given, and send a new one. Pressed twice, one leaves, as the first
    would open nothing: returns False, and nothing changes. Raises DomainError, and then those that
    were given go on opening."""
    _refuse_unwanted(request)
    if request.links.filter(revoked_at=None, expires_at__gt=now + LINK_LASTS - SAME_CLICK).exists():
        return False
    request.links.filter(revoked_at=None).update(revoked_at=now)
    _refuse_nowhere(send_link(actor, request, "intake.news", now))
    return True


@action("intake.tell", on="request")
def tell(
    *,
    actor: Actor,
    request: CareRequest,
    said: Told,
    seen: int | None = None,
    now: datetime,
) -> Telling:
    """Write down a call back: who, when, what was said, and whether they were reached.

    The same one sent again from the same page is one attempt."""
    if same := _same_attempt(actor, request, said):
        return same
    check_seen(request, seen)
    telling = Telling.objects.create(
        request=request,
        at=now,
        by_account_id=actor.account_id,
        how=said.how,
        result=said.noted,
        about=request.state,
        words=said.words[:500],
    )
    if said.how in BY:
        _refuse_unwanted(request)
        _refuse_nowhere(send_link(actor, request, "intake.news", now, by=said.how))
    tellings = [one.judged for one in request.tellings.all()]
    if request.told_at is None and rules.requester_told(tellings, request.outcome_at):
        write(request, told_at=now, contacted_at=request.contacted_at or now)
    publish(
        facts.RequesterTold(
            person_id=request.person_id,
            request_id=request.pk,
            about=request.state,
            result=said.noted,
        )
    )
    return telling


@action("intake.read_status", on="link", lock=("request",))
def read_status(*, actor: Actor, link: StatusLink, shown: str, now: datetime) -> bool:
    """Keep that the requester read by their link what became of the request; say whether it was.

    Said by a gesture of theirs: links are also opened by filters and previews. Not when the page
    showed something else than what stands by now. Idempotent."""
    request = link.request
    stands = shown == request.state and link.opens(now)
    if not stands or not rules.is_read_by_link(request.facts):
        return False
    Telling.objects.create(
        request=request,
        at=now,
        how=Telling.How.LINK,
        result=Telling.Result.REACHED,
        about=request.state,
    )
    write(request, told_at=now, contacted_at=request.contacted_at or now)
    _publish_reached(request)
    return True


@action("intake.owe_a_word", on="request")
def owe_a_word(*, actor: Actor, request: CareRequest, now: datetime) -> CareRequest:
    """Say that the requester is still to be told of what has ended and is followed no more."""
    if request.told_at is None and request.state in ENDED_WITH_REASON:
        publish(facts.WordOwed(person_id=request.person_id, request_id=request.pk))
    return request


@action("intake.tell_stopped", on="request")
def tell_stopped(*, actor: Actor, request: CareRequest, now: datetime) -> CareRequest:
    """Write down that the requester knows, of a request that its desk may follow no more.

    Idempotent; of any other request, it is `tell` that says it."""
    if request.told_at is None and request.state in ENDED_WITH_REASON:
        Telling.objects.create(
            request=request,
            at=now,
            by_account_id=actor.account_id,
            how=Telling.How.CALL,
            result=Telling.Result.REACHED,
            about=request.state,
        )
        write(request, told_at=now, contacted_at=request.contacted_at or now)
        _publish_reached(request)
    return request


def _publish_reached(request: CareRequest) -> None:
    publish(
        facts.RequesterTold(
            person_id=request.person_id,
            request_id=request.pk,
            about=request.state,
            result=Telling.Result.REACHED.value,
        )
    )


def _same_attempt(actor: Actor, request: CareRequest, said: Told) -> Telling | None:
    """Find the attempt that this page has written down already; raise when it is a colleague’s."""
    latest = request.tellings.order_by("at", "pk").last()
    if said.after is None or latest is None or request.tellings.count() <= said.after:
        return None
    told = (said.how, said.noted, said.words[:500], actor.account_id)
    if (latest.how, latest.result, latest.words, latest.by_account_id) != told:
        raise changed_meanwhile()
    return latest


def new_secret(request: CareRequest, now: datetime) -> str:
    """Make the secret of a status link; only its hash is kept."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    StatusLink.objects.create(
        request=request, secret_hash=rules.secret_hash(secret), expires_at=now + LINK_LASTS
    )
    return secret


def send_link(
    actor: Actor, request: CareRequest, template: str, now: datetime, by: str = ""
) -> bool:
    """Send a new status link in the gesture under way; say whether something leaves.

    Nothing does without somewhere to send it, nor when the person refuses texts and e-mails.
    """
    to = _reached_by(request, by) if _may_write(request) else {}
    if not to:
        return False
    how = next(one for one in BY if one in to)
    context = {
        "organization_id": request.organization_id,
        "link": f"/suivi/{new_secret(request, now)}",
    }
    send = messaging.send_text if how == Telling.How.TEXT else messaging.send_email
    send(
        actor=actor,
        to=to[how],
        template=template,
        context=context,
        origin=_origin_of(request),
        person_id=request.person_id,
        now=now,
    )
    return True


def withdraw_links(actor: Actor, request: CareRequest, now: datetime) -> None:
    """Keep from leaving the status links that still wait in the outbox."""
    about = [_origin_of(request)]
    for template in ("intake.received", "intake.news"):
        messaging.withdraw(actor=actor, origins=about, template=template, now=now)


def _origin_of(request: CareRequest) -> str:
    return f"intake/request/{request.pk}"


def _reached_by(request: CareRequest, by: str) -> dict[str, str]:
    """Where the requester can be written to: by the way that was chosen, or by any.

    Not by text to who said STOP."""
    caller = request.caller
    if caller is None:
        return {}
    mobile = parse_mobile(caller.phone)
    texted = "" if mobile and has_stopped(mobile) else mobile
    known = {Telling.How.TEXT: texted, Telling.How.EMAIL: caller.email}
    return {how.value: to for how, to in known.items() if to and by in ("", how)}


def _refuse_nowhere(has_left: bool) -> None:
    if not has_left:
        raise DomainError(
            "intake.nowhere_to_write",
            "Aucune adresse n’est connue pour écrire ainsi à ce demandeur. Rien n’est parti "
            "ni noté\u00a0; choisissez un autre moyen, ou appelez-le.",
        )


def _may_write(request: CareRequest) -> bool:
    return request.person_id is None or people.may_process(request.person_id, Purpose.TEXTS)


def _refuse_unwanted(request: CareRequest) -> None:
    if not _may_write(request):
        raise DomainError(
            "intake.no_texts",
            "Pour cette personne, les SMS et les courriels ne sont pas permis. Rien n’est parti "
            "ni noté\u00a0; appelez le demandeur, puis notez l’appel.",
        )


# -- the public door -----------------------------------------------------------------------------


@action("intake.knock", on=None)
def knock(*, actor: Actor, key: str, limit: int, window: timedelta, now: datetime) -> bool:
    """Count a visit at a public door; say whether it is still within the limit.

    The key is kept as a keyed hash: the table holds neither addresses nor numbers."""
    digest = salted_hmac("cordee.intake.knock", key, algorithm="sha256").digest()
    seconds = int(window.total_seconds())
    start = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)
    row, _ = Knock.objects.select_for_update(of=("self",)).get_or_create(
        key_hash=digest, window_at=start, defaults={"count": 0}
    )
    row.count += 1
    row.save(update_fields=["count", "updated_at"])
    return bool(row.count <= limit)

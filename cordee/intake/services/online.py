"""The public form: a professional proves a structure and a number, then asks for one person."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from django.db import connection

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.intake import facts
from cordee.intake.call import Asked, CallerSaid
from cordee.intake.models import CareRequest, Draft
from cordee.intake.services.calls import keep_document, remember
from cordee.intake.services.duty import on_call_until_morning, publish_kept
from cordee.intake.services.outside import new_secret, send_link
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish

PROOF_LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Proof:
    """What was proved at the door: a structure by its code, a contact by a code sent to it."""

    partner: Organization
    contact: str
    proved_at: datetime


@action("intake.receive_online", on="service", lock=())
def receive_online(
    *, actor: Actor, service: Organization, proof: Proof, asked: Asked, now: datetime
) -> str:
    """Receive a request from the public form; the desk will say who the person is.

    Nothing typed here creates or reads a person: identities are the desk's work. The same page,
    with the same words, sent again is the same request. Returns the secret of a status link. Raises
    DomainError when the proof is too old."""
    if not timedelta() <= now - proof.proved_at < PROOF_LASTS:
        raise DomainError(
            "intake.proof_old",
            "Votre vérification date de plus d’une heure. Demandez un nouveau code ; "
            "rien n’a été envoyé.",
        )
    key = _draft_key(f"{proof.partner.pk} {proof.contact}", asked)
    if known := _known(key):
        return new_secret(known, now)
    request = _written(service, _caller(proof, asked), key, asked, now, actor)
    send_link(actor, request, "intake.received", now)
    return new_secret(request, now)


@action("intake.receive_from_system", on="service", lock=())
def receive_from_system(
    *, actor: Actor, service: Organization, caller: CallerSaid, asked: Asked, now: datetime
) -> CareRequest:
    """Receive a request that a partner's system sends; the desk will say who the person is.

    As from the public form, nothing that is said there creates or links a person, and the same
    words sent again under the same key are the same request. Nothing is written to the requester:
    where they can be reached is said, not proved.
    """
    key = _draft_key(f"account {actor.signatory}", asked)
    return _known(key) or _written(service, caller, key, asked, now, actor)


def _written(
    service: Organization,
    caller: CallerSaid,
    key: UUID,
    asked: Asked,
    now: datetime,
    actor: Actor,
) -> CareRequest:
    """Write the request down, and what was typed as the draft that the desk will go on with."""
    keeper = on_call_until_morning(service.pk, now)
    request = CareRequest.objects.create(
        organization=service,
        caller=remember(service, caller, now),
        channel="online",
        **asked.need.columns(),
        chooses_nobody=asked.chooses_nobody,
        received_at=now,
        outcome_at=now,
        **(keeper.columns if keeper else {}),
    )
    draft = Draft.objects.create(
        pk=key,
        organization=service,
        request=request,
        content={**asked.typed, **caller.typed},
        opened_at=now,
    )
    if asked.prescription:
        keep_document({"draft": draft}, actor, *asked.prescription)
    publish(
        facts.RequestReceived(
            person_id=None,
            request_id=request.pk,
            organization_id=service.pk,
            weight=request.weight,
        )
    )
    if keeper:  # said, so that in the morning what they still have of it is the team’s
        publish_kept(request, keeper, former=())
    return request


def _known(pk: UUID) -> CareRequest | None:
    """Find what this very page has asked already; two copies of it at once wait in line."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"intake:{pk}"])
    draft = Draft.objects.filter(pk=pk).select_related("request").first()
    return draft.request if draft else None


def _draft_key(who: str, asked: Asked) -> UUID:
    """Name the draft of a page: a key means nothing but in the hands of who proved who they are,
    and with the same words. A page kept by a browser and sent for somebody else is another draft.
    """
    name, content = asked.prescription or ("", b"")
    said = json.dumps([dict(asked.typed), name, sha256(content).hexdigest()], sort_keys=True)
    words = sha256(said.encode()).hexdigest()
    return uuid5(asked.key, f"{who} {words}")


def _caller(proof: Proof, asked: Asked) -> CallerSaid:
    """The requester, reachable only where they proved to be."""
    by_mail = "@" in proof.contact
    return CallerSaid(
        kind=asked.caller_kind,
        name=asked.caller_name,
        structure=proof.partner.name[:150],  # what is kept of a requester is shorter
        phone="" if by_mail else proof.contact,
        email=proof.contact if by_mail else "",
    )

"""What carriers keep waiting, whose desks telephone; and what only administration can mend: it is
written to."""

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings

from cordee.access.actor import Actor, Role
from cordee.kernel.facts import StoredFact
from cordee.messaging import services as messaging
from cordee.messaging.models import Channel
from cordee.messaging.rules import REFUSES_ALL
from cordee.pathways import orders
from cordee.pathways.models import Task
from cordee.pathways.selectors import open_about, open_origins

CARRIERS = {Channel.SMS: "messaging/carrier", Channel.EMAIL: "messaging/mail_carrier"}
TASKS = {Channel.SMS: "carrier_down", Channel.EMAIL: "mails_down"}
ADDRESS = re.compile(r"[^\s<>,;:()]+@[^\s<>,;:()]+\.[a-z]{2,}", re.IGNORECASE)


def ask_for_reviewers(
    actor: Actor, fact: StoredFact, origin: str, now: datetime
) -> list[tuple[UUID, str, UUID | None]]:
    """Write to the administrators and to the DPO’s contact: no name, no care. Returns where the
    review waits for a DPO. Nobody to write to shows on the page of the condition of the house."""
    administrators = orders.who_names_reviewers(fact, now)
    if not administrators:
        return []
    service = administrators[0][0]
    addresses = [*(address for _, address in administrators), *_dpo_contact()]
    _write(actor, addresses, "pathways.nobody_examines", service, origin, now)
    return [(service, Role.DPO.value, None)]


def carrier_of(fact: StoredFact) -> str:
    """Name the carrier of a fact: one that is back takes away nothing of what another keeps."""
    return CARRIERS[Channel(fact.data["channel"])]


def task_of(fact: StoredFact) -> str:
    """Name the task of the desks whose messages wait for the carrier of a fact."""
    return TASKS[Channel(fact.data["channel"])]


def told_of(carrier: str) -> list[Task]:
    """List the open tasks of all the desks that were told of a carrier, whenever they wrote."""
    kinds = TASKS.values()  # of mails too, those that were asked for as texts once
    origins = [one for one in open_origins(*kinds) if one.rpartition("/")[0] == carrier]
    return [task for origin in origins for task in open_about(origin, *kinds)]


def tell_of_the_setting(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Write to the administrators that the carrier of texts refuses whatever it is given: no desk
    can do anything about it."""
    ours = fact.data["reason"].startswith(REFUSES_ALL) and fact.data["channel"] == Channel.SMS
    told = list(orders.administrators(now).values_list("organization", "account__email"))
    if ours and told:
        origin = f"messaging/carrier/{fact.data['since']}"
        addresses = [address for _, address in told]
        _write(actor, addresses, "pathways.carrier_refuses", told[0][0], origin, now)


def _write(  # noqa: PLR0913 — who, to whom, what, for what
    actor: Actor, addresses: list[str], template: str, service: UUID, origin: str, now: datetime
) -> None:
    for to in dict.fromkeys(addresses):
        messaging.send_email(
            actor=actor,
            to=to,
            template=template,
            context={"organization_id": service},
            origin=origin,
            now=now,
        )


def _dpo_contact() -> Iterator[str]:
    """The address in the DPO’s contact, which may be a telephone, or words around an address."""
    if found := ADDRESS.search(settings.CORDEE.dpo_contact):
        yield found[0]

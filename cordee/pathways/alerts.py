"""An emergency access that nobody is there to examine: whoever can name somebody is written to."""

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings

from cordee.access.actor import Actor, Role
from cordee.kernel.facts import StoredFact
from cordee.messaging import services as messaging
from cordee.pathways import orders

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
    for to in dict.fromkeys([*(address for _, address in administrators), *_dpo_contact()]):
        messaging.send_email(
            actor=actor,
            to=to,
            template="pathways.nobody_examines",
            context={"organization_id": service},
            origin=origin,
            now=now,
        )
    return [(service, Role.DPO.value, None)]


def _dpo_contact() -> Iterator[str]:
    """The address in the DPO’s contact, which may be a telephone, or words around an address."""
    if found := ADDRESS.search(settings.CORDEE.dpo_contact):
        yield found[0]

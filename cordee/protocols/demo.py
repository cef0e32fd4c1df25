"""Made-up use of protocols: the library, one that a structure approved, and somebody on it whom
nobody has called back."""

from contextlib import suppress
from datetime import datetime, timedelta

from cordee.access.actor import SYSTEM, Actor
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people import demo as people
from cordee.protocols import services
from cordee.protocols.models import Pathway, ProtocolVersion
from cordee.protocols.shipped import texts

FOLLOWED, HANDS = "sortie-personne-agee", 2  # one writes, another approves
APPROVED, CAME_HOME = timedelta(days=60), timedelta(days=3)


def load(now: datetime) -> None:
    """Bring what is shipped; have a structure use one, and Berthe follow it. Safe to run again."""
    for text in texts().values():
        services.load_shipped(actor=SYSTEM, text=text, now=now)
    berthe = people.berthe()
    if berthe is None or Pathway.objects.exists():
        return
    team = people.coordinators_of(berthe)
    if len(team) < HANDS:
        return
    author, reader = team[:2]
    with suppress(DomainError, Forbidden):  # she is not to be followed: nothing is made up
        version = _in_use(author, reader, now - APPROVED)
        services.join(
            actor=author, person=berthe, version=version, entered_at=now - CAME_HOME, now=now
        )


def _in_use(author: Actor, reader: Actor, now: datetime) -> ProtocolVersion:
    """One of them writes, the other reads and approves."""
    draft = services.begin(actor=author, text=texts()[FOLLOWED], now=now)
    proposed = services.propose(actor=author, version=draft, now=now)
    return services.approve(actor=reader, version=proposed, digest=proposed.digest, now=now)

"""Many pathways at once: those whose hour has come, and all of them beside the register."""

import logging
from datetime import datetime

from cordee.access.actor import Actor
from cordee.protocols import selectors, services

AT_ONCE = 500
logger = logging.getLogger(__name__)


def wake_due(actor: Actor, now: datetime) -> int:
    """Wake the pathways whose hour has come, some at a time; return how many were looked at."""
    found = selectors.pathways_to_wake(now, AT_ONCE)
    for pathway in found:
        try:
            services.wake(actor=actor, pathway=pathway, now=now)
        except Exception:  # one that cannot be judged must not keep the others asleep
            logger.exception("a pathway could not be looked at: put off")
            services.put_off(actor=actor, pathway=pathway, now=now)
    return len(found)


def check_now(actor: Actor, now: datetime) -> int:
    """Have the pathways of which the register is wrong read again; return how many they are."""
    from cordee.protocols.selectors import checking  # noqa: PLC0415 - numpy: for this alone

    wrong = 0
    for version in checking.versions_followed():
        try:
            found = checking.doubtful(version, now)
        except Exception:  # a text that cannot be judged so must not keep the others unchecked
            logger.exception("a version could not be checked")
            continue
        for pathway in found:
            services.doubt(actor=actor, pathway=pathway, now=now)
        wrong += len(found)
    return wrong

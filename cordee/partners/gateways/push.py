"""Tell a partner something at its own address: one POST, signed, never repeated here."""

from collections.abc import Mapping

from cordee.partners.gateways.outside import Asked, Unreachable, ask
from cordee.partners.rules.retries import Answer

SECONDS, READ = 10.0, -1
"""Nothing of the answer is kept but its status: a partner's words may hold anything."""


def push(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send, and give what was answered; a line that broke is an answer too (status 0)."""
    try:
        found = ask(url, Asked("POST", headers, body), seconds=SECONDS, heaviest=READ)
    except Unreachable:
        return Answer(0)
    return Answer(found.status, found.retry_after)

"""How long what is given to machines lasts. Dated, with where each figure comes from.

Sources: HL7, SMART App Launch 2.2.0: a proof of a client is worth five minutes at most, a token of
a backend service five minutes is recommended; RFC 9700 (OAuth, best practice): a code ten minutes
at most, once. What no text fixes is our choice, said as such.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

SKEW = timedelta(seconds=30)
"""Between the clock of a partner and ours. Our choice: both are set by the network."""
PROOF = timedelta(minutes=5)
"""From now to the end of a proof, at most (SMART, client-confidential-asymmetric)."""


@dataclass(frozen=True, slots=True)
class Lives:
    """What holds from one day on."""

    since: date
    source: str
    code: timedelta
    launch: timedelta
    """From the page of a person to the consent: one may have to sign in over there. Our choice."""
    token_of_a_system: timedelta
    token_of_an_app: timedelta
    present: timedelta
    """Of what was allowed for as long as somebody works: a day of work."""
    away: timedelta
    """Of what was allowed to go on without them (`offline_access`)."""
    signing_key: timedelta
    """A key of the house signs for so long, then only verifies for a day."""
    published_after: timedelta


DATED = (
    Lives(
        since=date(2026, 1, 1),
        source="SMART App Launch 2.2.0, RFC 9700, et choix de la maison",
        code=timedelta(minutes=1),
        launch=timedelta(minutes=5),
        token_of_a_system=timedelta(minutes=5),
        token_of_an_app=timedelta(minutes=10),
        present=timedelta(hours=12),
        away=timedelta(days=30),
        signing_key=timedelta(days=90),
        published_after=timedelta(days=1),
    ),
)


def lives(now: datetime) -> Lives:
    """Give what holds at a moment."""
    held = [one for one in DATED if one.since <= now.date()]
    return max(held or DATED[:1], key=lambda one: one.since)

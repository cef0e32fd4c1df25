"""Where a meeting and its decisions stand.

Sources :
- HAS, PPCS, juillet 2019 : un plan se suit et se révise à plusieurs, avec la personne ; les
  décisions de la concertation sont écrites, avec qui fait quoi et pour quand ;
- Code de la santé publique, L.1110-4 : hors de l’équipe de soins, rien ne se partage sans l’accord
  préalable de la personne. Qui n’est pas du cercle n’est donc invité qu’avec cet accord (règle de
  Cordée). Le délai et la forme d’une convocation ne sont fixés par aucun texte connu.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from cordee.people.rules.labels import Coded

PARIS = ZoneInfo("Europe/Paris")
UNLIKE = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and figures that nobody takes for one another on the phone."""


class State(Coded):
    """Where a meeting stands."""

    PLANNED = "planned", "prévue"
    HELD = "held", "tenue"
    CANCELLED = "cancelled", "annulée"


class Phase(Coded):
    """Where a decision stands."""

    OPEN = "open", "à faire"
    DONE = "done", "faite"
    DROPPED = "dropped", "abandonnée"


def reference_of(letters: str) -> str:
    """Write the reference of a meeting from six letters: all that travels out of the house."""
    return f"C-{letters[:3]}-{letters[3:6]}"


def local(moment: datetime) -> datetime:
    """Say a moment as clocks in France do. `moment` knows its zone."""
    return moment.astimezone(PARIS)


def may_be_held(starts_at: datetime, now: datetime) -> bool:
    """Say whether a meeting may be said to have been held: its hour has come."""
    return starts_at <= now

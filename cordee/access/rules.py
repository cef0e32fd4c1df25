"""How long each category of data is kept: what the controller decided, since when, on what ground.

No duration is ours, and none is written here, because none that we know of was verified. For files
of health establishments 20 years are spoken of (CSP, art. R. 1112-7), for coordination none; for
logs, six months to a year, longer where justified (CNIL, recommendation of 2021).
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

NOTICE = timedelta(days=7)  # between what is announced and the first time that it goes
FIELDS = {"category", "days", "since", "until", "source"}
HELD_FIELDS = {"person", "since", "source"}


class Unreadable(ValueError):  # noqa: N818 (a sentence for people, not a bug)
    """A decision cannot be read; the message says which and why, in French."""


@dataclass(frozen=True, slots=True)
class Decision:
    """So many days for a category, in force from one day, and until another when it says so."""

    category: str
    days: int
    since: date
    source: str
    until: date | None = None

    @property
    def rule(self) -> str:
        """The decision in words, as the thread keeps it."""
        return f"{self.source} ({self.days}\u00a0jours, en vigueur depuis le {self.since:%d/%m/%Y})"

    def holds_on(self, day: date) -> bool:
        """Say whether it is in force."""
        return self.since <= day and (self.until is None or day < self.until)


def in_force(decisions: Iterable[Decision], category: str, day: date) -> Decision | None:
    """Return the latest decision that holds that day; without one, nothing of it ever goes."""
    ours = [one for one in decisions if one.category == category and one.holds_on(day)]
    return max(ours, key=lambda one: one.since, default=None)


def before(decision: Decision, now: datetime) -> datetime:
    """Return the moment before which what the decision speaks of goes."""
    return now - timedelta(days=decision.days)


def may_go(announced_at: datetime | None, now: datetime) -> bool:
    """Say whether the rule was announced long enough ago for something to go under it."""
    return announced_at is not None and now - announced_at >= NOTICE


def read_decisions(text: str, least: dict[str, int]) -> list[Decision]:
    """Read the controller's decisions (TOML, a table `[[decision]]` each).

    `least` gives, for each category there is, the shortest duration that is not a slip of the hand.
    Raises Unreadable: one decision that cannot be read, and none is followed.
    """
    found = _tables(text, "decision")
    return [_decision(number, one, least) for number, one in enumerate(found, 1)]


def read_held(text: str) -> frozenset[UUID]:
    """Read of whom nothing may go, as long as a claim lasts (a table `[[held]]` each).

    A claim stops the clock of what is kept (CSP, art. R. 1112-7, for health establishments).
    Raises Unreadable.
    """
    return frozenset(_held(number, one) for number, one in enumerate(_tables(text, "held"), 1))


def _held(number: int, said: dict[str, object]) -> UUID:
    where = f"réclamation {number}"
    source = said.get("source")
    if set(said) != HELD_FIELDS or not isinstance(source, str) or len(source.strip()) < 10:
        raise Unreadable(f"{where} : person, since et source sont attendus, en toutes lettres")
    if type(said["since"]) is not date:
        raise Unreadable(f"{where} : une date (AAAA-MM-JJ) est attendue")
    try:
        return UUID(str(said["person"]))
    except ValueError as error:
        raise Unreadable(f"{where} : l’identifiant de la personne ne se lit pas") from error


def _tables(text: str, name: str) -> list[dict[str, object]]:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"ce n’est pas du TOML ({error})") from error
    if strange := sorted(set(said) - {"decision", "held"}):
        raise Unreadable(f"« {strange[0]} » n’est pas attendu")
    found: list[dict[str, object]] = said.get(name, [])
    if not isinstance(found, list):
        raise Unreadable(f"[[{name}]] est attendu, entre doubles crochets")
    return found


def _decision(number: int, said: dict[str, object], least: dict[str, int]) -> Decision:
    where = f"décision {number}"
    if strange := sorted(set(said) - FIELDS):
        raise Unreadable(f"{where} : « {strange[0]} » n’est pas attendu")
    category, days, since, source, until = (
        said.get(name) for name in ("category", "days", "since", "source", "until")
    )
    if not isinstance(category, str) or category not in least:
        raise Unreadable(f"{where} : catégorie inconnue ; il y a {', '.join(least)}")
    if type(days) is not int or days < least[category]:
        raise Unreadable(f"{where} : {least[category]} jours au moins sont attendus")
    if type(since) is not date or not (until is None or type(until) is date and until > since):
        raise Unreadable(f"{where} : une date (AAAA-MM-JJ) est attendue, la fin après le début")
    if not isinstance(source, str) or len(source.strip()) < 10:
        raise Unreadable(f"{where} : la source est à dire en toutes lettres")
    return Decision(category, days, since, source.strip(), until)

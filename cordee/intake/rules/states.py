"""The life of a request: one table of moves, and what each of them requires.

Source : cahier des charges de l’accueil des demandes (SIO). Une demande ne se clôt que lorsque
le demandeur a été informé et le soin confirmé ; un refus, une annulation ou une transmission
n’est soldé que lorsque le demandeur a été informé.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    RECEIVED = "received"
    QUALIFIED = "qualified"
    SEARCHING = "searching"
    FOUND = "found"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    HANDED_ON = "handed_on"

    @property
    def label(self) -> str:
        """Return the word shown on screen."""
        return _LABELS[self]


_LABELS = {
    State.RECEIVED: "reçue",
    State.QUALIFIED: "qualifiée",
    State.SEARCHING: "en recherche",
    State.FOUND: "professionnel trouvé",
    State.CONFIRMED: "soin confirmé",
    State.CLOSED: "close",
    State.REFUSED: "refusée",
    State.CANCELLED: "annulée",
    State.HANDED_ON: "transmise",
}

LIVE = (State.RECEIVED, State.QUALIFIED, State.SEARCHING, State.FOUND, State.CONFIRMED)
OUTCOMES = (State.CLOSED, State.REFUSED, State.CANCELLED, State.HANDED_ON)

GIVEN_UP = (State.REFUSED, State.CANCELLED, State.HANDED_ON)
"""Nobody is sought any more. A closed request is not among them: whoever was to come may still
take their yes back, and the need is there again."""

DESK = "desk"
CONDUCTOR = "conductor"

ATTEMPTS_THAT_COUNT = 3
ATTEMPTS_APART = timedelta(minutes=15)  # redialling at once is the same attempt


@dataclass(frozen=True)
class Telling:
    """One attempt to tell the requester: `reached` is true once they know."""

    at: datetime
    reached: bool


@dataclass(frozen=True)
class Facts:
    """What the rules must know of a request, and nothing more."""

    state: State
    light: bool = False
    held: bool = False
    has_person: bool = True
    has_need: bool = True
    has_delay: bool = True
    told: bool = False


class MoveError(Exception):
    """A move the rules refuse: a code, and the sentence for the person at the desk."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True)
class Move:
    to: State
    sources: frozenset[State]
    by: frozenset[str]
    needs: tuple[str, ...] = ()


_BOTH = frozenset({DESK, CONDUCTOR})
_DESK = frozenset({DESK})
_OPEN = frozenset(LIVE)
_BEFORE_CARE = frozenset({State.RECEIVED, State.QUALIFIED, State.SEARCHING, State.FOUND})

MOVES: dict[str, Move] = {
    "qualify": Move(
        State.QUALIFIED, frozenset({State.RECEIVED}), _DESK, ("released", "need", "delay")
    ),
    "search": Move(
        State.SEARCHING, frozenset({State.QUALIFIED}), _BOTH, ("released", "person", "need")
    ),
    "find": Move(State.FOUND, frozenset({State.QUALIFIED, State.SEARCHING}), _BOTH, ("person",)),
    "unfill": Move(State.QUALIFIED, frozenset({State.SEARCHING}), _BOTH),
    "confirm": Move(State.CONFIRMED, frozenset({State.FOUND}), _BOTH),
    "reopen": Move(
        State.SEARCHING, frozenset({State.FOUND, State.CONFIRMED}), _BOTH, ("released",)
    ),
    "close": Move(State.CLOSED, frozenset({State.CONFIRMED}), _DESK, ("told",)),
    "answer": Move(
        State.CLOSED, frozenset({State.RECEIVED, State.QUALIFIED}), _DESK, ("light", "told")
    ),
    "refuse": Move(State.REFUSED, _BEFORE_CARE, _DESK),
    "cancel": Move(State.CANCELLED, _OPEN, _BOTH),
    "hand_on": Move(State.HANDED_ON, _BEFORE_CARE, _DESK),
}

_LACKS: dict[str, tuple[Callable[[Facts], bool], str, str]] = {
    "released": (
        lambda facts: not facts.held,
        "intake.held",
        "La personne a été orientée vers le 15 : la recherche est retenue. "
        "Levez d’abord la retenue en disant pourquoi.",
    ),
    "person": (
        lambda facts: facts.has_person,
        "intake.nobody",
        "Cette demande ne dit pas pour qui. Choisissez ou créez la personne, puis recommencez.",
    ),
    "need": (
        lambda facts: facts.has_need,
        "intake.no_need",
        "Le soin demandé manque. Choisissez-le, puis recommencez ; rien n’est perdu.",
    ),
    "delay": (
        lambda facts: facts.has_delay,
        "intake.no_delay",
        "Le délai n’est pas encore fixé. Répondez au tri ou choisissez un délai.",
    ),
    "told": (
        lambda facts: facts.told,
        "intake.not_told",
        "Le demandeur n’a pas encore été informé. Rappelez-le, notez ce qui lui a été dit, "
        "puis terminez.",
    ),
    "light": (
        lambda facts: facts.light,
        "intake.not_light",
        "Cette demande attend un soin : elle se clôt une fois le soin confirmé.",
    ),
}


def move(verb: str, facts: Facts) -> State:
    """Return the state after `verb`; raise MoveError with the sentence to show otherwise."""
    chosen = MOVES[verb]
    if facts.state not in chosen.sources:
        raise MoveError("intake.wrong_state", _wrong_state(facts.state))
    for need in chosen.needs:
        holds, code, sentence = _LACKS[need]
        if not holds(facts):
            raise MoveError(code, sentence)
    return chosen.to


def _wrong_state(state: State) -> str:
    return (
        f"La demande est maintenant « {state.label} » : ce geste n’est plus possible. "
        "Rien n’a été changé ; relisez la demande."
    )


def offered(facts: Facts, by: str = DESK) -> tuple[str, ...]:
    """Return the verbs possible now, in the order of the table, for the buttons of a page."""
    return tuple(verb for verb in MOVES if by in MOVES[verb].by and _possible(verb, facts))


def _possible(verb: str, facts: Facts) -> bool:
    try:
        move(verb, facts)
    except MoveError:
        return False
    return True


def conducted(verb: str, facts: Facts) -> State | None:
    """Return where the conductor takes the request, or None: a late fact changes nothing."""
    chosen = MOVES[verb]
    if CONDUCTOR not in chosen.by or facts.state not in chosen.sources:
        return None
    return chosen.to if _possible(verb, facts) else None


def given_back(facts: Facts) -> State | None:
    """Return where a request goes when whoever was found does not come; None when nobody was.

    Care that was confirmed and closed is needed again; a request held for the 15 waits for its
    release before anybody is sought.
    """
    found = (State.FOUND, State.CONFIRMED, State.CLOSED)
    if facts.light or facts.state not in found:
        return None
    return State.QUALIFIED if facts.held else State.SEARCHING


READ_BY_LINK = frozenset({State.FOUND, State.CONFIRMED, *OUTCOMES})


def is_read_by_link(facts: Facts) -> bool:
    """Say whether the public page answers, to somebody who was not told yet."""
    return facts.state in READ_BY_LINK and not facts.told


def unconfirmed(facts: Facts) -> State | None:
    """Return where a request goes when whoever comes is to confirm again; None when nobody was."""
    is_confirmed = facts.state in (State.CONFIRMED, State.CLOSED) and not facts.light
    return State.FOUND if is_confirmed else None


def requester_told(tellings: Iterable[Telling], since: datetime | None) -> bool:
    """Say whether nothing more is owed to the requester: reached since, or `unreachable`."""
    after = _since(tellings, since)
    return any(telling.reached for telling in after) or unreachable(after, since)


def unreachable(tellings: Iterable[Telling], since: datetime | None) -> bool:
    """Say whether three honest attempts were made since, and not one reached the requester."""
    after = _since(tellings, since)
    has_tried = _attempts(after) >= ATTEMPTS_THAT_COUNT
    return has_tried and not any(telling.reached for telling in after)


def _since(tellings: Iterable[Telling], since: datetime | None) -> list[Telling]:
    return [telling for telling in tellings if since is None or telling.at >= since]


def _attempts(tellings: Iterable[Telling]) -> int:
    count, last = 0, None
    for at in sorted(telling.at for telling in tellings):
        if last is None or at - last >= ATTEMPTS_APART:
            count, last = count + 1, at
    return count


def is_settled(state: State, told: bool) -> bool:
    """Say whether nothing is owed any more: closed, or ended otherwise and the requester told."""
    return state is State.CLOSED or (state in OUTCOMES and told)

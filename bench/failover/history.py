"""The judge: what a client was told, against what the database holds in the end."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """What a client was told once the transaction was committed."""

    what: str  # « asked »: an invitation was written; « answered »: a yes was received
    invitation: str
    answer: str = ""


@dataclass(frozen=True)
class Kept:
    """What the database holds of one invitation."""

    solicitation: str
    answer: str


@dataclass(frozen=True)
class Held:
    """What the database holds in the end."""

    invitations: Mapping[str, Kept]
    filled: Mapping[str, int]  # how many times a search was said to be filled, in the threads
    joined: Mapping[str, int]  # how many professionals entered the circle of its person


def judge(told: Iterable[Told], held: Held) -> list[str]:
    """Name every promise broken: a word given and lost, two winners, a deed half done."""
    faults = []
    for one in told:
        kept = held.invitations.get(one.invitation)
        if kept is None:
            faults.append(f"lost: invitation {one.invitation}, {one.what}")
        elif one.what == "answered" and kept.answer != one.answer:
            faults.append(
                f"lost: invitation {one.invitation} was told {one.answer}, holds {kept.answer}"
            )
    won = Counter(kept.solicitation for kept in held.invitations.values() if _is_a_yes(kept))
    for solicitation in {kept.solicitation for kept in held.invitations.values()}:
        winners = won[solicitation]
        if winners > 1:
            faults.append(f"two winners: solicitation {solicitation}")
        if held.filled.get(solicitation, 0) != winners:
            faults.append(f"half done: solicitation {solicitation}, thread")
        if held.joined.get(solicitation, 0) != winners:
            faults.append(f"half done: solicitation {solicitation}, circle")
    return faults


def _is_a_yes(kept: Kept) -> bool:
    return kept.answer == "accepted"

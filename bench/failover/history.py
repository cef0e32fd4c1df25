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
    timeline: int = 0  # the reign under which it was written: each promotion begins another
    server: str = ""  # who reigned
    at: float = 0.0  # when the client knew


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
    """Name every promise broken: a word lost, two winners, a deed half done, two primaries."""
    told = sorted(told, key=lambda one: one.at)
    faults = _two_primaries(told)
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


def _two_primaries(told: Iterable[Told]) -> list[str]:
    """A reign is a timeline: it has one server, and is silent once a later one has spoken."""
    faults, latest = [], 0
    reigning: dict[int, str] = {}
    for one in told:
        if one.timeline < latest:
            faults.append(f"two primaries: {one.server} spoke for {one.timeline} after {latest}")
        latest = max(latest, one.timeline)
        if reigning.setdefault(one.timeline, one.server) != one.server:
            faults.append(
                f"two primaries: {one.server} and {reigning[one.timeline]} in {one.timeline}"
            )
    return faults


def _is_a_yes(kept: Kept) -> bool:
    return kept.answer == "accepted"

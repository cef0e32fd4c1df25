"""What contradicts itself in a protocol: told when it is published, not on somebody's thread.

Sound, not complete: what is told here can never be respected, or never be reached; a protocol may
still ask for the impossible in ways that only a life would show.
"""

from collections import Counter
from collections.abc import Iterator

from cordee.protocols.rules.clocks import Delay, Unit
from cordee.protocols.rules.document import Path
from cordee.protocols.rules.protocol import Constraint, Pattern, Patterns, Protocol, Rule, Step

Trouble = tuple[Path, str]
_FORCES = (Rule.RESPONSE, Rule.REPEAT, Rule.SILENCE)


def troubles(protocol: Protocol) -> list[Trouble]:
    """Return what cannot be, each with where it stands."""
    return [
        *_empty(protocol),
        *_doubled(protocol),
        *_clocks(protocol),
        *_rings(protocol),
        *_unreachable(protocol),
        *_contradictions(protocol),
        *_undone(protocol),
    ]


def _empty(protocol: Protocol) -> Iterator[Trouble]:
    if not protocol.constraints and not any(step.clock for step in protocol.steps):
        yield (), "Ce protocole ne surveille rien : il lui faut une contrainte ou une horloge."


def _doubled(protocol: Protocol) -> Iterator[Trouble]:
    places = [
        *((("etapes", rank, "id"), one.id) for rank, one in enumerate(protocol.steps)),
        *((("contraintes", rank, "id"), one.id) for rank, one in enumerate(protocol.constraints)),
    ]
    figures = [
        (("indicateurs", rank, "id"), one.id) for rank, one in enumerate(protocol.indicators)
    ]
    for group in (places, figures):
        times = Counter(id_ for _, id_ in group)
        seen: set[str] = set()
        for path, id_ in group:
            if times[id_] > 1 and id_ in seen:
                yield path, f"l’identifiant « {id_} » est déjà pris."
            seen.add(id_)


def _clocks(protocol: Protocol) -> Iterator[Trouble]:
    """Clocks that wait for a step that is not there, or for each other."""
    steps = {step.id: step for step in protocol.steps}
    told: set[str] = set()
    for rank, step in enumerate(protocol.steps):
        path = ("etapes", rank, "horloge", "apres")
        if step.clock and step.clock.step and step.clock.step not in steps:
            yield path, f"l’étape « {step.clock.step} » n’existe pas."
        ring = _ring(step, steps)
        if ring and step.id not in told:
            told.update(ring)
            names = " → ".join([*ring, ring[0]])
            yield path, f"ces horloges s’attendent en rond : {names}."


def _ring(step: Step, steps: dict[str, Step]) -> list[str]:
    """Return the ring of clocks that this step belongs to, if any."""
    way, current = [step.id], step
    while current.clock and current.clock.step in steps:
        current = steps[current.clock.step]
        if current.id == step.id:
            return way
        if current.id in way:
            return []  # it leads to a ring, without being part of it
        way.append(current.id)
    return []


def _rings(protocol: Protocol) -> Iterator[Trouble]:
    stuck = _stuck(protocol)
    if stuck:
        names = ", ".join(f"« {one.id} »" for one in stuck)
        path = ("contraintes", protocol.constraints.index(stuck[0]))
        yield (
            path,
            f"ces précédences s’attendent en rond : {names}. Aucun de leurs faits ne pourrait "
            "arriver le premier.",
        )


def _stuck(protocol: Protocol) -> list[Constraint]:
    """Return the precedences of which nothing can come first: what they wait for waits for them."""
    waiting = [
        one for one in protocol.constraints if one.rule is Rule.PRECEDENCE and not one.unless
    ]
    while True:
        freed = [one for one in waiting if not all(_waits(after, waiting) for after in one.after)]
        if not freed:
            return waiting
        waiting = [one for one in waiting if one not in freed]


def _waits(pattern: Pattern, waiting: list[Constraint]) -> bool:
    return any(facts.covers(pattern) for one in waiting for facts in one.facts)


def _unreachable(protocol: Protocol) -> Iterator[Trouble]:
    never = {step.id: why for step in protocol.steps if (why := _why_never(protocol, step))}
    changed = True
    while changed:
        changed = False
        for step in protocol.steps:
            before = step.clock.step if step.clock else ""
            if before in never and step.id not in never:
                never[step.id] = f"elle attend l’étape « {before} », qui ne peut pas être atteinte"
                changed = True
    for rank, step in enumerate(protocol.steps):
        if step.id in never:
            yield ("etapes", rank), f"l’étape « {step.id} » est hors d’atteinte : {never[step.id]}."


def _why_never(protocol: Protocol, step: Step) -> str:
    """Say why a step could not be done, or its clock not start; nothing when they could."""
    if step.done and _all_covered(step.done, _forbidden(protocol)):
        return "une contrainte interdit tout ce qui la terminerait"
    if step.done and all(_waits(done, _stuck(protocol)) for done in step.done):
        return "ce qui la terminerait attend des précédences en rond"
    if step.clock is None:
        return ""
    before = next((one for one in protocol.steps if one.id == step.clock.step), None)
    starts = before.done if before else step.clock.after
    ends = tuple(fact for one in protocol.exits if not one.unless for fact in one.facts)
    if starts and _all_covered(starts, ends):
        return "ce qui la commence est une sortie, après laquelle plus rien n’est suivi"
    if starts and _all_covered(starts, _forbidden(protocol)):
        return "une contrainte interdit tout ce qui la commencerait"
    return ""


def _forbidden(protocol: Protocol) -> Patterns:
    """Return what is forbidden from the entry to the exit."""
    return tuple(
        fact
        for one in protocol.constraints
        if _forbids(one) and not one.after and not one.until and one.within is None
        for fact in one.facts
    )


def _forbids(one: Constraint) -> bool:
    return one.rule is Rule.ABSENCE or (one.rule is Rule.COUNT and one.at_most == 0)


def _contradictions(protocol: Protocol) -> Iterator[Trouble]:
    for rank, one in enumerate(protocol.constraints):
        path = ("contraintes", rank)
        if one.at_least is not None and one.at_most is not None and one.at_least > one.at_most:
            yield path, f"au moins {one.at_least} et au plus {one.at_most} : c’est impossible."
        for other in protocol.constraints:
            if _forbids(other) and _is_impossible(one, other):
                yield (
                    path,
                    f"« {one.id} » attend ce que « {other.id} » interdit au même moment.",
                )
            elif _exceeds(one, other):
                yield (
                    path,
                    f"« {one.id} » veut au moins {one.at_least} fois ce que « {other.id} » limite "
                    f"à {other.at_most}.",
                )


def _undone(protocol: Protocol) -> Iterator[Trouble]:
    """What would be so before the entry, and so no more, by the same facts."""
    ones = [
        *(("etapes", rank, one.already, one.done) for rank, one in enumerate(protocol.steps)),
        *(
            ("contraintes", rank, one.already, one.counts_before)
            for rank, one in enumerate(protocol.constraints)
        ),
    ]
    for word, rank, already, facts in ones:
        if already and facts and already.unless and _all_covered(facts, already.unless):
            yield (
                (word, rank, "deja", "annule_par"),
                "tout ce qui compterait est annulé par lui-même.",
            )


def _is_impossible(one: Constraint, forbidding: Constraint) -> bool:
    """Tell whether what is expected is forbidden as long as it is expected."""
    expects = one.rule in _FORCES or (one.rule is Rule.COUNT and bool(one.at_least))
    if one is forbidding or not expects or forbidding.until or one.within is None:
        return False
    if not _all_covered(one.facts, forbidding.facts):
        return False
    if not forbidding.after and forbidding.within is None:
        return True
    return _starts_with(one, forbidding) and _is_as_long(forbidding.within, one.within)


def _exceeds(one: Constraint, limit: Constraint) -> bool:
    if one is limit or one.at_least is None or not limit.at_most or one.within is None:
        return False
    if one.at_least <= limit.at_most or not _all_covered(one.facts, limit.facts):
        return False
    if not limit.after and limit.within is None:
        return True
    return one.after == limit.after and _is_as_long(limit.within, one.within)


def _starts_with(one: Constraint, other: Constraint) -> bool:
    """Tell whether what starts the one may start the other at the same fact."""
    if not one.after or not other.after:
        return one.after == other.after
    return any(theirs.covers(ours) for ours in one.after for theirs in other.after)


def _all_covered(facts: Patterns, by: Patterns) -> bool:
    return all(any(theirs.covers(ours) for theirs in by) for ours in facts)


def _is_as_long(one: Delay | None, other: Delay) -> bool:
    """Tell whether a delay is never shorter than another; None has no end."""
    if one is None:
        return True
    if one.unit is other.unit:
        return one.amount >= other.amount
    if one.unit is Unit.DAYS:  # N civil days last at least N × 24 hours, less the hour of spring
        return one.amount * 24 - 1 >= other.amount
    return one.amount >= (other.amount + 1) * 24 + 1

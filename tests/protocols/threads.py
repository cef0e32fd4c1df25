"""Threads and protocols made at random, on the edges where clocks are wrong."""

from datetime import UTC, datetime, timedelta
from random import Random

from cordee.protocols.rules.clocks import PARIS, Delay, Unit
from cordee.protocols.rules.conformance import Happening
from cordee.protocols.rules.protocol import (
    Already,
    Clock,
    Constraint,
    Exit,
    Pattern,
    Protocol,
    Rule,
    Step,
)

# Entries close to what breaks clocks: changes of hour, a leap day, the end of a year.
ENTRIES = [
    datetime(2026, 3, 27, 23, 30, tzinfo=PARIS),
    datetime(2026, 10, 24, 1, 0, tzinfo=PARIS),
    datetime(2028, 2, 28, 12, 0, tzinfo=PARIS),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=PARIS),
    datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
]
KINDS = ["a.one", "a.two", "a.three", "a.four", "a.five"]
CODES = ["x", "y", None, True]
SUBJECTS = ["r1", "r2", None]


def patterns(random: Random, some: bool = True) -> tuple[Pattern, ...]:
    """One or two patterns, sometimes none."""
    wanted = random.choice([1, 1, 2]) if some or random.random() < 0.5 else 0
    wheres = [(), (), (("code", ("x", "oui")),)]
    return tuple(Pattern(random.choice(KINDS), random.choice(wheres)) for _ in range(wanted))


def delay(random: Random) -> Delay:
    """A short delay, for threads to meet it."""
    return Delay(random.choice([1, 2, 3, 10, 24]), random.choice(list(Unit)))


def constraint(random: Random, number: int) -> Constraint:
    """Any rule, with any of what it allows."""
    rule = random.choice(list(Rule))
    asked = rule in (Rule.RESPONSE, Rule.PRECEDENCE)
    counts = random.choice([(1, 1), (2, None), (None, 2), (1, 3)])
    at_least, at_most = counts if rule is Rule.COUNT else (None, None)
    free = rule in (Rule.PRECEDENCE, Rule.ABSENCE) or (rule is Rule.COUNT and at_least is None)
    no_excuse = rule is Rule.ABSENCE or (rule is Rule.COUNT and at_least is None)
    after = patterns(random, some=asked)
    holds = rule in (Rule.REPEAT, Rule.SILENCE) and bool(after)
    if rule is Rule.COUNT and random.random() < 0.4:
        after, at_least, at_most, no_excuse, holds = (), 1, None, False, True
    return Constraint(
        id=f"c{number}",
        title="",
        role="coordination",
        rule=rule,
        basis="",
        facts=patterns(random),
        after=after,
        within=None if free and not holds and random.random() < 0.5 else delay(random),
        unless=() if no_excuse else patterns(random, some=False),
        until=patterns(random, some=False) if rule is Rule.ABSENCE else (),
        for_each="about" if rule is Rule.RESPONSE and random.random() < 0.5 else "",
        at_least=at_least,
        at_most=at_most,
        warning=delay(random) if random.random() < 0.3 else None,
        already=already(random) if holds else None,
    )


def already(random: Random) -> Already | None:
    """What was so before the entry, sometimes."""
    age = random.choice([None, Delay(1, Unit.DAYS), Delay(20, Unit.HOURS)])
    return random.choice([None, Already(age, patterns(random, some=False))])


def step(random: Random, number: int) -> Step:
    """A step of any clock; it may wait for the one before."""
    before = f"s{number - 1}" if number and random.random() < 0.5 else ""
    after = () if before else patterns(random, some=False)
    clock = Clock(delay(random), "", after, before)
    clock_or_none = clock if random.random() < 0.8 else None
    return Step(f"s{number}", "", "referent", patterns(random), clock_or_none, already(random))


def protocol(random: Random) -> Protocol:
    """A protocol that nobody would sign, but that means something."""
    exits = [
        Exit("", patterns(random), patterns(random, some=False))
        for _ in range(random.randint(0, 2))
    ]
    return Protocol(
        id="hasard",
        version="1",
        title="",
        status="",
        authors=(),
        sources=(),
        obligations=(),
        indicators=(),
        inclusion=(),
        steps=tuple(step(random, number) for number in range(3)),
        exits=tuple(exits) if random.random() < 0.5 else (),
        constraints=tuple(constraint(random, number) for number in range(8)),
    )


def thread(random: Random, protocol: Protocol, entered_at: datetime) -> list[Happening]:
    """Facts that the protocol speaks of, with gaps of its delays to the microsecond, and ties."""
    kinds = sorted(protocol.places)
    # What ends the pathway comes seldom, else nothing would be seen after it.
    weights = [1 if _only_leaves(protocol, kind) else 8 for kind in kinds]
    delays = [one.within for one in protocol.constraints if one.within] or [Delay(1, Unit.DAYS)]
    at = entered_at.astimezone(UTC) - timedelta(days=random.choice([0, 0, 2]))
    facts = []
    for number in range(1, random.choice([3, 12, 30, 90]) + 1):
        kind = random.choices(kinds, weights)[0]
        facts.append(
            Happening(number, kind, at, at + timedelta(seconds=5), data(random, protocol, kind))
        )
        at = _later(random, at, random.choice(delays))
    return facts


def data(random: Random, protocol: Protocol, kind: str) -> dict[str, object]:
    """The codes that the protocol looks for, or others."""
    found: dict[str, object] = {"code": random.choice(CODES), "about": random.choice(SUBJECTS)}
    for one in protocol.constraints:
        if one.for_each:
            found[one.for_each] = random.choice(SUBJECTS)
    for _, _, pattern in protocol.places[kind]:
        for name, wanted in pattern.where:
            found[name] = random.choice([*wanted, *wanted, "autre"])
    return found


def arrivals(random: Random, facts: list[Happening]) -> list[Happening]:
    """The facts in the order in which they are recorded: often out of order, some of them twice."""
    how = random.choice(["in order", "a little", "any"])
    if how == "in order":
        return facts
    reach = 4 if how == "a little" else len(facts)
    order = sorted(range(len(facts)), key=lambda place: place + random.uniform(0, reach))
    return [facts[place] for place in order] + random.choices(facts, k=2)


def moments(random: Random, facts: list[Happening], dues: list[datetime]) -> list[datetime]:
    """Moments to judge at: the edges of what is due, and any other."""
    last = max(fact.happened_at for fact in facts)
    edges = [due + timedelta(microseconds=random.choice([-1, 0, 1])) for due in dues]
    some = [last + timedelta(hours=random.choice([0, 1, 30, 24 * 40])) for _ in range(2)]
    return [*random.sample(edges, min(2, len(edges))), *some, random.choice(facts).happened_at]


def _only_leaves(protocol: Protocol, kind: str) -> bool:
    return any(place in ("exit", "stay") for place, _, _ in protocol.places[kind])


def _later(random: Random, at: datetime, delay: Delay) -> datetime:
    hours = delay.amount * (24 if delay.unit is Unit.DAYS else 1)
    gaps = [
        timedelta(),
        timedelta(hours=hours),
        timedelta(hours=hours, microseconds=1),
        timedelta(hours=random.uniform(0, 3)),
        timedelta(hours=random.uniform(0, 1.5 * hours)),
        timedelta(hours=random.uniform(0, 3 * hours)),
    ]
    if random.random() < 0.15:  # to the very midnight
        day = at.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
        return max(at, (day + timedelta(days=random.randint(1, 4))).astimezone(UTC))
    return at + random.choice(gaps)

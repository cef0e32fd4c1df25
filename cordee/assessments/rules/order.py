"""In which order the lines of a definition are settled, and the rings that leave none.

Counted once for a definition and kept: definitions are compared by identity, and few are in use.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

from cordee.assessments.rules.definition import Constraint, Definition, Item
from cordee.assessments.rules.scopes import ROOT, Ready, Scopes, settling

KEPT = 64
"""Definitions whose plan is kept in memory."""


@dataclass(frozen=True)
class Settled:
    """The expressions that decide of one line; `apart` are the lines they never see: itself and
    those under it, which wait for it."""

    enabled_by: Ready | None
    calculated: Ready | None
    answers_from: Ready | None
    constraints: tuple[tuple[Constraint, Ready], ...]
    apart: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """The lines in an order where each comes after all that it reads."""

    order: tuple[str, ...]
    lines: Mapping[str, Settled]


_PLANS: OrderedDict[int, tuple[Definition, Plan]] = OrderedDict()
_LOCK = Lock()


def planned(definition: Definition) -> Plan:
    """Return the plan of a definition that `reading.read` accepted."""
    with _LOCK:
        kept = _PLANS.get(id(definition))
        if kept:
            _PLANS.move_to_end(id(definition))
            return kept[1]
    scopes = Scopes(definition)
    order, _ring = _sorted(_reads(scopes))
    lines = {link_id: _settled(scopes, link_id) for link_id in (*scopes.items, ROOT)}
    plan = Plan(order, lines)
    with _LOCK:
        _PLANS[id(definition)] = definition, plan
        while len(_PLANS) > KEPT:
            _PLANS.popitem(last=False)
    return plan


def ring_of(definition: Definition) -> tuple[str, ...]:
    """Return lines that wait for one another, () when there are none. Expressions are readable."""
    return _sorted(_reads(Scopes(definition)))[1]


def _settled(scopes: Scopes, link_id: str) -> Settled:
    item = scopes.items.get(link_id)
    ready = {
        role: scopes.ready(one.text, link_id) for role, one in (settling(item) if item else ())
    }
    constraints = item.constraints if item else scopes.definition.constraints
    return Settled(
        enabled_by=ready.get("enableWhenExpression"),
        calculated=ready.get("calculatedExpression"),
        answers_from=ready.get("answerExpression"),
        constraints=tuple((one, scopes.ready(one.expression.text, link_id)) for one in constraints),
        apart=scopes.under.get(link_id, frozenset()),
    )


def _reads(scopes: Scopes) -> dict[str, frozenset[str]]:
    """Return each line with those that must be settled before it."""
    return {link_id: frozenset(_before(scopes, item)) for link_id, item in scopes.items.items()}


def _before(scopes: Scopes, item: Item) -> Iterator[str]:
    if item.link_id in scopes.above:
        yield scopes.above[item.link_id]
    yield from (one.question for one in item.enable_when if one.question in scopes.items)
    for _role, expression in settling(item):
        yield from scopes.ready(expression.text, item.link_id).links - scopes.under[item.link_id]
        if scopes.names_itself(expression.text, item.link_id):
            yield item.link_id


def _sorted(reads: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sort the lines after what they read; or return a ring, whose last line is its first."""
    done: dict[str, None] = {}
    for start in reads:
        trail: dict[str, Iterator[str]] = {}
        if start not in done:
            trail[start] = iter(sorted(reads[start]))
        while trail:
            link_id = next(reversed(trail))
            following = next((one for one in trail[link_id] if one not in done), None)
            if following is None:
                del trail[link_id]
                done[link_id] = None
            elif following in trail:
                ring = list(trail)
                return (), (*ring[ring.index(following) :], following)
            else:
                trail[following] = iter(sorted(reads[following]))
    return tuple(done), ()

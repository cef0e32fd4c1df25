"""What the library computes otherwise than the specification says, written again.

Found by reading its source (2.2.4) and against fhirpath.js: `x = {}` and `x != {}` answer instead
of being empty, and only first elements are compared; `where(flag)` keeps what is false; sums of
answers raise; `7/2` becomes a float that nothing adds to; halves are rounded to even;
`true.toString()` is `True`; a union forgets the types, so that `.value` finds nothing after it;
`today()` reads the clock of the machine into a global. Each takes the context, then collections.
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_FLOOR, Decimal
from functools import reduce
from typing import Any

from fhirpathpy.engine.nodes import FP_DateTime, FP_Quantity, FP_TimeBase, ResourceNode

from cordee.assessments.rules import urls
from cordee.assessments.rules.fhirpath.plain import (
    Collection,
    key,
    number,
    order,
    plain,
    same,
    single,
    text,
    truth,
)

Context = dict[str, Any]
Lambda = Callable[[Any], Collection]


def equal(_ctx: Context, left: Collection, right: Collection) -> Collection:
    """Compare two collections, in their order; empty as soon as one is."""
    if not left or not right:
        return []
    if len(left) != len(right):
        return [False]
    found = [same(one, other) for one, other in zip(left, right, strict=True)]
    if False in found:
        return [False]
    return [] if None in found else [True]


def unequal(ctx: Context, left: Collection, right: Collection) -> Collection:
    """Say the contrary of `equal`."""
    return [not one for one in equal(ctx, left, right)]


def _ordered(wanted: Callable[[int], bool]) -> Callable[..., Collection]:
    def compare(_ctx: Context, left: Collection, right: Collection) -> Collection:
        if not left or not right:
            return []
        found = order(single(left), single(right))
        return [] if found is None else [wanted(found)]

    return compare


def _logic(rule: Callable[[bool | None, bool | None], bool | None]) -> Callable[..., Collection]:
    def decide(_ctx: Context, left: Collection, right: Collection) -> Collection:
        found = rule(truth(left), truth(right))
        return [] if found is None else [found]

    return decide


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left or right:
        return True
    return None if left is None or right is None else False


def _xor(left: bool | None, right: bool | None) -> bool | None:
    return None if left is None or right is None else left != right


def _implies(left: bool | None, right: bool | None) -> bool | None:
    return _or(None if left is None else not left, right)


def _arithmetic(rule: Callable[[Decimal, Decimal], Decimal | None]) -> Callable[..., Collection]:
    def compute(_ctx: Context, left: Collection, right: Collection) -> Collection:
        one, other = number(left), number(right)
        found = None if one is None or other is None else rule(one, other)
        return [] if found is None else [found]

    return compute


def _divided(left: Decimal, right: Decimal) -> Decimal | None:
    return left / right if right else None


def _whole(left: Decimal, right: Decimal) -> Decimal | None:
    return left // right if right else None


def _rest(left: Decimal, right: Decimal) -> Decimal | None:
    return left % right if right else None


def _plus(sign: int) -> Callable[..., Collection]:
    def add(ctx: Context, left: Collection, right: Collection) -> Collection:
        if not left or not right:
            return []
        one, other = plain(single(left)), plain(single(right))
        if isinstance(one, Decimal) and isinstance(other, Decimal):
            return [one + sign * other]
        if isinstance(one, str) and isinstance(other, str) and sign > 0:
            return [one + other]
        if isinstance(one, str):
            one = FP_DateTime(one) or one
        if isinstance(one, FP_TimeBase) and isinstance(other, FP_Quantity):
            return [one.plus(FP_Quantity(sign * other.value, other.unit))]
        raise TypeError("these are not added")

    return add


def joined(_ctx: Context, left: Collection, right: Collection) -> Collection:
    """Put two texts end to end, nothing counting as an empty one."""
    return ["".join(text(single(one)) for one in (left, right) if one)]


def where(ctx: Context, data: Collection, criteria: Lambda) -> Collection:
    """Keep the elements for which the criteria are true."""
    return [one for one in _numbered(ctx, data) if truth(criteria(one)) is True]


def _numbered(ctx: Context, data: Collection) -> Iterable[Any]:
    for rank, one in enumerate(data):
        ctx["$index"] = rank
        yield one


def linked(_ctx: Context, data: Collection, link_ids: Collection) -> Collection:
    """Keep the lines of some linkIds: `where(linkId = 'x')`, as `reads` rewrites it."""
    wanted = set(link_ids)
    return [one for one in data if _part(one, "linkId") in wanted]


def _part(one: Any, name: str) -> Any:
    data = one.data if isinstance(one, ResourceNode) else one
    return data.get(name) if isinstance(data, dict) else None


def exists(ctx: Context, data: Collection, criteria: Lambda | None = None) -> Collection:
    """Say whether there is an element, or one for which the criteria are true."""
    return [bool(where(ctx, data, criteria) if criteria else data)]


def every(ctx: Context, data: Collection, criteria: Lambda) -> Collection:
    """Say whether the criteria are true for all."""
    return [all(truth(criteria(one)) is True for one in _numbered(ctx, data))]


def select(ctx: Context, data: Collection, projection: Lambda) -> Collection:
    """Put end to end what each element gives."""
    return [found for one in _numbered(ctx, data) for found in projection(one)]


def iif(
    _ctx: Context, data: Collection, test: Lambda, yes: Lambda, no: Lambda | None = None
) -> Any:
    """Choose one of two expressions, and leave the other alone."""
    if truth(test(data)) is True:
        return yes(data)
    return no(data) if no else []


def aggregate(
    ctx: Context, data: Collection, step: Lambda, start: Collection | None = None
) -> Collection:
    """Gather the elements one by one into `$total`."""
    ctx["$total"] = start or []
    for one in _numbered(ctx, data):
        ctx["$total"] = step(one)
    found: Collection = ctx["$total"]
    return found


def distinct(_ctx: Context, data: Collection) -> Collection:
    """Keep the first of those that are equal, with its type."""
    return list({key(one): one for one in reversed(data)}.values())[::-1]


def is_distinct(ctx: Context, data: Collection) -> Collection:
    """Say whether no two are equal."""
    return [len(distinct(ctx, data)) == len(data)]


def union(ctx: Context, left: Collection, right: Collection) -> Collection:
    """Put two collections together, equal elements once."""
    return distinct(ctx, left + right)


def combine(_ctx: Context, left: Collection, right: Collection) -> Collection:
    """Put two collections end to end."""
    return left + right


def intersect(ctx: Context, left: Collection, right: Collection) -> Collection:
    """Keep what is in both, once."""
    known = {key(one) for one in right}
    return [one for one in distinct(ctx, left) if key(one) in known]


def exclude(_ctx: Context, left: Collection, right: Collection) -> Collection:
    """Keep what is not in the other."""
    known = {key(one) for one in right}
    return [one for one in left if key(one) not in known]


def subset(_ctx: Context, left: Collection, right: Collection) -> Collection:
    """Say whether all of the first are in the second."""
    return [{key(one) for one in left} <= {key(one) for one in right}]


def superset(ctx: Context, left: Collection, right: Collection) -> Collection:
    """Say whether all of the second are in the first."""
    return subset(ctx, right, left)


def inside(_ctx: Context, left: Collection, right: Collection) -> Collection:
    """Say whether the one element on the left is on the right."""
    return [key(single(left)) in {key(one) for one in right}] if left else []


def holds(ctx: Context, left: Collection, right: Collection) -> Collection:
    """Say whether the one element on the right is on the left."""
    return inside(ctx, right, left)


def one_of(_ctx: Context, data: Collection) -> Collection:
    """Return the only element, and fail when there are several."""
    return [single(data)] if data else []


def total(_ctx: Context, data: Collection) -> Collection:
    """Add numbers; nothing to add gives nothing."""
    found = [number([one]) or Decimal(0) for one in data]
    return [sum(found, Decimal(0))] if found else []


def mean(ctx: Context, data: Collection) -> Collection:
    """Average numbers."""
    return [one / len(data) for one in total(ctx, data)]


def _extreme(sign: int) -> Callable[..., Collection]:
    def find(_ctx: Context, data: Collection) -> Collection:
        if not data:
            return []
        return [
            reduce(lambda one, other: one if sign * (order(one, other) or 0) > 0 else other, data)
        ]

    return find


def rounded(_ctx: Context, data: Collection, digits: Collection | None = None) -> Collection:
    """Round to so many digits, halves upward."""
    found = number(data)
    if found is None:
        return []
    unit = Decimal(1).scaleb(-int(number(digits or [0]) or 0))
    half = (found / unit + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR)
    return [half * unit]


def power(_ctx: Context, data: Collection, degree: Collection) -> Collection:
    """Raise to a power; nothing for what has no real root."""
    base, exponent = number(data), number(degree)
    if base is None or exponent is None:
        return []
    if base < 0 and exponent != exponent.to_integral_value():
        return []
    return [base**exponent]


def root(_ctx: Context, data: Collection) -> Collection:
    """Return the square root; nothing for a negative."""
    found = number(data)
    return [found.sqrt()] if found is not None and found >= 0 else []


def to_text(_ctx: Context, data: Collection) -> Collection:
    """Write one value as FHIR does."""
    return [text(single(data))] if data else []


def to_whole(_ctx: Context, data: Collection) -> Collection:
    """Read a whole number; nothing for what is none."""
    found = plain(single(data)) if data else None
    if isinstance(found, bool):
        return [Decimal(found)]
    if isinstance(found, str) and found.lstrip("+-").isdecimal():
        return [Decimal(found)]
    return [found] if isinstance(found, Decimal) and found == found.to_integral_value() else []


def weights(_ctx: Context, data: Collection) -> Collection:
    """Return what the options that were chosen weigh (SDC `weight()`, formerly `ordinal()`)."""
    found = []
    for one in data:
        coding = _part(one, "valueCoding") or (one.data if isinstance(one, ResourceNode) else one)
        extensions = coding.get("extension", ()) if isinstance(coding, dict) else ()
        found += [each["valueDecimal"] for each in extensions if each["url"] in urls.WEIGHTS]
    return found


ANY = ["Any", "Any"]
OPERATORS: dict[str, Callable[..., Any]] = {
    "=": equal,
    "!=": unequal,
    "<": _ordered(lambda found: found < 0),
    ">": _ordered(lambda found: found > 0),
    "<=": _ordered(lambda found: found <= 0),
    ">=": _ordered(lambda found: found >= 0),
    "and": _logic(_and),
    "or": _logic(_or),
    "xor": _logic(_xor),
    "implies": _logic(_implies),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(_divided),
    "div": _arithmetic(_whole),
    "mod": _arithmetic(_rest),
    "+": _plus(1),
    "-": _plus(-1),
    "&": joined,
    "|": union,
    "inOp": inside,
    "containsOp": holds,
}
ON_ALL: dict[str, Callable[..., Any]] = {
    "isDistinct": is_distinct,
    "distinct": distinct,
    "single": one_of,
    "sum": total,
    "avg": mean,
    "min": _extreme(-1),
    "max": _extreme(1),
    "sqrt": root,
    "toString": to_text,
    "toInteger": to_whole,
    "weight": weights,
    "ordinal": weights,
}
ON_ROOT: dict[str, Callable[..., Any]] = {
    "union": union,
    "combine": combine,
    "intersect": intersect,
    "exclude": exclude,
    "subsetOf": subset,
    "supersetOf": superset,
}
MACROS: dict[str, tuple[Callable[..., Any], dict[int, list[str]]]] = {
    "where": (where, {1: ["Expr"]}),
    "exists": (exists, {0: [], 1: ["Expr"]}),
    "all": (every, {1: ["Expr"]}),
    "select": (select, {1: ["Expr"]}),
    "iif": (iif, {2: ["Expr"] * 2, 3: ["Expr"] * 3}),
    "aggregate": (aggregate, {1: ["Expr"], 2: ["Expr", "Any"]}),
    "round": (rounded, {0: [], 1: ["Any"]}),
    "power": (power, {1: ["Any"]}),
}
ON_PLAIN = (
    *("toBoolean", "toDecimal", "toDate", "toDateTime", "toTime", "upper", "lower", "length"),
    *("trim", "toChars", "abs", "ceiling", "floor", "truncate", "exp", "ln", "log", "indexOf"),
    *("startsWith", "endsWith", "contains", "split", "substring", "join"),
    *("convertsToBoolean", "convertsToInteger", "convertsToDecimal", "convertsToString"),
    *("convertsToDate", "convertsToDateTime", "convertsToTime"),
)
"""Those of the library that are right on plain values, and wrong or failing on its own nodes."""

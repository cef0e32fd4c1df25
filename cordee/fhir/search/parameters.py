"""What a search parameter is: each kind turns one value into a condition on rows.

A mapping writes `search={"family": Text("birth_name"), "birthdate": Day("birth_date"), …}`. The
compiler joins the conditions; a parameter never runs a query of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Expression, F, Func, IntegerField, Q, TextField, UUIDField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Contains, GreaterThan

from cordee.access.actor import Actor
from cordee.fhir.search import dates
from cordee.fhir.search.dates import Interval
from cordee.partners.rules.scopes import Allowing

NOTHING = Q(pk__in=[])
EVERYTHING = Q(pk__isnull=False)  # Q() joined by « or » to another is lost
Listed = Mapping[str, Mapping[str, str]]  # codes by system, each with its words
CODED = frozenset({"in", "not", "not-in"})
PERSONS = frozenset({"Patient"})  # their records follow merges: an absorbed one leads to the other


class Unreadable(ValueError):
    """A value that this parameter cannot read: the search says so, and answers nothing else."""


@dataclass(frozen=True)
class Asking:
    """For whom a condition is written, of which type, at which address of the door, and when.

    `scopes`: what a chain may lead to. `patient_id`: the one person that the caller is bound to.
    """

    actor: Actor
    type: str
    base: str
    now: datetime
    scopes: Allowing
    patient_id: UUID | None = None


@dataclass(frozen=True)
class Parameter:
    """A search parameter. `type` is FHIR's word; `modifiers` those it knows besides `:missing`."""

    type: ClassVar[str] = ""
    modifiers: ClassVar[frozenset[str]] = frozenset()

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        """The rows that one value asks for. Raises Unreadable."""
        raise NotImplementedError

    def among(self, codes: Listed, asking: Asking) -> Q:
        """The rows that have a code of a list, given by system."""
        return any_of(
            [
                self.condition(f"{system}|{code}", "", asking)
                for system, some in codes.items()
                for code in some
            ]
        )

    def kept_as(self, value: str) -> str:
        """The label of what partners sent that alone answers a value; nothing where the house may
        answer it by what it knows."""
        return ""

    def known_to(self, actor: Actor) -> Q:
        """Of which rows the actor may know what it asks; by default, of all those they see."""
        return EVERYTHING

    def missing(self) -> Q | None:
        """The rows of which nothing is known here; None where it cannot be asked."""
        return None

    def order(self) -> str:
        """The field by which rows are sorted; nothing where they cannot be."""
        return ""

    def order_of(self, type_name: str) -> str:
        """The same, of the rows of one type."""
        return self.order()


class Folded(Func):
    """A text without its accents, capitals and hyphens, as names are compared in the house."""

    function = "cordee_fold"
    output_field = TextField()


def _folded(text: str) -> Folded:
    return Folded(Value(text, output_field=TextField()))


def like(path: str, text: str, modifier: str) -> Q:
    """A text at a path: by the beginning of one of its words, anywhere in it, or to the letter."""
    if modifier == "exact":
        return Q(**{path: text})
    if modifier == "contains":
        return Q(Contains(Folded(F(path)), _folded(text)))
    return begun(path, after_a_space(Value(text, output_field=TextField())))


def begun(path: str, wanted: Expression) -> Q:
    """A text at a path, one of whose words begins so; `wanted` is `after_a_space`."""
    found = Func(after_a_space(F(path)), wanted, function="strpos", output_field=IntegerField())
    return Q(GreaterThan(found, 0))


def after_a_space(text: Any) -> Func:
    """A folded text, such that each of its words follows a space: the first one too."""
    return Func(Folded(text), template="(' ' || %(expressions)s)", output_field=TextField())


@dataclass(frozen=True)
class Text(Parameter):
    """Words in one or several fields; accents, capitals and hyphens do not matter.

    `near`, when given, is a first condition that an index serves (it may let through too much).
    """

    paths: tuple[str, ...]
    near: Any = None
    type: ClassVar[str] = "string"
    modifiers: ClassVar[frozenset[str]] = frozenset({"exact", "contains"})

    def __init__(self, *paths: str, near: Any = None) -> None:
        object.__setattr__(self, "paths", paths)
        object.__setattr__(self, "near", near)

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        found = NOTHING
        for path in self.paths:
            found |= like(path, value, modifier)
        if self.near is not None and modifier == "":
            found &= self.near(value)
        return found

    def missing(self) -> Q:
        empty = Q()
        for path in self.paths:
            empty &= Q(**{path: ""}) | Q(**{f"{path}__isnull": True})
        return empty

    def order(self) -> str:
        return self.paths[0]


def token_of(value: str) -> tuple[str | None, str]:
    """Cut `system|code`: no bar, any system; nothing before it, no system."""
    system, bar, code = value.rpartition("|")
    return (system if bar else None), code


@dataclass(frozen=True)
class Choice(Parameter):
    """A code that stands for a condition: `Choice({"active": Q(ended_at=None)}, system=…)`."""

    codes: Mapping[str, Q]
    system: str = ""
    unknown: Q | None = None
    type: ClassVar[str] = "token"
    modifiers: ClassVar[frozenset[str]] = CODED

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        system, code = token_of(value)
        found = NOTHING
        if system in (None, self.system):
            if code:
                found = self.codes.get(code, NOTHING) or EVERYTHING
            else:
                for one in self.codes.values():
                    found |= one or EVERYTHING
        return ~found if modifier == "not" else found

    def among(self, codes: Listed, asking: Asking) -> Q:
        wanted = {
            code for name, some in codes.items() if self.system in ("", name) for code in some
        }
        return any_of([one or EVERYTHING for code, one in self.codes.items() if code in wanted])

    def missing(self) -> Q | None:
        return self.unknown


def Code(path: str, codes: Mapping[str, Any], system: str = "") -> Choice:  # noqa: N802 (a kind)
    """A field whose values stand for codes: `Code("sex", {"female": "F", "male": "M"})`."""
    conditions = {code: Q(**{path: ours}) for code, ours in codes.items()}
    return Choice(conditions, system, Q(**{path: ""}) | Q(**{f"{path}__isnull": True}))


def Flag(path: str) -> Choice:  # noqa: N802 (a kind)
    """A field that is true or false."""
    return Choice({"true": Q(**{path: True}), "false": Q(**{path: False})})


@dataclass(frozen=True)
class Identifier(Parameter):
    """Identifiers, by system: `Identifier({RPPS: "rpps"})`; those that partners sent are kept too.

    A path may be a function from the value to a condition.
    """

    systems: Mapping[str, Any] = field(default_factory=dict)
    type: ClassVar[str] = "token"
    modifiers: ClassVar[frozenset[str]] = frozenset({"not"})

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        from cordee.fhir.selectors import identified

        system, code = token_of(value)
        if not code:
            raise Unreadable("an identifier has a value")
        found = identified(asking.actor, asking.type, label("identifier", system, code))
        for name, path in self.systems.items():
            if system in (None, name):
                found |= path(code) if callable(path) else Q(**{path: code})
        return ~found if modifier == "not" else found

    def kept_as(self, value: str) -> str:
        system, code = token_of(value)
        is_of_a_partner = system and code and system not in self.systems
        return label("identifier", system, code) if is_of_a_partner else ""


def label(kind: str, system: str | None, code: str) -> str:
    """How what is looked for in a kept body is written beside it; no system stands for any."""
    return f"{kind}|{'*' if system is None else system}|{code}"


def interval_of(value: str, asking: Asking) -> tuple[str, Interval]:
    """The comparison that a date asks for, and its interval. Raises Unreadable."""
    prefix, rest = dates.split(value)
    try:
        wanted = dates.interval(rest)
        return prefix, dates.widened(wanted, asking.now) if prefix == "ap" else wanted
    except (ValueError, OverflowError):
        raise Unreadable("a date is written 2026, 2026-11, 2026-11-27 or with its time") from None


@dataclass(frozen=True)
class Moment(Parameter):
    """A field that holds a moment."""

    path: str
    type: ClassVar[str] = "date"

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        prefix, wanted = interval_of(value, asking)
        return span(self.path, self.path, prefix, wanted)

    def missing(self) -> Q:
        return Q(**{f"{self.path}__isnull": True})

    def order(self) -> str:
        return self.path


@dataclass(frozen=True)
class Day(Moment):
    """A field that holds a day: it lasts from midnight to midnight."""

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        prefix, wanted = interval_of(value, asking)
        first, last = wanted.start, wanted.end
        whole = timedelta(0)
        into, out = _since_midnight(first) > whole, _since_midnight(last) > whole
        start, end = first.replace(tzinfo=None).date(), last.replace(tzinfo=None).date()
        before = Q(**{f"{self.path}__lt": start})  # ends before the interval does begin
        after = Q(**{f"{self.path}__gt" if out else f"{self.path}__gte": end})  # begins after it
        reaches_in = Q(**{f"{self.path}__gt" if into else f"{self.path}__gte": start})
        within = reaches_in & Q(**{f"{self.path}__lt": end})
        lower = Q(**{f"{self.path}__lte" if into else f"{self.path}__lt": start})
        upper = Q(**{f"{self.path}__gte": end})
        found = {
            "eq": within,
            "ne": ~within,
            "gt": upper,
            "ge": upper | within,
            "lt": lower,
            "le": lower | within,
            "sa": after,
            "eb": before,
            "ap": ~(before | after),
        }[prefix]
        return found & ~self.missing()


def _since_midnight(moment: datetime) -> timedelta:
    return moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Span(Parameter):
    """From one field to another; an empty end is open."""

    start: str
    end: str
    type: ClassVar[str] = "date"

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        prefix, wanted = interval_of(value, asking)
        return span(self.start, self.end, prefix, wanted)

    def missing(self) -> Q:
        return Q(**{f"{self.start}__isnull": True, f"{self.end}__isnull": True})

    def order(self) -> str:
        return self.start


def span(start: str, end: str, prefix: str, wanted: Interval) -> Q:
    """The rows that last from one moment to another, against an interval."""
    point = start == end
    open_start = NOTHING if point else Q(**{f"{start}__isnull": True})
    open_end = NOTHING if point else Q(**{f"{end}__isnull": True})
    known = Q(**{f"{start}__isnull": False}) | Q(**{f"{end}__isnull": False})
    within = Q(**{f"{start}__gte": wanted.start, f"{end}__lt": wanted.end})
    begins_after = Q(**{f"{start}__gte": wanted.end})
    ends_before = Q(**{f"{end}__lt": wanted.start})
    upper = Q(**{f"{end}__gte": wanted.end}) | open_end
    lower = Q(**{f"{start}__lt": wanted.start}) | open_start
    found = {
        "eq": within,
        "ne": ~within,
        "gt": upper,
        "ge": upper | within,
        "lt": lower,
        "le": lower | within,
        "sa": begins_after,
        "eb": ends_before,
        "ap": ~(begins_after | ends_before),
    }[prefix]
    return found & known


@dataclass(frozen=True)
class Reference(Parameter):
    """A reference: `Reference({"Practitioner": "gp"})`, one path by type that it may lead to."""

    paths: Mapping[str, str]
    type: ClassVar[str] = "reference"
    modifiers: ClassVar[frozenset[str]] = frozenset({"identifier"})

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        named, pk = self._named(value, asking)
        wanted = modifier or named
        found = NOTHING
        for type_name, path in self.paths.items():
            if pk is not None and wanted in ("", type_name):
                key: Any = Value(pk, output_field=UUIDField())
                if type_name in PERSONS:
                    key = Coalesce(Func(key, function="people_surviving"), key)
                found |= Q(**{path: key})
        return found

    def key_in(self, value: str, asking: Asking) -> UUID | None:
        """The key that a value names; None: it names none of this door."""
        return self._named(value, asking)[1]

    def led_by(self, path: str, keys: Any) -> Q:
        """The rows that refer, by one path, to what another search found: each once."""
        return Q(**{f"{path}__in": keys})

    def _named(self, value: str, asking: Asking) -> tuple[str, UUID | None]:
        if value.startswith(("http:", "https:")) and not value.startswith(asking.base):
            return "", None
        *before, last = value.removeprefix(asking.base).split("/")
        try:
            return (before[-1] if before else ""), UUID(last)
        except ValueError:
            return "", None

    def missing(self) -> Q:
        empty = Q()
        for path in self.paths.values():
            empty &= Q(**{f"{path}__isnull": True})
        return empty


@dataclass(frozen=True)
class Number(Parameter):
    """A field that holds a number; a quantity when it has a unit (UCUM by default)."""

    path: str
    unit: str = ""
    system: str = "http://unitsofmeasure.org"

    @property
    def type(self) -> str:  # type: ignore[override]
        return "quantity" if self.unit else "number"

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        number, _, unit = value.partition("|")
        system, _, code = unit.rpartition("|")
        if unit and (code != self.unit or system not in ("", self.system)):
            return NOTHING
        prefix, rest = dates.split(number)
        try:
            wanted = Decimal(rest)
            half = Decimal((0, (5,), int(wanted.as_tuple().exponent) - 1))
        except (InvalidOperation, ValueError):
            raise Unreadable("a number is written 12 or 12.5") from None
        return _measured(self.path, prefix, wanted, half)

    def missing(self) -> Q:
        return Q(**{f"{self.path}__isnull": True})

    def order(self) -> str:
        return self.path


def _measured(path: str, prefix: str, wanted: Decimal, half: Decimal) -> Q:
    if prefix == "ap":
        half = max(half, abs(wanted) / 10)
    near = Q(**{f"{path}__gte": wanted - half, f"{path}__lt": wanted + half})
    found = {
        "eq": near,
        "ap": near,
        "ne": ~near,
        "gt": Q(**{f"{path}__gt": wanted}),
        "sa": Q(**{f"{path}__gt": wanted}),
        "ge": Q(**{f"{path}__gte": wanted}),
        "lt": Q(**{f"{path}__lt": wanted}),
        "eb": Q(**{f"{path}__lt": wanted}),
        "le": Q(**{f"{path}__lte": wanted}),
    }[prefix]
    return found & Q(**{f"{path}__isnull": False})


@dataclass(frozen=True)
class Uri(Parameter):
    """A field that holds an address, compared to the letter; `:below` by its beginning."""

    path: str
    type: ClassVar[str] = "uri"
    modifiers: ClassVar[frozenset[str]] = frozenset({"below"})

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        return Q(**{f"{self.path}__startswith" if modifier else self.path: value})

    def missing(self) -> Q:
        return Q(**{self.path: ""})

    def order(self) -> str:
        return self.path


@dataclass(frozen=True)
class Made(Parameter):
    """A parameter of its own making: `kind` is FHIR's word, `build(value, asking)` a condition.

    `narrows`: the parameter of which it lets through those that `beyond(actor)` says."""

    kind: str
    build: Any
    sorted_by: str = ""
    narrows: Parameter | None = None
    beyond: Any = None

    @property
    def type(self) -> str:  # type: ignore[override]
        return self.kind

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        return Q(self.build(value, asking))

    def kept_as(self, value: str) -> str:
        return self.narrows.kept_as(value) if self.narrows else ""

    def known_to(self, actor: Actor) -> Q:
        return Q(self.beyond(actor)) if self.beyond else EVERYTHING

    def order(self) -> str:
        return self.sorted_by


def any_of(conditions: Sequence[Q]) -> Q:
    """The rows that one condition at least asks for."""
    found = NOTHING
    for one in conditions:
        found |= one
    return found

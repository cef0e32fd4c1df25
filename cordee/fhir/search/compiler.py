"""From the words of a search to one filter on rows that the actor may see.

A chain is a search of the other type, under the same sight: what hides from the actor matches
nothing, however it is asked for.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from cordee.access import trace
from cordee.access.policy import judged, seen_about
from cordee.fhir.caller import OUT_OF_SCOPE
from cordee.fhir.contract import Mapping
from cordee.fhir.outcome import Issue, Refusal
from cordee.fhir.registry import mappings
from cordee.fhir.search.either import Never
from cordee.fhir.search.kept import TOUCHED, Label, Touched, latest_touch
from cordee.fhir.search.parameters import (
    NOTHING,
    Asking,
    Made,
    Parameter,
    Reference,
    Unreadable,
    any_of,
)
from cordee.fhir.search.words import Asked, Wanted, understood
from cordee.people import selectors as people

DEEPEST = 3  # links of a chain
NAMES_IN_ISSUES = 60
MOST_CODES = 2_000  # of all the lists that one parameter names


LABELS = {"_tag": "tag", "_security": "security", "_profile": "profile"}
OF_THE_HOUSE: dict[str, frozenset[str]] = {
    "_profile": frozenset({"Patient"}),
    "_security": frozenset({"Observation"}),
    "_tag": frozenset({"Observation"}),
}
"""Where what `to_fhir` claims depends on who reads: what partners sent would answer for half. Of a
type told of several tables, labels are not of the first one’s columns."""
BY_IDENTIFIER = Made("token", lambda value, asking: _of_key(value), "pk")


def _of_key(value: str) -> Q:
    from cordee.fhir.incoming import local

    named = local(f"Any/{value}")
    return Q(pk=named[1]) if named else Q(pk__in=[])


def parameters_of(mapping: Mapping) -> dict[str, Parameter]:
    """Every parameter by which a type is searched, those of all types first."""
    labels: dict[str, Parameter] = {
        name: Label(kind, mapping.labels)
        for name, kind in LABELS.items()
        if mapping.type not in OF_THE_HOUSE.get(name, ())
    }
    changed = {"_lastUpdated": Touched(mapping.moment)}
    return {"_id": BY_IDENTIFIER, **changed, **labels, **mapping.search}


def told_of(mapping: Mapping) -> dict[str, Parameter]:
    """The parameters of a type, each as the first of its tables that has it says it."""
    found = parameters_of(mapping)
    for table in mapping.also:
        found |= {
            name: one
            for name, one in parameters_of(table).items()
            if isinstance(found[name], Never)
        }
    return found


@dataclass
class Compiled:
    """The rows that a search wants, and what was not understood of it."""

    rows: QuerySet[Any]
    ignored: list[Issue] = field(default_factory=list)


def compiled(
    mapping: Mapping, wanted: Wanted, asking: Asking, *, ended: bool = False, at_once: bool = False
) -> Compiled:
    """Filter the rows of a type; `ended`: those that ended as well.

    Nothing is asked of the database yet, but of what is about one person with `at_once`: which rows
    the caller may see, by statements planned once. Raises Refusal (400).
    """
    among = _seen_of_one(mapping, wanted, asking) if at_once else None
    rows = let_through(mapping, asking, "s", among)
    conditions, ignored = conditions_of(mapping, wanted, asking)
    found = Compiled(rows if ended else mapping.found(rows), ignored)
    for one in conditions:
        found.rows = found.rows.filter(one)
    return found


def conditions_of(mapping: Mapping, wanted: Wanted, asking: Asking) -> tuple[list[Q], list[Issue]]:
    """What the parameters of a search ask of a row, one by one; and what was not understood.

    Raises Refusal (400).
    """
    said = [(one, condition_of(mapping, one, asking, 1)) for one in wanted.asked]
    conditions = [condition for _, condition in said if condition is not None]
    return conditions, [unknown(one) for one, condition in said if condition is None]


# Each page of such a search fetches all the keys about her, and sends them back: short as long as
# they are few. Past so many, each row is judged by the query of the page, which ends at its page.
KEYS = 2_000


def _seen_of_one(mapping: Mapping, wanted: Wanted, asking: Asking) -> tuple[UUID, ...] | None:
    """The keys of what the caller may see about the one person whom a search is about; None: it is
    about nobody, or many, or there is too much about her."""
    for asked in wanted.asked:
        parameter = parameters_of(mapping).get(asked.name)
        is_plain = not asked.chain and asked.modifier in ("", "Patient") and len(asked.values) == 1
        if not (is_plain and isinstance(parameter, Reference)):
            continue
        is_she = mapping.is_by(parameter)
        if not (is_she or mapping.hangs_by(parameter)):
            continue
        if (key := parameter.key_in(asked.values[0], asking)) is not None:
            person = UUID(str(people.surviving(key)))
            if is_she:
                return (person,)
            seen = seen_about(asking.actor, mapping.model, person, path=mapping.person_lookup)
            return seen if len(seen) <= KEYS else None
    return None


def let_through(
    mapping: Mapping, asking: Asking, letters: str, among: Collection[UUID] | None = None
) -> QuerySet[Any]:
    """The rows that the caller may see, within the parts of the scopes that let each of these
    interactions through: a part is a search like any other. What is not understood of one, or no
    longer is, lets nothing through.

    `among`: the keys of those that the actor may see, where all that is wanted was judged already;
    the one that the type judges alone, where it does (`Mapping.of_one`).
    """
    with judged(mapping.model, asking.actor, None if mapping.of_one else among):
        rows = mapping.seen(asking.actor, asking.patient_id, among)
    return within_parts(mapping, rows, asking, letters)


def within_parts(
    mapping: Mapping, rows: QuerySet[Any], asking: Asking, letters: str
) -> QuerySet[Any]:
    """Of some rows, those within the parts of the scopes."""
    asking = replace(asking, type=mapping.type)
    for letter in letters:
        if parts := asking.scopes.parts(mapping.type, letter):
            rows = rows.filter(any_of([_part(mapping, one, asking) for one in parts]))
    return rows


def _part(mapping: Mapping, part: str, asking: Asking) -> Q:
    found = Q()
    try:
        for asked in understood(parse_qsl(part, keep_blank_values=True)).asked:
            found &= condition_of(mapping, asked, asking, 1) or NOTHING
    except Refusal:
        return NOTHING
    return found or NOTHING


def condition_of(mapping: Mapping, asked: Asked, asking: Asking, depth: int) -> Q | None:
    """The condition that one parameter sets; None when this type has no such parameter."""
    if depth > DEEPEST:
        raise refused(asked, "search.chain", "cette chaîne est trop longue", "chain too long")
    if asked.name == "_has":
        return _reverse(asked, asking, depth)
    parameter = parameters_of(mapping).get(asked.name)
    if parameter is None:
        _refuse_half_answers(mapping, asked)
        return None
    return _of_one(parameter, asked, asking, depth)


def _of_one(parameter: Parameter, asked: Asked, asking: Asking, depth: int) -> Q:
    if isinstance(parameter, Never):
        return parameter.answer(asked.modifier, asked.values)
    if asked.chain:
        return _chained(parameter, asked, asking, depth)
    if asked.modifier == "missing":
        return _missing(parameter, asked)
    if asked.modifier == "identifier":
        chained = replace(asked, modifier="", chain="identifier")
        return _chained(parameter, chained, asking, depth)
    _refuse_modifier(parameter, asked)
    return _valued(parameter, asked, asking)


def _valued(parameter: Parameter, asked: Asked, asking: Asking) -> Q:
    """The condition that the values set, as the modifier asks. Raises Refusal (400)."""
    if asked.modifier in ("in", "not-in"):
        return _among(parameter, asked, asking)
    try:
        return _joined(
            [parameter.condition(one, asked.modifier, asking) for one in asked.values], asked
        )
    except Unreadable as error:
        french = "cette valeur n’est pas lisible"
        raise refused(asked, "search.value", french, str(error)) from None


def _among(parameter: Parameter, asked: Asked, asking: Asking) -> Q:
    """The rows whose code is in one of the value sets that are named, or in none of them."""
    from cordee.fhir.definitions.vocabularies import listed

    codes: dict[str, dict[str, str]] = {}
    for url in dict.fromkeys(asked.values):
        some = listed(url.removeprefix(asking.base))
        if some is None:
            french = "cette liste de codes n’est pas de celles qui sont données ici"
            raise refused(asked, "search.value_set", french, "unknown value set")
        for system, words in some.items():
            codes.setdefault(system, {}).update(words)
    if sum(map(len, codes.values())) > MOST_CODES:
        french = f"ces listes ont plus de {MOST_CODES} codes : demandez-en moins à la fois"
        raise refused(asked, "search.too_many", french, f"more than {MOST_CODES} codes")
    found = parameter.among(codes, asking)
    return ~found if asked.modifier == "not-in" else found


def _refuse_half_answers(mapping: Mapping, asked: Asked) -> None:
    """Left aside as unknown, `_security:not=R` would give all that it leaves out."""
    if mapping.type in OF_THE_HOUSE.get(asked.name, ()):
        french = "ce que Cordée écrit elle-même dans « meta » ne se cherche pas"
        raise refused(asked, "search.label", french, "not searched for this type")


def _joined(conditions: list[Q], asked: Asked) -> Q:
    """Values are joined by « or »; those of `:not` each leave something out."""
    if asked.modifier != "not":
        return any_of(conditions)
    every = Q()
    for one in conditions:
        every &= one
    return every


def _refuse_modifier(parameter: Parameter, asked: Asked) -> None:
    known = asked.modifier in parameter.modifiers or not asked.modifier
    typed = isinstance(parameter, Reference) and asked.modifier in parameter.paths
    if not (known or typed):
        french = f"« :{_short(asked.modifier)} » n’est pas connu ici"
        raise refused(asked, "search.modifier", french, "unknown modifier")


def _missing(parameter: Parameter, asked: Asked) -> Q:
    empty = parameter.missing()
    if empty is None or asked.values not in (("true",), ("false",)):
        french = "on ne peut pas demander ainsi ce qui manque"
        raise refused(asked, "search.missing", french, "cannot be asked as missing")
    return empty if asked.values == ("true",) else ~empty


def _chained(parameter: Parameter, asked: Asked, asking: Asking, depth: int) -> Q:
    """The rows that refer to what another search finds."""
    if not isinstance(parameter, Reference):
        raise refused(asked, "search.chain", "ce n’est pas une référence", "not a reference")
    name, _, rest = asked.chain.partition(".")
    name, _, modifier = name.partition(":")
    further = Asked(name, modifier, rest, asked.values)
    found, known = Q(pk__in=[]), False
    for type_name, path in _searched_through(parameter, asked, asking).items():
        there = replace(asking, type=type_name)
        for one in mappings()[type_name].tables:
            condition = condition_of(one, further, there, depth + 1)
            if condition is not None:
                known = True
                rows = one.found(let_through(one, there, "s")).filter(condition)
                found |= parameter.led_by(path, rows.order_by().values("pk"))
    if not known:
        raise refused(asked, "search.chain", "cette chaîne ne mène à rien", "unknown chain")
    return found


def _searched_through(parameter: Reference, asked: Asked, asking: Asking) -> dict[str, str]:
    """The types that a chain goes through, as far as the scopes let them be searched."""
    led = {
        name: path
        for name, path in parameter.paths.items()
        if name in mappings() and asked.modifier in ("", name)
    }
    within = {name: path for name, path in led.items() if asking.scopes.allow(name, "s")}
    if led and not within:
        raise _out_of_scope(asking, next(iter(led)))
    return within


def _out_of_scope(asking: Asking, type_name: str) -> Refusal:
    """What a chain says of rows is said by a search of their type: it is traced and refused."""
    trace.refused(asking.actor, f"fhir.{type_name.lower()}", reason="scope")
    return Refusal(403, [OUT_OF_SCOPE])


def _reverse(asked: Asked, asking: Asking, depth: int) -> Q:
    """`_has:Task:patient:status=…`: the rows to which what another search finds refers."""
    type_name, _, rest = asked.chain.partition(":")
    name, _, then = rest.partition(":")
    mapping = mappings().get(type_name)
    parameter = mapping and parameters_of(mapping).get(name)
    if mapping is None or not isinstance(parameter, Reference) or not then:
        raise _no_reverse(asked)
    if not asking.scopes.allow(type_name, "s"):
        raise _out_of_scope(asking, type_name)
    further = _asked_there(then, asked.values)
    some = [_referring(one, name, further, asking, depth) for one in mapping.tables]
    known = [one for one in some if one is not None]
    if not known:
        raise _no_reverse(asked)
    return any_of(known)


def _referring(mapping: Mapping, name: str, further: Asked, asking: Asking, depth: int) -> Q | None:
    """The rows to which those of one table refer; None when they refer to no row of this type."""
    path = getattr(parameters_of(mapping)[name], "paths", {}).get(asking.type)
    there = replace(asking, type=mapping.type)
    condition = condition_of(mapping, further, there, depth + 1)
    if path is None or condition is None:
        return None
    rows = mapping.found(let_through(mapping, there, "s")).filter(condition)
    return Q(Exists(rows.order_by().filter(**{path: OuterRef("pk")}).values("pk")))


def _no_reverse(asked: Asked) -> Refusal:
    return refused(asked, "search.has", "cette recherche inverse n’existe pas", "unknown _has")


def _asked_there(text: str, values: tuple[str, ...]) -> Asked:
    if text.startswith("_has:"):
        return Asked("_has", "", text.removeprefix("_has:"), values)
    head, _, chain = text.partition(".")
    name, _, modifier = head.partition(":")
    return Asked(name, modifier, chain, values)


def sortable(rows: QuerySet[Any], order: list[tuple[str, bool]], asking: Asking) -> QuerySet[Any]:
    """The rows, with what they are sorted by when no column of theirs holds it."""
    if any(path == TOUCHED for path, _ in order):
        return rows.annotate(**{TOUCHED: latest_touch(asking.actor, asking.type)})
    return rows


def order_of(mapping: Mapping, wanted: Wanted) -> list[tuple[str, bool]]:
    """The fields by which rows are sorted, and whether the order is descending. Raises Refusal."""
    found = []
    for name, descending in wanted.sort:
        parameter = parameters_of(mapping).get(name)
        path = parameter.order_of(mapping.type) if parameter else ""
        if not path:
            asked = Asked("_sort", "", "", ())
            french = f"on ne trie pas par « {_short(name)} »"
            raise refused(asked, "search.sort", french, "cannot be sorted by")
        found.append((path, descending))
    return found


def refuse_the_unknown(ignored: list[Issue]) -> None:
    """Under `Prefer: handling=strict`, what is not understood is refused. Raises Refusal (400)."""
    if ignored:
        raise Refusal(400, [replace(one, severity="error") for one in ignored])


def unknown(asked: Asked) -> Issue:
    """The warning that a parameter is not known here."""
    name = _short(asked.said)
    return Issue(
        "not-supported",
        "search.unknown",
        f"Le paramètre « {name} » n’est pas connu ici : il n’a pas été tenu compte de lui.",
        f"The parameter {name} is not known here and was ignored.",
        severity="warning",
    )


def refused(asked: Asked, code: str, french: str, english: str) -> Refusal:
    """A search that cannot be done as it was written."""
    name = _short(asked.said)
    text = f"Recherche par « {name} » : {french}."
    return Refusal(400, [Issue("invalid", code, text, f"Search by {name}: {english}.")])


def _short(text: str) -> str:
    return text[:NAMES_IN_ISSUES]

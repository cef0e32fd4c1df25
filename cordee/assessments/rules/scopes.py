"""The expressions of a definition, each with what it reads and the variables it sees.

Source of the scopes: https://hl7.org/fhir/uv/sdc/STU3/expressions.html: a variable is seen by the
line that declares it and by those under it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cordee.assessments.rules.definition import Definition, Expression, Item
from cordee.assessments.rules.fhirpath.parsing import Parsed, Unreadable, parsed
from cordee.assessments.rules.fhirpath.reads import Reads, reads_of
from cordee.assessments.rules.problems import Problem

ROOT = ""
"""Stands for the questionnaire itself among the linkIds."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
MAX_CHAIN = 30
MAX_EXPRESSIONS = 40_000
"""Characters of all: to read them takes 30 µs each, 250 when they are made to be slow."""
Trail = tuple[tuple[str, str], ...]
"""The variables being read, each with the line that declares it."""


@dataclass(frozen=True)
class Ready:
    """An expression that is read: `links` are the lines to show it, `owner` the line it is on."""

    parsed: Parsed
    links: frozenset[str]
    owner: str
    variables: Mapping[str, "Ready"]


class Scopes:
    """What stands above and under each line, and the variables seen from it."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.items: dict[str, Item] = {}
        self.above: dict[str, str] = {}
        self._ready: dict[tuple[str, str], Ready] = {}
        for item, _level in definition.walk():
            self.items.setdefault(item.link_id, item)
            for child in item.items:
                self.above.setdefault(child.link_id, item.link_id)

    @cached_property
    def under(self) -> Mapping[str, frozenset[str]]:
        """Return each line with all those under it, itself included."""
        found: dict[str, frozenset[str]] = {}
        for item in reversed(list(self.items.values())):
            below = (found.get(child.link_id, frozenset()) for child in item.items)
            found[item.link_id] = frozenset({item.link_id}).union(*below)
        return found

    def declared(self, owner: str) -> tuple[Expression, ...]:
        """Return the variables a line declares."""
        if owner == ROOT:
            return self.definition.variables
        return self.items[owner].variables

    def owner_of(self, name: str, seen_from: str) -> str | None:
        """Return the line that declares the variable seen under a name; None when there is none."""
        owner = seen_from
        while True:
            if any(one.name == name for one in self.declared(owner)):
                return owner
            if owner == ROOT:
                return None
            owner = self.above.get(owner, ROOT)

    def ready(self, text: str, owner: str, trail: Trail = ()) -> Ready:
        """Read an expression of a line, with the variables it needs; Unreadable when it fails."""
        if (text, owner) not in self._ready:
            self._ready[text, owner] = self._read(text, owner, trail)
        return self._ready[text, owner]

    def _read(self, text: str, owner: str, trail: Trail) -> Ready:
        expression = parsed(text)
        variables: dict[str, Ready] = {}
        for name in sorted(expression.variables):
            declarer = self.owner_of(name, owner)
            if declarer is None:
                raise Unreadable(f"la variable « %{name} » n’est pas définie ici")
            if (name, declarer) in trail:
                ring = [one for one, _at in trail[trail.index((name, declarer)) :]]
                said = " → ".join(f"%{one}" for one in (*ring, name))
                raise Unreadable(f"ces variables dépendent l’une de l’autre : {said}")
            if len(trail) == MAX_CHAIN:
                raise Unreadable(f"plus de {MAX_CHAIN} variables s’appellent l’une l’autre")
            inside = next(one.text for one in self.declared(declarer) if one.name == name)
            variables[name] = self.ready(inside, declarer, (*trail, (name, declarer)))
        links = self._links(reads_of(text), owner)
        links = links.union(*(one.links for one in variables.values()))
        return Ready(expression, links, owner, variables)

    def _links(self, reads: Reads, owner: str) -> frozenset[str]:
        for link_id in sorted(reads.links):
            if link_id not in self.items:
                raise Unreadable(f"elle nomme « {link_id} », qui n’est pas dans le questionnaire")
        named = (self.under[link_id] for link_id in reads.links)
        if reads.whole or (reads.own and owner == ROOT):
            return frozenset(self.items)
        return frozenset().union(*named, self.under[owner] if reads.own else ())

    def names_itself(self, text: str, owner: str) -> bool:
        """Say whether an expression of a line names that line, or one under it."""
        return not reads_of(text).links.isdisjoint(self.under.get(owner, frozenset()))


def settling(item: Item) -> Iterator[tuple[str, Expression]]:
    """Yield the expressions that decide of a line, with what each is for."""
    for role, expression in (
        ("enableWhenExpression", item.enabled_by),
        ("calculatedExpression", item.calculated),
        ("answerExpression", item.answers_from),
    ):
        if expression is not None:
            yield role, expression


def _texts(scopes: Scopes) -> Iterator[str]:
    """Yield every expression of a definition."""
    for link_id in (ROOT, *scopes.items):
        item = scopes.items.get(link_id)
        constraints = item.constraints if item else scopes.definition.constraints
        yield from (one.text for one in scopes.declared(link_id))
        yield from (one.expression.text for one in constraints)
        yield from (one.text for _role, one in (settling(item) if item else ()))


def faults(definition: Definition) -> Iterator[Problem]:
    """Yield what is wrong with the expressions of a definition, their rings left aside."""
    scopes = Scopes(definition)
    if sum(len(one) for one in set(_texts(scopes))) > MAX_EXPRESSIONS:
        said = (
            f"Les expressions dépassent {MAX_EXPRESSIONS} caractères en tout : rien n’en a été lu"
        )
        yield Problem("Questionnaire", said)
        return
    yield from _variables(scopes, ROOT)
    for one in definition.constraints:
        yield from _fault(scopes, ROOT, f"contrainte « {one.key} »", one.expression)
    for link_id, item in scopes.items.items():
        yield from _variables(scopes, link_id)
        if item.enabled_by and item.enable_when:
            said = "Gardez soit enableWhen, soit enableWhenExpression"
            yield Problem(link_id, said)
        for role, expression in settling(item):
            yield from _fault(scopes, link_id, role, expression)
        for one in item.constraints:
            yield from _fault(scopes, link_id, f"contrainte « {one.key} »", one.expression)


def _fault(scopes: Scopes, owner: str, role: str, expression: Expression) -> Iterator[Problem]:
    try:
        scopes.ready(expression.text, owner)
    except Unreadable as failure:
        yield Problem(owner or "Questionnaire", f"{role} : {failure}")


def _variables(scopes: Scopes, owner: str) -> Iterator[Problem]:
    path = owner or "Questionnaire"
    seen: set[str] = set()
    for one in scopes.declared(owner):
        if not _NAME.fullmatch(one.name):
            yield Problem(path, f"Une variable ne peut pas s’appeler « {one.name} »")
            continue
        above = None if owner == ROOT else scopes.owner_of(one.name, scopes.above.get(owner, ROOT))
        if one.name in seen or above is not None or one.name in ("resource", "context", "ucum"):
            yield Problem(path, f"Le nom « %{one.name} » est déjà pris")
        seen.add(one.name)
        yield from _fault(scopes, owner, f"variable « %{one.name} »", one)

"""Which questions an expression looks at, so that it is counted after them and shown them only.

A path is followed until `where(linkId = 'x')` names a line: then that line and those under it are
read. What is used before any line was named reads all of what it starts from.
"""

from dataclasses import dataclass
from functools import lru_cache

from cordee.assessments.rules.fhirpath.names import LINKED, WITH_TYPES
from cordee.assessments.rules.fhirpath.parsing import (
    KEPT,
    Ast,
    Parsed,
    function,
    identifier,
    parsed,
)

WHOLE, OWN, BOUND = "whole", "own", "bound"
"""What a path starts from: the response, the line of the expression, or lines already named."""
_FOLLOWED = ("item", "answer")
_DOWN = ("children", "descendants", "repeat")


@dataclass(frozen=True)
class Reads:
    """The linkIds that are named; and whether the whole response, or the whole line, is read."""

    links: frozenset[str]
    whole: bool
    own: bool


@lru_cache(maxsize=KEPT)
def reads_of(text: str) -> Reads:
    """Say what an expression reads; Unreadable when it does not parse."""
    return _Reading(parsed(text)).found()


class _Reading:
    def __init__(self, expression: Parsed) -> None:
        self.links: set[str] = set()
        self.used: set[str] = set()
        self._use(self._look(expression.tree, OWN))

    def found(self) -> Reads:
        """Return what was gathered."""
        return Reads(frozenset(self.links), WHOLE in self.used, OWN in self.used)

    def _use(self, start: str) -> str:
        self.used.add(start)
        return BOUND

    def _look(self, node: Ast, this: str) -> str:
        kind, children = node["type"], node.get("children", ())
        if kind == "ExternalConstantTerm":
            return {"%resource": WHOLE, "%context": OWN}.get(_external(node), BOUND)
        if kind == "MemberInvocation":
            return self._member(this, identifier(node))
        if kind == "ThisInvocation":
            return this
        if kind == "FunctionInvocation":
            return self._call(node, this, this)
        if kind == "InvocationExpression":
            return self._step(self._look(children[0], this), children[1], this)
        for child in children:
            self._use(self._look(child, this))
        return BOUND

    def _step(self, start: str, node: Ast, this: str) -> str:
        if node["type"] == "MemberInvocation":
            return self._member(start, identifier(node))
        if node["type"] == "FunctionInvocation":
            return self._call(node, start, this)
        return self._use(start)

    def _member(self, start: str, name: str) -> str:
        return start if start == BOUND or name in _FOLLOWED else self._use(start)

    def _call(self, node: Ast, start: str, this: str) -> str:
        name, arguments = function(node)
        if name == LINKED:
            self.links.update(one["text"][1:-1] for one in arguments)
            return BOUND
        if name in _DOWN:
            return start
        if name == "today":
            return BOUND
        if name in WITH_TYPES:
            return self._use(start)
        if name == "iif":
            for one in arguments:
                self._use(self._look(one, start))
            return BOUND
        self._use(start)
        inner = BOUND if name in ("where", "exists", "all", "select", "aggregate") else this
        for one in arguments:
            self._use(self._look(one, inner))
        return BOUND


def _external(node: Ast) -> str:
    found: str = node["children"][0]["children"][0]["text"]
    return "%" + found.strip("`")

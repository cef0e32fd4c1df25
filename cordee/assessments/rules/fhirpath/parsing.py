"""From the text of an expression to its tree, or to what stands in the way, in French.

The library's own `parse` is not used: it stops at the first thing it does not understand and
says nothing, so that `1 + 2 )` is 3 and `a = = b` is `a`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker
from antlr4.error.ErrorListener import ErrorListener
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from cordee.assessments.rules.fhirpath.names import FUNCTIONS, LINKED, PATHS, WITH_TYPES
from cordee.assessments.rules.fhirpath.paths import Path, shortened, variable

Ast = dict[str, Any]

MAX_TEXT = 8_000
MAX_DEPTH = 150
"""Each level takes five frames of Python, of a thousand."""
KEPT = 2_000
"""Trees kept in memory: those of a few dozen questionnaires."""
MAX_LINKED = 200
LAYERS = ("TermExpression", "InvocationTerm", "ParenthesizedTerm", "LiteralTerm")
_BUILT_IN = ("resource", "context", "ucum")


class Unreadable(ValueError):
    """An expression that cannot be used; its message is French."""


_ONE_AT_A_TIME = Lock()
"""The tables of the grammar, shared by the threads, are completed while one parses."""


@dataclass(frozen=True, eq=False)
class Parsed:
    """An expression: as it was read, as it is evaluated, and the variables it names."""

    text: str
    tree: Ast
    variables: frozenset[str]
    short: Ast
    paths: Mapping[str, Path]


class _Strict(ErrorListener):  # type: ignore[misc]  # the parser's library has no types
    def syntaxError(self, _parser: Any, _symbol: Any, *where: Any) -> None:  # noqa: N802
        _line, column, _message, _error = where
        raise Unreadable(f"l’expression n’est pas du FHIRPath, à partir du caractère {column + 1}")


@lru_cache(maxsize=KEPT)
def parsed(text: str) -> Parsed:
    """Read an expression; Unreadable when it is too long, too deep, wrong, or asks too much."""
    if len(text) > MAX_TEXT:
        raise Unreadable(f"l’expression dépasse {MAX_TEXT} caractères")
    _shallow(text)
    try:
        read = _tree(text)
        if any(_calls(one, LINKED) for one in walk(read)):
            raise Unreadable(f"la fonction « {LINKED}() » n’est pas prise en charge")
        tree = _simple(read)
    except RecursionError as failure:
        raise Unreadable("l’expression est trop emboîtée") from failure
    _bearable(tree)
    names = {_name(one) for one in walk(tree) if one["type"] == "ExternalConstantTerm"}
    return Parsed(text, tree, frozenset(names - set(_BUILT_IN)), *shortened(tree))


def _calls(node: Ast, name: str) -> bool:
    return node["type"] == "FunctionInvocation" and function(node)[0] == name


def _shallow(text: str) -> None:
    depth = 0
    for sign in re.sub(r"'(\\.|[^'\\])*'", "", text):
        depth += (sign in "([") - (sign in ")]")
        if depth > MAX_DEPTH // 3:
            raise Unreadable("l’expression est trop emboîtée")


def _tree(text: str) -> Ast:
    """Parse to the end, stopping at the first error."""
    lexer = FHIRPathLexer(InputStream(text))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    for part in (lexer, parser):
        part.removeErrorListeners()
        part.addErrorListener(_Strict())
    listener = ASTPathListener()
    with _ONE_AT_A_TIME:
        ParseTreeWalker().walk(listener, parser.entireExpression())
    whole: Ast = listener.parentStack[0]["children"][0]
    found: Ast = whole["children"][0]
    return found


def walk(tree: Ast) -> Iterator[Ast]:
    """Yield every node of a tree."""
    stack = [tree]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(one.get("children", ()))


def _name(node: Ast) -> str:
    """Return the name of a variable."""
    inside = node["children"][0].get("children")
    if not inside:
        raise Unreadable("une variable s’écrit « %nom », sans guillemets")
    return str(inside[0]["text"]).strip("`")


def identifier(node: Ast) -> str:
    """Return what a member or a function is called."""
    text: str = node["children"][0]["text"]
    return text.strip("`")


def function(node: Ast) -> tuple[str, list[Ast]]:
    """Return the name and the arguments of a call."""
    inside = node["children"][0]["children"]
    arguments = inside[1].get("children", []) if len(inside) > 1 else []
    return inside[0]["text"].strip("`"), arguments


def _simple(node: Ast) -> Ast:
    """Take away the layers that say nothing, and rewrite what the library evaluates wrongly."""
    if node["type"] == "FunctionInvocation" and function(node)[0] in WITH_TYPES:
        return node
    if node["type"] in ("TypeSpecifier", "ExternalConstantTerm", "MemberInvocation"):
        return node
    if node["type"] in LAYERS and node.get("children"):
        return _root(_simple(node["children"][0]))
    children = [_simple(one) for one in node.get("children", ())]
    if node["type"] == "PolarityExpression":
        return _signed(node, children[0])
    found = {**node, "children": children} if children else node
    return _linked(found) if node["type"] == "FunctionInvocation" else found


def _linked(call: Ast) -> Ast:
    """Write `where(linkId = 'x')` as a call of `linked`, which compares without evaluating."""
    name, arguments = function(call)
    found = _link_ids(arguments[0]) if name == "where" and len(arguments) == 1 else ()
    if not found or len(found) > MAX_LINKED:
        return call
    literals = [
        {"type": "StringLiteral", "text": f"'{one}'", "terminalNodeText": []} for one in found
    ]
    name_node = {"type": "Identifier", "text": LINKED, "terminalNodeText": [LINKED]}
    parameters = {"type": "ParamList", "terminalNodeText": [], "children": literals}
    inside = {"type": "Functn", "terminalNodeText": [], "children": [name_node, parameters]}
    return {**call, "children": [inside]}


def _link_ids(criteria: Ast) -> tuple[str, ...]:
    """Return the linkIds of `linkId = 'x'`, `… or …`, `linkId in ('x' | 'y')`; () otherwise."""
    operands = criteria.get("children", ())
    if criteria["type"] == "OrExpression" and criteria["terminalNodeText"][0] == "or":
        found = [_link_ids(one) for one in operands]
        return sum(found, ()) if all(found) else ()
    if len(operands) != 2 or not _is_link_id(operands[0]):
        return ()
    is_in = criteria["type"] == "MembershipExpression" and criteria["terminalNodeText"][0] == "in"
    is_same = criteria["type"] == "EqualityExpression" and criteria["terminalNodeText"][0] == "="
    return _literals(operands[1], several=is_in) if is_in or is_same else ()


def _is_link_id(node: Ast) -> bool:
    return node["type"] == "MemberInvocation" and identifier(node) == "linkId"


def _literals(node: Ast, *, several: bool) -> tuple[str, ...]:
    if node["type"] == "StringLiteral" and "\\" not in node["text"]:
        return (node["text"][1:-1],)
    if several and node["type"] == "UnionExpression":
        found = [_literals(one, several=True) for one in node["children"]]
        return sum(found, ()) if all(found) else ()
    return ()


def _root(node: Ast) -> Ast:
    """`QuestionnaireResponse.item` says `%resource.item` wherever it is evaluated from."""
    if node["type"] == "MemberInvocation" and identifier(node) == "QuestionnaireResponse":
        return variable("resource")
    return node


def _signed(node: Ast, operand: Ast) -> Ast:
    """Write `-x` as `-1 * x`: the library changes in place the variable it negates."""
    sign = node["terminalNodeText"][0]
    one = {"type": "NumberLiteral", "text": f"{sign}1", "terminalNodeText": [f"{sign}1"]}
    return {
        "type": "MultiplicativeExpression",
        "terminalNodeText": ["*"],
        "children": [one, operand],
    }


def _bearable(tree: Ast) -> None:
    """Refuse what is not evaluated here, and what would go too deep."""
    stack = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise Unreadable("l’expression est trop emboîtée")
        if node["type"] == "FunctionInvocation":
            _allowed(*function(node))
        children = node.get("children", ())
        deeper = 0 if node["type"] in ("Functn", "ParamList") else 1
        stack.extend((one, depth + deeper) for one in children)


def _allowed(name: str, arguments: list[Ast]) -> None:
    if name == LINKED:
        return
    if name not in FUNCTIONS:
        raise Unreadable(f"la fonction « {name}() » n’est pas prise en charge")
    if len(arguments) not in FUNCTIONS[name]:
        raise Unreadable(f"la fonction « {name}() » n’a pas le bon nombre de paramètres")
    if name == "repeat" and not all(_is_path(one) for one in walk(arguments[0])):
        raise Unreadable("« repeat() » ne suit qu’un chemin, comme repeat(item)")


def _is_path(node: Ast) -> bool:
    if node["type"] == "MemberInvocation":
        return identifier(node) in PATHS
    return node["type"] in ("InvocationExpression", "UnionExpression", "Identifier")

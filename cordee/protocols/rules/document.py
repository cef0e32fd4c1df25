"""A text of YAML as plain mappings, lists and texts; where each part stands in it.

Read with PyYAML's safe parser, then by our own hand: every scalar is a text (so that `non`, `12:30`
or `1.10` are never guessed to be something else), a key given twice is a trouble, and aliases are
refused, which a few lines of can be made to weigh as much as the machine. Nothing is constructed.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from cordee.protocols.rules.protocol import Refused

MOST = 100_000  # characters: a protocol is some pages
DEEPEST = 12
Path = tuple[str | int, ...]


@dataclass
class Document:
    """A text that was read: its value, the line of each part, and what is wrong with it."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)
    troubles: list[tuple[Path, str]] = field(default_factory=list)


def parsed(text: str) -> Document:
    """Read a text of YAML. Raises Refused when it is none, is too long, or uses aliases."""
    if len(text) > MOST:
        raise Refused((f"Ce document est trop long : {MOST} caractères au plus.",))
    try:
        node = _composed(text)
    except yaml.YAMLError as error:
        raise Refused((_unreadable(error),)) from None
    except RecursionError:
        raise Refused(("Ce document est emboîté trop profondément.",)) from None
    if node is None:
        raise Refused(("Ce document est vide.",))
    document = Document(None)
    document.value = _plain(node, (), document)
    return document


_OPENS = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSES = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


def _composed(text: str) -> yaml.Node | None:
    """Compose what was first read word by word: what is nested without end stops there, since the
    time that the scanner takes grows with the square of the depth."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
            line = token.start_mark.line + 1
            raise Refused(
                (f"Ligne {line} : les renvois (« & » et « * ») ne sont pas acceptés, répétez.",)
            )
        depth += isinstance(token, _OPENS) - isinstance(token, _CLOSES)
        if depth > DEEPEST + 1:
            raise Refused(("Ce document est emboîté trop profondément.",))
    return yaml.compose(text, Loader=yaml.SafeLoader)  # type: ignore[no-any-return]


def _unreadable(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"Ligne {mark.line + 1} : " if mark else ""
    return (
        f"{where}ce texte n’est pas du YAML. Vérifiez le décalage des lignes, les tirets, et "
        "mettez entre guillemets une phrase qui contient un deux-points."
    )


def _plain(node: yaml.Node, path: Path, document: Document) -> Any:
    document.lines[path] = node.start_mark.line + 1
    if len(path) > DEEPEST:
        raise Refused(("Ce document est emboîté trop profondément.",))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, rank), document) for rank, item in enumerate(node.value)]
    return str(node.value).strip()


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        inside = (*path, key)
        if key in found:
            document.troubles.append((inside, f"« {key} » est écrit deux fois au même endroit."))
        found[key] = _plain(value, inside, document)
        document.lines[inside] = key_node.start_mark.line + 1
    return found

"""The source of the house, read once: what the architecture tests look at."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "cordee"
DOORS = {"views", "jobs", "management"}


@dataclass(frozen=True)
class Source:
    """One Python file of a room."""

    path: Path
    room: str
    layer: str  # "views", "services", "management"…: the first step inside the room

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def dotted(self) -> str:
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @property
    def text(self) -> str:
        return _text(self.path)

    @property
    def tree(self) -> ast.Module:
        return _tree(self.path)


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_text(path), filename=str(path))


@cache
def rooms() -> list[str]:
    """Every package directly under `cordee`."""
    return sorted(file.parent.name for file in PACKAGE.glob("*/__init__.py"))


@cache
def sources() -> list[Source]:
    """Every Python file of every room, migrations left out."""
    found = []
    for path in sorted(PACKAGE.glob("*/**/*.py")):
        room, *rest = path.relative_to(PACKAGE).parts
        if rest[0] != "migrations":
            found.append(Source(path, room, rest[0].removesuffix(".py")))
    return found


@cache
def templates() -> list[Path]:
    """Every template of every room."""
    found = [*PACKAGE.glob("*/templates/**/*.jinja"), *PACKAGE.glob("*/templates/**/*.html")]
    return sorted(found)


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Every call of a function or method with one of these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in names:
                yield node


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def first_text(call: ast.Call) -> str | None:
    """The first argument of a call, when it is a literal text."""
    if call.args and isinstance(call.args[0], ast.Constant):
        value = call.args[0].value
        return value if isinstance(value, str) else None
    return None

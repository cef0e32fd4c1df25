"""Draw docs/map.md from the import graph: rooms on their floors, who calls whom, how big.

`--check` draws nothing and fails when the drawing on disk says something else (sizes may drift:
figures are left out of the comparison).
"""

import argparse
import ast
import re
import sys
import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
MAP = ROOT / "docs" / "map.md"
LAYERS = [
    "urls",
    "views",
    "jobs",
    "forms",
    "services",
    "selectors",
    "policy",
    "rules",
    "facts",
    "models",
]


def floors() -> list[list[str]]:
    """The rooms of each floor, from the top, as the import contract says."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(c["layers"] for c in contracts if c["name"] == "Calls go down")
    return [[room.strip() for room in layer.split("|")] for layer in layers]


def sentence(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").strip()


def lines(files) -> int:
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)


def python_of(room: str) -> list[Path]:
    files = (ROOT / "cordee" / room).glob("**/*.py")
    return sorted(path for path in files if "migrations" not in path.parts)


def calls_of(graph: grimp.ImportGraph, room: str, others: list[str]) -> list[str]:
    """The rooms that this one imports from."""
    return [
        other
        for other in others
        if other != room
        and graph.direct_import_exists(
            importer=f"cordee.{room}", imported=f"cordee.{other}", as_packages=True
        )
    ]


def published(room: str) -> list[str]:
    """The facts of a room: its classes that say their `kind`."""
    return sorted(
        str(keyword.value.value)
        for path in python_of(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for keyword in node.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
    )


def heard(room: str) -> list[str]:
    """The facts that a room listens to."""
    return sorted(
        {
            str(argument.value)
            for path in python_of(room)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "listens"
            for argument in node.args
            if isinstance(argument, ast.Constant)
        }
    )


def draw() -> str:
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph("cordee", cache_dir=None)
    levels = floors()
    rooms = [room for level in levels for room in level]
    parts = [
        "# The map",
        "Drawn from the code by `make map`; a test fails when it is stale. A room calls only rooms "
        "on lower floors; upward it publishes facts, which upper rooms hear.",
        "| floor | room | what it is for | calls | files | lines |\n|---|---|---|---|---|---|\n"
        + "\n".join(_row(graph, len(levels) - i, level, rooms) for i, level in enumerate(levels)),
        "## Facts that go up",
        "| room | publishes | hears |\n|---|---|---|\n"
        + "\n".join(filter(None, map(_facts, rooms))),
        "## Inside a room",
        "\n".join(f"- **{room}**: {_inside(room)}" for room in rooms),
    ]
    return "\n\n".join(parts) + "\n"


def _row(graph, floor: int, level: list[str], rooms: list[str]) -> str:
    rows = []
    for room in level:
        files = python_of(room)
        calls = ", ".join(calls_of(graph, room, rooms)) or "nobody"
        purpose = sentence(ROOT / "cordee" / room / "__init__.py")
        rows.append(
            f"| {floor} | **{room}** | {purpose} | {calls} | {len(files)} | {lines(files)} |"
        )
    return "\n".join(rows)


def _facts(room: str) -> str:
    said, hears = published(room), heard(room)
    return f"| {room} | {_codes(said)} | {_codes(hears)} |" if said or hears else ""


def _codes(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "—"


def _inside(room: str) -> str:
    folder = ROOT / "cordee" / room
    names = {path.name.removesuffix(".py") for path in folder.iterdir()}
    own = sorted(
        path.stem for path in folder.glob("*.py") if path.stem not in {*LAYERS, "__init__", "apps"}
    )
    flow = " → ".join(layer for layer in LAYERS if layer in names)
    return "; ".join(filter(None, [flow, f"also {', '.join(own)}" if own else ""])) or "nothing yet"


def without_figures(text: str) -> str:
    return re.sub(r"\| \d+ \| \d+ \|", "|", text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    wanted = parser.parse_args()
    drawn = draw()
    if wanted.check:
        current = MAP.read_text(encoding="utf-8") if MAP.exists() else ""
        if without_figures(current) == without_figures(drawn):
            return 0
        print("docs/map.md is stale. Run: make map")
        return 1
    MAP.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

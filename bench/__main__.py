"""Run the benches, print the table, write var/bench.json.

usage: python -m bench [a word of a job's name …]
"""

import json
import sys
from importlib import import_module
from pathlib import Path

from bench import house
from bench.pace import pace
from bench.registry import JOBS, Outcome

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "var" / "bench.json"
MEASURES = (
    "worklist",
    "locked",
    "region",
    "page",
    "live",
    "starts",
    "simultaneous",
    "places",
    "imports",
    "policy",
    "persons",
    "shadow",
    "linked",
    "matching",
    "scores",
    "shape",
    "desk",
    "door",
    "export",
    "conformance",
    "vigilance_sync",
    "alarms",
    "vigilance",
    "many",
    "ways",
)  # modules that need Django, imported once it is set up
COLUMNS = ("job", "unit", "ours", "baseline", "ratio", "goal", "reached")


def table(outcomes: list[Outcome]) -> str:
    """Return the outcomes as aligned columns."""
    rows = [COLUMNS, *(tuple(str(one.as_dict()[name]) for name in COLUMNS) for one in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def main(words: list[str]) -> int:
    """Measure what was asked, or everything."""
    with house.opened():
        for measures in MEASURES:
            import_module(f"bench.{measures}")
        wanted = [one for one in JOBS if not words or any(word in one.name for word in words)]
        before = pace()
        outcomes = [one.run() for one in wanted]
    if not outcomes:
        sys.stderr.write("No such job. Known: " + ", ".join(one.name for one in JOBS) + "\n")
        return 2
    sys.stdout.write(table(outcomes) + "\n")
    said = f"five million additions of Python: {before:.0f} ms before, {pace():.0f} after"
    sys.stdout.write(f"\nThis machine, {said}.\n")
    REPORT.parent.mkdir(exist_ok=True)
    lines = [one.as_dict() for one in outcomes]
    REPORT.write_text(json.dumps(lines, indent=1, ensure_ascii=False) + "\n")
    sys.stdout.write(f"\n{REPORT.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Write the second half of docs/fhir.md from the registry: types, interactions, search parameters.

What stands above the mark is written by hand. `--check` writes nothing and fails when the page on
disk is not that of the code.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "fhir.md"
MARK = "<!-- What follows is written by `make map` from the registry. -->"
LETTERS = (("create", "create"), ("update", "update, patch"), ("delete", "delete"))


def drawn() -> str:
    """Every type: what is done to it, how it is searched, what comes along."""
    from cordee.fhir.registry import mappings

    rows = ["| type | written by | history | profiles |", "|---|---|---|---|"]
    for one in mappings().values():
        done = [label for name, label in LETTERS if getattr(one, name) is not None]
        kept = "yes" if one.has_history else "version of today"
        profiles = "<br>".join(f"`{profile}`" for profile in one.profiles)
        rows.append(f"| {one.type} | {', '.join(done) or '—'} | {kept} | {profiles or '—'} |")
    return "\n".join(rows) + "\n\n" + "\n\n".join(_searched(one) for one in mappings().values())


def _searched(mapping) -> str:
    from cordee.fhir.capability import includes_of, revincludes_of

    by_kind: dict[str, list[str]] = {}
    for name, parameter in sorted(mapping.search.items()):
        by_kind.setdefault(parameter.type, []).append(f"`{name}`")
    lines = [f"### {mapping.type}", ""]
    if mapping.note:
        lines += [mapping.note, ""]
    lines += [f"- {kind}: {', '.join(names)}" for kind, names in sorted(by_kind.items())]
    for label, some in (("include", includes_of(mapping)), ("revinclude", revincludes_of(mapping))):
        if some:
            lines.append(f"- {label}: {', '.join(f'`{one}`' for one in some)}")
    return "\n".join(lines).rstrip()


def main() -> int:
    """Write the page, or say that it is not that of the code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
    import django

    django.setup()
    text = PAGE.read_text(encoding="utf-8")
    written = text.partition(MARK)[0] + MARK + "\n\n" + drawn() + "\n"
    if check:
        return int(text != written)
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write the table of variables of docs/exploitation.md from config/environment.py.

`--check` writes nothing and fails when the table on disk is not that of the code.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from config.environment import VARIABLES  # noqa: E402

DOCUMENT = ROOT / "docs" / "exploitation.md"
BEGIN = "<!-- Ce tableau est écrit par `make map` d’après config/environment.py. -->"
END = "<!-- Fin du tableau. -->"


def table() -> str:
    """Return the table: name, default, meaning."""
    lines = ["| variable | valeur par défaut | sens |", "|---|---|---|"]
    for one in VARIABLES:
        default = f"`{one.default}`" if one.default else "—"
        secret = " **Secret.**" if one.secret else ""
        lines.append(f"| `{one.name}` | {default} | {one.meaning}{secret} |")
    return "\n".join(lines)


def written(document: str) -> str:
    """Return the document with the table of the code between its marks."""
    before, rest = document.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main() -> int:
    """Write, or check."""
    kept = DOCUMENT.read_text(encoding="utf-8")
    wanted = written(kept)
    if "--check" not in sys.argv:
        DOCUMENT.write_text(wanted, encoding="utf-8")
        return 0
    return int(kept != wanted)


if __name__ == "__main__":
    sys.exit(main())

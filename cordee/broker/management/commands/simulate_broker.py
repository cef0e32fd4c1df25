"""Compare ways of searching over made-up needs; draw the trade-off and write its tables."""

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cordee.broker.management.tables import picture, tables

DOCUMENT = Path("docs/recherches.md")
PICTURE = Path("docs/images/recherches-arbitrage.svg")
BETWEEN = re.compile(r"(<!-- chiffres -->\n).*?(<!-- fin des chiffres -->)", re.DOTALL)


class Command(BaseCommand):
    """The same seed gives the same figures; no real need, no real person."""

    help = (
        "Compare nos vagues à un envoi à tous et à des appels un par un, sur des besoins fictifs."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--write` keeps the picture and the tables in the documentation."""
        parser.add_argument(
            "--needs", type=int, default=1000, metavar="N", help="besoins par délai (1000)"
        )
        parser.add_argument(
            "--write", action="store_true", help=f"écrit {DOCUMENT} et {PICTURE.name}"
        )

    def handle(self, *args: Any, needs: int, write: bool, **options: Any) -> None:
        """Play, print, and write when asked."""
        if needs < 1:
            raise CommandError("Donnez au moins un besoin (--needs 1000).")
        found = tables(needs)
        self.stdout.write(found)
        if write:
            _write(found, picture(needs))
            self.stdout.write(f"\n{DOCUMENT}\n{PICTURE}")


def _write(found: str, image: str) -> None:
    if not DOCUMENT.exists():
        raise CommandError(f"{DOCUMENT} n’est pas là : lancez la commande depuis les sources.")
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(BETWEEN.sub(rf"\1{found}\n\2", text), encoding="utf-8")
    PICTURE.write_text(image, encoding="utf-8")

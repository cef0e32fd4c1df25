"""Write a made-up extraction, of any size, in the exact published layout."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from cordee.directory import communes, sample


class Command(BaseCommand):
    help = (
        "Écrit une extraction fictive, de la taille voulue, dans la présentation publiée (RPPS ou "
        "FINESS). Sa provenance est dite dans un fichier à côté."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("source", choices=["rpps", "finess"])
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--count", type=int, default=1000, metavar="NOMBRE")
        parser.add_argument("--seed", type=int, default=2026, metavar="GRAINE")
        parser.add_argument("--departement", default="", metavar="CODE")

    def handle(self, *, source: str, file: Path, **options: Any) -> None:
        wanted = options["departement"]
        places = [
            row
            for row in communes.shipped()
            if row.postal_codes and wanted in ("", row.departement)
        ]
        make = sample.rpps_lines if source == "rpps" else sample.finess_lines
        with file.open("w", encoding="utf-8", newline="") as out:
            lines = sample.write(make(options["count"], places, options["seed"]), out)
        file.with_name(f"{file.name}.LISEZMOI.txt").write_text(sample.PROVENANCE, encoding="utf-8")
        self.stdout.write(f"{lines} lignes fictives dans {file}.")

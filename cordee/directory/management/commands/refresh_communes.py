"""Rebuild the shipped file of communes from the npm package."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cordee.directory import communes


class Command(BaseCommand):
    help = (
        "Refait le fichier des communes livré avec Cordée, depuis le dossier « data » du paquet "
        "npm @etalab/decoupage-administratif. À suivre de load_communes."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path, metavar="DOSSIER")
        parser.add_argument("--output", type=Path, default=communes.SHIPPED, metavar="FICHIER")

    def handle(self, *, folder: Path, output: Path, **options: Any) -> None:
        try:
            rows = communes.from_package(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"Ce dossier n’est pas celui du paquet attendu ({error}). Le fichier livré n’a pas "
                "changé."
            ) from error
        if len(rows) < 30_000:
            raise CommandError(
                f"{len(rows)} communes seulement : le paquet est incomplet. Le fichier livré n’a "
                "pas changé."
            )
        communes.write(rows, output)
        self.stdout.write(f"{len(rows)} communes écrites dans {output.name}.")

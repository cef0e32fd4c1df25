"""Load the outlines of communes from a file that the site holds a licence for."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.directory import services
from cordee.kernel.errors import DomainError


class Command(BaseCommand):
    help = (
        "Charge les contours des communes depuis un GeoJSON (degrés, WGS 84) dont vous avez la "
        "licence : la carte de la zone et les distances n’existent qu’ensuite."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--source", required=True, help="qui publie ces contours")
        parser.add_argument("--licence", required=True, help="sous quelle licence")
        parser.add_argument(
            "--date", required=True, metavar="AAAA-MM-JJ", help="date de ces contours"
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            licence = services.Licence(
                source=options["source"].strip(),
                licence=options["licence"].strip(),
                dated_on=date.fromisoformat(options["date"]),
            )
        except ValueError as error:
            raise CommandError("La date s’écrit AAAA-MM-JJ. Rien n’a changé.") from error
        if not (licence.source and licence.licence):
            raise CommandError("Dites la source et la licence des contours. Rien n’a changé.")
        try:
            with file.open(encoding="utf-8-sig") as opened:
                loaded = services.load_outlines(
                    actor=SYSTEM, file=opened, licence=licence, now=timezone.now()
                )
        except OSError as error:
            raise CommandError(f"Le fichier ne se lit pas : {error.strerror}.") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{loaded.communes} communes ont un contour et un centre.")
        if loaded.unknown:
            self.stdout.write(f"{loaded.unknown} contours de communes inconnues, laissés de côté.")

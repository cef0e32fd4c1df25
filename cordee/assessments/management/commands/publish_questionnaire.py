"""Publish questionnaires from their files: those that come with Cordée, or any other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.assessments.rules.reading import Refused
from cordee.assessments.shipped import publish_file, shipped_files
from cordee.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Publie des questionnaires FHIR d’évaluation ; peut être relancé sans dommage."

    def add_arguments(self, parser: CommandParser) -> None:
        """Files of JSON; `--shipped` for those that come with Cordée."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FICHIER")
        parser.add_argument(
            "--shipped", action="store_true", help="Ceux qui sont livrés avec Cordée."
        )

    def handle(
        self, *args: Any, files: Sequence[Path] = (), shipped: bool = False, **options: Any
    ) -> None:
        """Publish each; print the whole list of what is refused."""
        wanted = [*files, *(shipped_files() if shipped else ())]
        if not wanted:
            raise CommandError("Nommez un fichier, ou demandez --shipped.")
        published = [self._publish(path) for path in wanted]
        if not all(published):
            raise CommandError("Ce qui est refusé n’a pas été publié ; le reste l’est.")

    def _publish(self, path: Path) -> bool:
        try:
            found = publish_file(path, actor=SYSTEM, now=timezone.now())
        except (Refused, DomainError, OSError) as wrong:
            self.stderr.write(f"{path.name} refusé :")
            problems = getattr(wrong, "problems", None)
            for line in [f"{one.path} : {one.said}" for one in problems] if problems else [wrong]:
                self.stderr.write(f"  {line}")
            return False
        self.stdout.write(f"{found.title}, édition {found.edition} : {found.get_status_display()}")
        return True

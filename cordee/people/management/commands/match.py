"""Look for records that may be one person; measure the rules on pairs whose truth is known."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError
from cordee.people import labelled, services
from cordee.people.rules import matching


class Command(BaseCommand):
    """Nothing is merged here: a human decides, both records side by side."""

    help = (
        "Cherche les fiches qui se ressemblent, pour qu’une personne les compare. "
        "--evaluate mesure les règles sur un fichier de paires étiquetées."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Without option: refresh the candidates."""
        parser.add_argument("--evaluate", type=Path, metavar="FICHIER", help="Paires étiquetées.")
        parser.add_argument("--generate", type=Path, metavar="FICHIER", help="Paires inventées.")
        parser.add_argument("--pairs", type=int, default=20_000, help="Combien en inventer.")
        parser.add_argument("--seed", type=int, default=2026, help="Graine des paires inventées.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Search, make up or measure."""
        try:
            if options["generate"]:
                pairs = labelled.made_up(options["pairs"], options["seed"])
                self.stdout.write(f"{labelled.write(options['generate'], pairs)} paires écrites.")
            elif options["evaluate"]:
                self.stdout.write(table(options["evaluate"]))
            else:
                done = services.refresh_candidates(actor=SYSTEM, now=timezone.now())
                self.stdout.write(f"{done.pairs} paires pesées, {done.kept} à comparer.")
        except FileNotFoundError as error:
            raise CommandError("Ce fichier n’existe pas. Rien n’a été mesuré.") from error
        except DomainError as error:
            raise CommandError(error.message) from error


def table(path: Path) -> str:
    """Measure the rules on a file: one line per threshold."""
    scored = [
        (
            matching.judged(matching.known(pair.one), matching.known(pair.other)).probability,
            pair.same,
        )
        for pair in labelled.read(path)
    ]
    same = sum(same for _, same in scored)
    lines = [
        f"{len(scored)} paires, dont {same} d’une même personne",
        f"{'seuil':>7} {'justes':>8} {'faux':>6} {'manqués':>8} {'précision':>10} "
        f"{'rappel':>8} {'F1':>8}",
    ]
    for one in matching.measured(scored):
        lines.append(
            f"{one.threshold:>7} {one.found:>8} {one.wrong:>6} {one.missed:>8} "
            f"{one.precision:>10.4f} {one.recall:>8.4f} {one.f1:>8.4f}"
        )
    return "\n".join(lines)

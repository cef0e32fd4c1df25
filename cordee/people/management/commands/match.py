"""Look for records that may be one person; measure the rules on pairs whose truth is known."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError
from cordee.people import labelled, selectors, services
from cordee.people.rules import matching, unattended
from cordee.people.rules.matching import Measure


class Command(BaseCommand):
    """Nothing is merged here: what is found waits for a human, or for the nightly job."""

    help = (
        "Cherche les fiches qui se ressemblent, pour qu’une personne les compare. "
        "--export écrit les paires que des humains ont jugées ; "
        "--evaluate mesure les règles sur un fichier de paires étiquetées."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Without option: refresh the candidates."""
        parser.add_argument("--evaluate", type=Path, metavar="FICHIER", help="Paires étiquetées.")
        parser.add_argument("--keep", action="store_true", help="Garder cette mesure comme preuve.")
        parser.add_argument(
            "--export", type=Path, metavar="FICHIER", help="Paires que des humains ont jugées."
        )
        parser.add_argument("--generate", type=Path, metavar="FICHIER", help="Paires inventées.")
        parser.add_argument("--pairs", type=int, default=20_000, help="Combien en inventer.")
        parser.add_argument("--seed", type=int, default=2026, help="Graine des paires inventées.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Search, make up, hand out or measure."""
        try:
            if options["generate"]:
                pairs = labelled.made_up(options["pairs"], options["seed"])
                self.stdout.write(f"{labelled.write(options['generate'], pairs)} paires écrites.")
            elif options["export"]:
                pairs = selectors.judged_pairs(SYSTEM)
                self.stdout.write(
                    f"{labelled.write(options['export'], pairs)} paires écrites. Ce fichier porte "
                    "des identités : gardez-le comme un dossier, puis détruisez-le."
                )
            elif options["evaluate"]:
                self._evaluate(options["evaluate"], keep=options["keep"])
            else:
                done = services.refresh_candidates(actor=SYSTEM, now=timezone.now())
                self.stdout.write(f"{done.pairs} paires pesées, {done.kept} à comparer.")
        except FileNotFoundError as error:
            raise CommandError("Ce fichier n’existe pas. Rien n’a été mesuré.") from error
        except DomainError as error:
            raise CommandError(error.message) from error

    def _evaluate(self, path: Path, *, keep: bool) -> None:
        pairs = dict.fromkeys(labelled.read(path))  # one written twice says nothing more
        scored = [(_probability(pair), pair.same) for pair in pairs]
        self.stdout.write(
            f"{len(pairs)} paires, dont {sum(pair.same for pair in pairs)} d’une même personne"
        )
        self.stdout.write(table(matching.measured(scored)))
        if not keep:
            return
        measured = services.Measured(
            digest=sha256(path.read_bytes()).hexdigest(),
            pairs=len(pairs),
            made_up=any(pair.made_up for pair in pairs),
            measures=matching.measured(scored, unattended.THRESHOLDS),
        )
        kept = services.keep_evaluation(actor=SYSTEM, measured=measured, now=timezone.now())
        self.stdout.write(f"{kept} mesures gardées." if kept else "Ce fichier était déjà mesuré.")


def _probability(pair: labelled.Pair) -> float:
    return matching.judged(matching.known(pair.one), matching.known(pair.other)).probability


def table(measures: Iterable[Measure]) -> str:
    """Write what the rules are worth: one line per threshold."""
    lines = [
        f"{'seuil':>7} {'justes':>8} {'faux':>6} {'manqués':>8} {'précision':>10} "
        f"{'au moins':>9} {'rappel':>8} {'F1':>8}"
    ]
    for one in measures:
        lines.append(
            f"{one.threshold:>7} {one.found:>8} {one.wrong:>6} {one.missed:>8} "
            f"{one.precision:>10.4f} {unattended.precision_proved(one):>9.4f} {one.recall:>8.4f} "
            f"{one.f1:>8.4f}"
        )
    return "\n".join(lines)

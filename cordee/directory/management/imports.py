"""What the two import commands share: options, progress, the report."""

import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.directory import services
from cordee.kernel.errors import DomainError


class Progress:
    """A bar on the terminal; a line every tenth elsewhere."""

    def __init__(self, size: int) -> None:
        self.size, self.said = max(size, 1), -1

    def __call__(self, position: int) -> None:
        done = min(100, position * 100 // self.size)
        step = 1 if sys.stderr.isatty() else 10
        if done // step == self.said:
            return
        self.said = done // step
        if sys.stderr.isatty():
            sys.stderr.write(
                f"\r[{'█' * (done // 4):<25}] {done} %" + ("\n" if done == 100 else "")
            )
        else:
            sys.stderr.write(f"{done} %\n")
        sys.stderr.flush()


class ImportCommand(BaseCommand):
    """Compare a national extraction with the directory; apply it only with --apply."""

    source: str

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--apply", action="store_true", help="applique les changements")
        parser.add_argument(
            "--accept-gone", action="store_true", help="accepte un grand nombre de disparus"
        )
        parser.add_argument(
            "--gone-share",
            type=float,
            default=services.GONE_SHARE,
            metavar="PART",
            help="part de l’annuaire au-delà de laquelle les disparus arrêtent tout (0,05)",
        )
        parser.add_argument(
            "--rejects",
            type=Path,
            metavar="FICHIER",
            help="où écrire les lignes écartées (par défaut, à côté du fichier)",
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        rejects = options["rejects"] or file.with_name(f"{file.name}.ecartees.csv")
        if rejects.resolve() == file.resolve():
            raise CommandError("--rejects nomme l’extraction elle-même : donnez un autre fichier.")
        plan = services.Plan(
            file_name=file.name,
            apply=options["apply"],
            accept_gone=options["accept_gone"],
            gone_share=options["gone_share"],
            rejects=rejects,
        )
        try:
            with file.open("rb") as opened:
                report = self._import(opened, plan)
        except OSError as error:
            raise CommandError(f"Le fichier ne se lit pas : {error.strerror}.") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        self._say(report, rejects)
        if report.too_many_gone and plan.apply:
            raise CommandError(
                f"{report.gone} disparus sur {report.open_before}, {report.places_gone} lieux sur "
                f"{report.places_before} : plus de {plan.gone_share:.0%} de l’annuaire. Rien n’a "
                "été appliqué. Vérifiez que le fichier est complet, puis relancez avec "
                "--accept-gone."
            )

    def _import(self, opened: BinaryIO, plan: services.Plan) -> services.Report:
        return services.import_extraction(
            actor=SYSTEM,
            source=self.source,
            file=opened,
            plan=plan,
            now=timezone.now(),
            progress=Progress(os.fstat(opened.fileno()).st_size),
        )

    def _say(self, report: services.Report, rejects: Path) -> None:
        for label, number in (
            ("lignes lues", report.lines),
            ("ajoutés", report.added),
            ("changés", report.changed),
            ("disparus (fermés, jamais supprimés)", report.gone),
            ("lieux d’exercice disparus", report.places_gone),
            ("inchangés", report.unchanged),
            ("lignes écartées", report.rejected),
            ("structures corrigées ici, gardées", report.kept_here),
            ("clés à vérifier (Luhn), gardées", report.doubtful_keys),
        ):
            self.stdout.write(f"{number:>10}  {label}")
        self.stdout.write(f"Détail des lignes écartées : {rejects}")
        if not report.applied:
            self.stdout.write("À blanc : rien n’a changé. Ajoutez --apply pour appliquer.")

import re
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from cordee.access import archives
from cordee.access.archives import ArchiveFault

NO_RETENTION = "CORDEE_RETENTION_URL manque : seul ce rôle peut archiver et rendre un mois."
NOT_ELSEWHERE = (
    "--folder relit ou rend une copie. Un mois ne part que dans le dossier des archives, le seul "
    "où ce qui est échu est détruit."
)
BUSY = "La base est occupée : ce mois n’a pas bougé. Recommencez dans un moment."


def a_month(word: str) -> date:
    """Read AAAA-MM."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", word):
        raise ValueError(word)
    return date.fromisoformat(f"{word}-01")


class Command(BaseCommand):
    help = (
        "Met en archive les mois clos (contenus des fils, trace, états précédents) dans des "
        "fichiers signés et chiffrés, les relit et les prouve (--verify), ou les rend à la base "
        "(--restore)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("--before", type=a_month, metavar="AAAA-MM")
        wanted.add_argument("--verify", action="store_true", help="relit chaque archive annoncée")
        wanted.add_argument("--restore", metavar="FICHIER", help="le nom d’une archive annoncée")
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui partirait")
        parser.add_argument(
            "--folder", type=Path, help="un autre dossier à relire : une copie des archives"
        )

    def handle(self, *, folder: Path | None, **wanted: Any) -> None:
        house = settings.CORDEE
        if folder and wanted["before"]:
            raise CommandError(NOT_ELSEWHERE)
        self.folder = folder or house.vault / "archives"
        self.key = house.backup_key
        if not self.key:
            raise CommandError("CORDEE_BACKUP_KEY manque : la clé qui chiffre les archives.")
        if not wanted["verify"] and not house.retention_url:
            raise CommandError(NO_RETENTION)
        try:
            with psycopg.connect(
                house.retention_url or house.database_url, autocommit=True
            ) as database:
                if wanted["before"]:
                    self._archive(database, wanted["before"], dry=wanted["dry_run"])
                elif wanted["verify"]:
                    self._verify(database)
                else:
                    self._restore(database, wanted["restore"])
        except psycopg.errors.LockNotAvailable as error:
            raise CommandError(BUSY) from error
        except OSError as error:
            raise CommandError(f"{self.folder} : {error.strerror}. Rien n’a bougé.") from error

    def _archive(self, database: archives.Database, before: date, *, dry: bool) -> None:
        if before > timezone.localdate().replace(day=1):
            raise CommandError("Ce mois n’est pas clos. Rien n’a bougé.")
        months = archives.closed_months(database, before)
        for month in months:
            if waiting := archives.unsealed(database, month):
                raise CommandError(
                    f"{month.file} : {waiting} lignes attendent leur sceau. Laissez passer les "
                    "tâches de fond (cordee worker), puis recommencez."
                )
            try:
                lines = (
                    archives.count(database, month)
                    if dry
                    else archives.archive(
                        database, month, self.folder, key=self.key, now=timezone.now()
                    )
                )
            except ArchiveFault as fault:
                raise CommandError(f"{month.file} : {fault}. Ce mois n’a pas bougé.") from fault
            said = "à archiver (à blanc)" if dry else "archivées"
            self.stdout.write(f"{month.file} : {lines} lignes {said}.")
        if not months:
            self.stdout.write("Aucun mois clos à archiver.")

    def _verify(self, database: archives.Database) -> None:
        broken = 0
        for one in archives.said(database):
            try:
                lines = archives.prove(database, one, self.folder, key=self.key)
                self.stdout.write(f"{one.file} : {lines} lignes prouvées.")
            except ArchiveFault as fault:
                broken += 1
                self.stdout.write(f"{one.file} : {fault}.")
        broken += self._strays(database)
        if broken:
            raise CommandError(f"{broken} archive(s) en défaut.")

    def _strays(self, database: archives.Database) -> int:
        strays = archives.unannounced(database, self.folder)
        late = archives.outlived(database, self.folder)
        for path in strays:
            fault = ArchiveFault("outlived" if path in late else "unannounced")
            self.stdout.write(f"{path.name} : {fault}.")
        return len(strays)

    def _restore(self, database: archives.Database, name: str) -> None:
        known = {one.file: one for one in archives.said(database)}
        one = known.get(Path(name).name)
        if one is None:
            raise CommandError(f"La chaîne de la maison n’annonce pas d’archive {name}.")
        try:
            lines = archives.restore(database, one, self.folder, key=self.key, now=timezone.now())
        except ArchiveFault as fault:
            raise CommandError(f"{one.file} : {fault}. La base n’a pas bougé.") from fault
        self.stdout.write(f"{one.file} : {lines} lignes rendues à la base.")

from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from cordee.access.archives import destroy
from cordee.access.categories import Database, Due, decided, elsewhere, let_go, report
from cordee.access.management.decisions import readable
from cordee.access.removal import LeftBehind
from cordee.access.rules import NOTICE


class Command(BaseCommand):
    help = (
        "Dit, par catégorie, la durée décidée (CORDEE_RETENTION), ce qui est échu et depuis quand "
        "c’est annoncé. Avec --apply : efface ce qui est annoncé depuis une semaine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true")

    def handle(self, *, apply: bool, **options: Any) -> None:
        house, now = settings.CORDEE, timezone.now()
        if not house.retention_url:
            raise CommandError("CORDEE_RETENTION_URL manque : seul ce rôle peut effacer.")
        with readable(house), psycopg.connect(house.retention_url, autocommit=True) as database:
            found = report(database, decided(house.retention), now)
            self._each(database, found, now, apply=apply)
            if apply:
                destroy(database)

    def _each(self, database: Database, found: list[Due], now: datetime, *, apply: bool) -> None:
        for due in found:
            if apply and due.is_ripe(now):
                self._apply(database, due, now)
            else:
                self._tell(due)
            for file in elsewhere(database, due, now):
                self.stdout.write(f"    à rendre d’abord (cordee archive --restore) : {file}")

    def _apply(self, database: Database, due: Due, now: datetime) -> None:
        try:
            gone = let_go(database, due, now)
        except psycopg.errors.LockNotAvailable:
            raise
        except LeftBehind as left:
            self.stdout.write(f"{due.category.label} : {left.gone} effacés.")
            kept = ", ".join(map(str, left.ids))
            self.stderr.write(f"    gardés, ce qui est à une autre personne en dépend : {kept}")
            return
        except psycopg.Error as error:  # the others go all the same
            self.stderr.write(f"{due.category.label} : rien n’a pu s’effacer ({error.sqlstate}).")
            return
        self.stdout.write(f"{due.category.label} : {gone} effacés.")
        self.stdout.write(f"    règle : {due.decision.rule}")  # type: ignore[union-attr]

    def _tell(self, due: Due) -> None:
        label = due.category.label
        if due.decision is None:
            self.stdout.write(f"{label} : aucune durée décidée, tout est gardé.")
            return
        when = "rien n’est échu"
        if due.count and due.announced_at is None:
            when = f"{due.count} échus, à annoncer (tâche de la nuit) avant d’effacer"
        elif due.count and due.announced_at:
            day = timezone.localtime(due.announced_at + NOTICE)
            when = f"{due.count} échus, effaçables à partir du {day:%d/%m/%Y à %H:%M}"
        self.stdout.write(f"{label} : {when}.")
        self.stdout.write(f"    règle : {due.decision.rule}")

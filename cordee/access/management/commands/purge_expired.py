from datetime import date
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from cordee.access.categories import decided, hold
from cordee.access.management.decisions import readable
from cordee.access.retention import expired, remove


class Command(BaseCommand):
    help = (
        "Efface ce dont la durée est échue : mois de trace et contenus des fils endormis avant un "
        "jour donné. Sans --apply : à blanc. Avec le rôle de conservation (CORDEE_RETENTION_URL)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("before", type=date.fromisoformat, help="AAAA-MM-JJ")
        parser.add_argument(
            "--rule", required=True, help="la règle qui le permet, en toutes lettres"
        )
        parser.add_argument("--apply", action="store_true")

    def handle(self, *, before: date, rule: str, apply: bool, **options: Any) -> None:
        url = settings.CORDEE.retention_url
        if not url:
            raise CommandError("CORDEE_RETENTION_URL manque : seul ce rôle peut effacer.")
        now = timezone.now()
        if before >= timezone.localdate(now):
            raise CommandError("Ce jour n’est pas passé. Rien n’a été effacé.")
        with readable(settings.CORDEE), psycopg.connect(url, autocommit=True) as database:
            hold(database, decided(settings.CORDEE.retention))
            found = expired(database, before)
            contents = found.contents
            if apply:
                contents = remove(database, found, rule=rule, now=now)
        said = "effacés" if apply else "à effacer (à blanc)"
        self.stdout.write(
            f"{found.trace_lines} lignes de trace ({len(found.months)} mois) et "
            f"{contents} contenus de fils {said}."
        )

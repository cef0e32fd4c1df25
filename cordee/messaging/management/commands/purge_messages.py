from typing import Any

import psycopg
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from cordee.access.categories import decided, hold
from cordee.access.management.decisions import readable
from cordee.messaging.retention import PROPOSED, count, due, elsewhere, let_go


class Command(BaseCommand):
    help = (
        "Vide les mots des messages, puis efface les messages, dont la durée est échue "
        "(CORDEE_MESSAGE_WORDS_DAYS, CORDEE_MESSAGE_ROWS_DAYS, CORDEE_MESSAGE_RULE). "
        "Sans --apply : à blanc. Avec le rôle de conservation (CORDEE_RETENTION_URL)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true")

    def handle(self, *, apply: bool, **options: Any) -> None:
        house = settings.CORDEE
        if not house.retention_url:
            raise CommandError("CORDEE_RETENTION_URL manque : seul ce rôle peut effacer.")
        rule, now = house.message_rule or PROPOSED, timezone.now()
        with readable(house), psycopg.connect(house.retention_url) as database:
            hold(database, decided(house.retention))
            for category, before in due(house, now):
                found = (
                    let_go(database, category, before, rule=rule, now=now)
                    if apply
                    else count(database, category, before)
                )
                said = "effacés" if apply else "à effacer (à blanc)"
                day = timezone.localtime(before)
                self.stdout.write(f"{found} {category.label} d’avant le {day:%d/%m/%Y} {said}.")
                for file in elsewhere(database, category, before):
                    self.stdout.write(f"    à rendre d’abord (cordee archive --restore) : {file}")
        self.stdout.write(f"Règle : {rule}.")

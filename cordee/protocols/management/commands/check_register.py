"""Judge everybody on a pathway at once, and have read again what the register does not say."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.protocols.upkeep import check_now, wake_due


class Command(BaseCommand):
    help = "Vérifie le registre des ruptures de tous les parcours, et relit ceux qu’il dit mal."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many pathways were read again: never whose."""
        now = timezone.now()
        wrong = check_now(SYSTEM, now)
        while wake_due(SYSTEM, now):
            pass
        self.stdout.write(f"{wrong} parcours relus" if wrong > 1 else f"{wrong} parcours relu")

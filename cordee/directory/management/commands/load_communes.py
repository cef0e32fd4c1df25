"""Bring the shipped communes into the database."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.directory import services


class Command(BaseCommand):
    help = "Charge les communes françaises livrées avec Cordée ; peut être relancé sans dommage."

    def handle(self, **options: Any) -> None:
        count = services.load_communes(actor=SYSTEM, now=timezone.now())
        self.stdout.write(f"{count} communes en vigueur.")

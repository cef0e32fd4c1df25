"""Bring the protocols that come with Cordée into the database."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.protocols import services
from cordee.protocols.shipped import texts


class Command(BaseCommand):
    help = "Apporte les protocoles livrés avec Cordée ; peut être relancé sans dommage."

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep each of them, to be taken up and validated by a structure."""
        for text in texts().values():
            kept = services.load_shipped(actor=SYSTEM, text=text, now=timezone.now())
            self.stdout.write(f"{kept.title}, version {kept.edition}")

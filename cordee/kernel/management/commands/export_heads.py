from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from django.utils import timezone

from cordee.kernel.heads import export_heads


class Command(BaseCommand):
    help = "Signe et exporte la tête de chaque fil qui a bougé, à garder loin de la base."

    def handle(self, **options: Any) -> None:
        written = export_heads(folder=settings.CORDEE.data / "heads", now=timezone.now())
        self.stdout.write(f"Têtes exportées : {written.name}")

"""Load the demonstration: each room brings its own, from the lowest floor up."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cordee.web import demo
from cordee.web.management.scale import load as load_scale

# The accounts come right after the directory: the rooms above speak in their name.
BELOW, ABOVE = (
    ("directory",),
    (
        "people",
        "assessments",
        "messaging",
        "intake",
        "broker",
        "plans",
        "vigilance",
        "protocols",
        "pathways",
        "partners",
    ),
)


class Command(BaseCommand):
    """Made-up data, on this machine only; running it again changes nothing."""

    help = "Charge les données fictives de démonstration. Peut être relancée sans risque."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--accounts` prints who can sign in, `--kept` writes it down once all is loaded;
        `--scale` adds a region of any size."""
        parser.add_argument("--accounts", action="store_true", help="Liste les comptes.")
        parser.add_argument(
            "--kept", type=Path, metavar="FICHIER", help="Écrit les comptes dans ce fichier."
        )
        parser.add_argument(
            "--scale", type=int, default=0, metavar="N", help="Ajoute une région de N personnes."
        )

    def handle(
        self,
        *args: Any,
        accounts: bool = False,
        kept: Path | None = None,
        scale: int = 0,
        **options: Any,
    ) -> None:
        """Load, or print."""
        if not settings.CORDEE.is_demonstration:
            raise CommandError("Le mode production refuse les données de démonstration.")
        if accounts:
            self.stdout.write("\n".join(demo.printed()))
            return
        now = timezone.now()
        for room in (*BELOW, "web", *ABOVE):
            if find_spec(f"cordee.{room}.demo"):
                self.stdout.write(f"{room}…")
                import_module(f"cordee.{room}.demo").load(now)
        if scale:
            load_scale(scale, now, told=self.stdout.write)
        if kept:
            kept.touch(mode=0o600)
            kept.write_text("\n".join(demo.printed()))

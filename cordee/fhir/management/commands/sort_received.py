"""Sort again what partners sent, by the rules of today."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.fhir.sorting import Sorted, kept_under_a_modifier, sort_again


class Command(BaseCommand):
    help = (
        "Range de nouveau, selon ses étiquettes, ce que des partenaires ont envoyé : ce qui se "
        "lisait trop largement passe sous sa catégorie protégée, rien n’est ouvert davantage. Peut "
        "être relancé sans dommage ; nomme ce qu’aucune règle ne range."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """A commit for each hundred; what was done stays when it is cut short."""
        done = Sorted()
        while sort_again(actor=SYSTEM, so_far=done, now=timezone.now()):
            pass
        became = ", ".join(f"{count} en {one.label}" for one, count in sorted(done.became.items()))
        self.stdout.write(f"{done.looked} regardés ; {became or 'rien à déplacer'}.")
        self._name("qu’aucune règle ne range", done.unsorted)
        self._name("gardés sous un élément qui en change le sens", kept_under_a_modifier())

    def _name(self, what: str, found: list[str]) -> None:
        if found:
            self.stdout.write(f"{len(found)} {what}, à regarder :")
            self.stdout.write("\n".join(found))

"""A token of the partner of the demonstration, asked at the door as a real one asks."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cordee.partners import demo
from cordee.partners.gateways.outside import Asked, Unreachable, ask
from cordee.partners.oauth.server import addresses

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Command(BaseCommand):
    """Print a token, alone on its line: it opens for some minutes what that partner may see."""

    help = "Imprime un jeton du partenaire de démonstration. La maison doit tourner."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and print."""
        if not settings.CORDEE.is_demonstration:
            raise CommandError("Le mode production n’a pas de partenaire de démonstration.")
        client = demo.partner()
        if client is None:
            raise CommandError("Le partenaire n’est pas là : chargez-le par « cordee demo ».")
        form = urlencode(demo.proved(client, timezone.now())).encode()
        try:
            said = ask(addresses()["token"], Asked("POST", FORM, form), seconds=10, heaviest=20_000)
        except Unreachable as error:
            raise CommandError("La maison ne répond pas : « make run » d’abord.") from error
        if said.status != 200:
            raise CommandError(f"Le jeton est refusé (réponse {said.status}).")
        self.stdout.write(orjson.loads(said.body)["access_token"])

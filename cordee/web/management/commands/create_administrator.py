"""Open the first account of a house: somebody who will invite the others."""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError
from cordee.web import services


class Command(BaseCommand):
    """Ask for a password; never take one from the command line."""

    help = "Crée le premier compte d’administration et la structure qui l’emploie."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and for which structure."""
        parser.add_argument("--email", required=True, help="Adresse électronique.")
        parser.add_argument("--name", required=True, help="Nom affiché.")
        parser.add_argument("--organization", required=True, help="Nom de la structure.")

    def handle(self, *args: Any, email: str, name: str, organization: str, **options: Any) -> None:
        """Create the account, its structure and its role, in one commit."""
        password = getpass("Mot de passe (12 caractères au moins) : ")
        if password != getpass("Encore une fois : "):
            raise CommandError("Les deux saisies diffèrent. Rien n’a été créé.")
        wanted = services.FirstAdministrator(email, name, organization, password)
        try:
            services.create_administrator(actor=SYSTEM, wanted=wanted, now=timezone.now())
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            "Compte créé. Connectez-vous, ajoutez un second facteur, puis invitez les autres."
        )

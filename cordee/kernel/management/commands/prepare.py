from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from cordee.kernel.folding import fold_migrations
from cordee.kernel.prepare import arm, role_in


class Command(BaseCommand):
    help = "Met la base à jour et l’arme, avec le rôle propriétaire (CORDEE_OWNER_URL)."

    def handle(self, **options: Any) -> None:
        environment = settings.CORDEE
        if not environment.owner_url:
            raise CommandError("CORDEE_OWNER_URL manque : les migrations se font avec ce rôle.")
        if role_in(environment.owner_url) == role_in(environment.database_url):
            raise CommandError(
                "DATABASE_URL et CORDEE_OWNER_URL ont le même rôle : l’application ne doit être "
                "ni propriétaire ni superutilisateur."
            )
        from django.db import connection

        connection.close()
        connection.settings_dict.update(settings_of(environment.owner_url))
        with fold_migrations():
            call_command("migrate", interactive=False, verbosity=options["verbosity"])
        arm(
            application=role_in(environment.database_url),
            retention=role_in(environment.retention_url),
        )


def settings_of(url: str) -> dict[str, object]:
    from config.settings import database

    return {**database(url), "OPTIONS": {}}

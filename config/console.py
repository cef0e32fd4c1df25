"""`cordee`: the management commands of the rooms, on the right database, with dashes allowed.

With DATABASE_URL, that server is used as it is. Without it, the embedded server is: started if the
house is asleep, and put back to sleep afterwards.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from config.environment import Malformed, problems_in_production, read
from host.database import embedded
from host.failures import CannotStart
from host.postgres import Server

ROOT = Path(__file__).resolve().parent.parent
AS_OWNER = {"prepare", "migrate"}
AS_RETENTION = {"archive", "purge_expired", "purge_messages", "retention"}
OF_THE_HOUSE = {"backup": "host.backup", "restore": "host.restore"}  # they need no room


class NotPrepared(CannotStart):
    """A command was given a base that lacks what it asks for."""

    def __init__(self) -> None:
        super().__init__(
            "La base de données n’est pas prête pour cette version de Cordée : elle n’a jamais été "
            "préparée, ou l’a été par une version plus ancienne. Ce qu’elle contient y reste, rien "
            "n’est perdu. Tapez « cordee prepare », ou « make run » qui la prépare puis démarre "
            "Cordée, et recommencez. (house.not_prepared)"
        )


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words:
        words[0] = words[0].replace("-", "_") if not words[0].startswith("-") else words[0]
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    started: Server | None = None
    try:
        if words[:1] and words[0] in OF_THE_HOUSE:
            return int(import_module(OF_THE_HOUSE[words[0]]).main(words[1:]))
        started = _embedded_server(words)
        return _execute(words)
    except (Malformed, CannotStart) as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return 1
    finally:
        if started:
            started.stop()


def _embedded_server(words: list[str]) -> Server | None:
    """Reach the embedded server when no other was given; return it if it has to be stopped."""
    environment = read(os.environ)
    if environment.database_url:
        return None
    if not environment.is_demonstration and problems_in_production(environment):
        return None  # the settings refuse, and say why
    server = Server(environment.data, programs=environment.postgres_bin)
    was_up = server.answers()
    addresses = embedded(server)
    os.environ["DATABASE_URL"] = addresses.app
    if words[:1] and words[0] in AS_OWNER:
        os.environ["CORDEE_OWNER_URL"] = addresses.owner
    if words[:1] and words[0] in AS_OWNER | AS_RETENTION:
        os.environ["CORDEE_RETENTION_URL"] = addresses.retention
    return None if was_up else server


def _is_behind() -> bool:
    """Say whether the base was never prepared, or for an earlier version of the code."""
    from django.apps import apps
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    if not apps.ready:
        return False
    try:
        connection.close()  # what failed may have left it in the middle of something
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:  # it does not answer: that is another story
        return False


def _execute(words: list[str]) -> int:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from cordee.access.sight import house_from_the_start

    house_from_the_start()
    try:
        execute_from_command_line(["cordee", *words])
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except Exception as error:
        if not _is_behind():
            raise
        raise NotPrepared from error
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0

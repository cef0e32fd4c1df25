"""Which database the house uses: its own server, or one that is already there."""

from dataclasses import dataclass

import psycopg

from config.environment import Environment
from host.failures import CannotStart
from host.postgres import Server

NAME = "cordee"
OLDEST = 15

QUESTION = """
    SELECT current_setting('server_version_num')::int / 10000, rolsuper,
           pg_has_role(current_user, datdba, 'USAGE')
    FROM pg_roles, pg_database
    WHERE rolname = current_user AND datname = current_database()
"""


@dataclass(frozen=True)
class Addresses:
    """The database under each of its roles; empty when the house was not given that one."""

    app: str
    owner: str
    retention: str


def existing(environment: Environment) -> Addresses:
    """Return the addresses of the server given by the user, once its role was looked at."""
    try:
        with psycopg.connect(environment.database_url, connect_timeout=10) as connection:
            version, is_superuser, is_owner = connection.execute(QUESTION).fetchone() or (0, 0, 0)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise CannotStart(f"La base de DATABASE_URL ne répond pas : {reason}") from error
    if version < OLDEST:
        raise CannotStart(
            f"DATABASE_URL mène à PostgreSQL {version} : il faut la version {OLDEST} ou une plus "
            "récente."
        )
    if is_superuser or is_owner:
        raise CannotStart(
            "Le rôle de DATABASE_URL est propriétaire ou superutilisateur : donnez le rôle de "
            "l’application, et le propriétaire dans CORDEE_OWNER_URL (docs/exploitation.md)."
        )
    return Addresses(
        app=environment.database_url,
        owner=environment.owner_url,
        retention=environment.retention_url,
    )


def embedded(server: Server) -> Addresses:
    """Start the server of the house and return the addresses of its database."""
    server.start()
    server.ensure_database(NAME)
    return Addresses(
        app=server.app_url(NAME),
        owner=server.owner_url(NAME),
        retention=server.retention_url(NAME),
    )

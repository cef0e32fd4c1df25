"""What commands of retention say when decisions cannot be followed, or not to the end."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import CommandError

from config.environment import Environment
from cordee.access.archives import ArchiveStays
from cordee.access.rules import Unreadable


@contextmanager
def readable(house: Environment) -> Iterator[None]:
    """Say which file cannot be read, and why: nothing went; or which one cannot be destroyed.

    Raises CommandError.
    """
    try:
        yield
    except (Unreadable, OSError) as error:
        raise CommandError(f"{house.retention} : {error}. Rien n’a été effacé.") from error
    except ArchiveStays as kept:
        raise CommandError(str(kept)) from kept
    except psycopg.errors.LockNotAvailable as error:
        raise CommandError("La base est occupée. Recommencez dans un moment.") from error

"""What commands of retention do when the controller's decisions cannot be followed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError

from config.environment import Environment
from cordee.access.rules import Unreadable


@contextmanager
def readable(house: Environment) -> Iterator[None]:
    """Say which file cannot be read, and why. Raises CommandError: nothing went."""
    try:
        yield
    except (Unreadable, OSError) as error:
        raise CommandError(f"{house.retention} : {error}. Rien n’a été effacé.") from error

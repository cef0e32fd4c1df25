"""What commands of retention read before they touch anything."""

from django.core.management import CommandError

from config.environment import Environment
from cordee.access.categories import Decided, decided
from cordee.access.rules import Unreadable


def decisions_of(house: Environment) -> Decided:
    """Read the controller's decisions. Raises CommandError: unread, nothing may go."""
    try:
        return decided(house.retention)
    except (Unreadable, OSError) as error:
        raise CommandError(f"{house.retention} : {error}. Rien n’a été effacé.") from error

"""The communes brought from the shipped file into the database."""

from datetime import datetime

from django.db import connection

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory import communes


@action("directory.load_communes", on=None)
def load_communes(*, actor: Actor, now: datetime) -> int:
    """Bring the shipped communes in; one that no longer exists is kept, as a thing of the past.

    Returns how many there are. Running it again changes nothing.
    """
    with connection.cursor() as cursor:
        return communes.bring_in(cursor)

"""Who of a structure has on their list what was said at somebody’s home."""

from uuid import UUID

from cordee.access.actor import Role
from cordee.people import selectors as people

TEAM, HELPERS = "", Role.HOME_HELP.value


def roles(desk: UUID, service: UUID, person: UUID) -> list[str]:
    """Say for which roles of a structure a task stands: the team that coordinates, or helpers.

    `service`: the home service that came. When it answers itself (the person refused coordination,
    or nobody coordinates) its helpers are asked: they alone may read. Nobody is asked about who is
    dead. Three queries at most.
    """
    if people.is_deceased(person):
        return []
    found = [TEAM] if people.may_follow(desk, person) else []
    if desk == service and people.may_follow(desk, person, Role.HOME_HELP):
        found.append(HELPERS)
    return found

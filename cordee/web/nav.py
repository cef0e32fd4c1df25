"""The rail, the menu and the commands of the palette: what each role is offered, in words."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from cordee.access.actor import Role

DESK = frozenset({Role.ORIENTEUSE, Role.COORDINATOR, Role.HOSPITAL})
CARE = DESK | {Role.PRACTITIONER, Role.HOME_HELP}
OWN = frozenset({Role.PERSON, Role.RELATIVE})
ANYONE = frozenset(Role) - {Role.ANONYMOUS, Role.GUEST, Role.SYSTEM, Role.PARTNER}


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go, and for whom it is."""

    text: str
    view: str
    icon: str
    roles: frozenset[Role]
    words: str = ""  # other words under which the palette finds it

    @property
    def href(self) -> str:
        """The address."""
        return reverse(self.view)


RAIL = (
    Place("Travail", "web:home", "inbox", ANYONE - OWN, "liste accueil tâches"),
    Place("Appel", "intake:desk", "call", DESK, "téléphone décrocher prendre nouvel appel"),
    Place("Demandes", "intake:queue", "list", DESK, "file reçues"),
    Place("Recherches", "broker:board", "search", DESK, "infirmière trouver vagues"),
    Place("Personnes", "people:list", "person", CARE, "chercher patient"),
    Place(
        "Annuaire",
        "directory:list",
        "directory",
        CARE | {Role.ADMINISTRATOR},
        "professionnels",
    ),
    Place("Messages", "messaging:list", "message", DESK | {Role.ADMINISTRATOR}, "sms envoyés"),
    Place("Traces", "access:traces", "eye", frozenset({Role.DPO}), "consultations audit"),
    Place(
        "Administration",
        "web:administration",
        "settings",
        frozenset({Role.ADMINISTRATOR}),
        "comptes rôles",
    ),
)


def places(request: HttpRequest) -> list[Place]:
    """What the actor may be offered; a door that is not there is not shown."""
    return [place for place in RAIL if request.actor.role in place.roles and _exists(place)]


def _exists(place: Place) -> bool:
    try:
        reverse(place.view)
    except NoReverseMatch:
        return False
    return True

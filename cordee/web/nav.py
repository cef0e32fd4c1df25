"""The rail, the menu and the commands of the palette: what each role is offered, in words."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from cordee.access.actor import Role
from cordee.people.policy import STEERING

CALLS = frozenset({Role.ORIENTEUSE, Role.COORDINATOR})  # who takes calls and leads searches
DESK = CALLS | {Role.HOSPITAL}
CARE = DESK | {Role.PRACTITIONER, Role.HOME_HELP}
OWN = frozenset({Role.PERSON, Role.RELATIVE})
NURSE = frozenset({Role.PRACTITIONER})
HELPERS = frozenset({Role.HOME_HELP})
ADMIN = frozenset({Role.ADMINISTRATOR})
DPO = frozenset({Role.DPO})
ANYONE = frozenset(Role) - {Role.ANONYMOUS, Role.GUEST, Role.SYSTEM, Role.PARTNER}


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go, and for whom it is."""

    text: str
    view: str
    icon: str
    roles: frozenset[Role]
    words: str = ""  # other words under which the palette finds it
    under: tuple[str, ...] = ()  # how the addresses of other rooms begin whose pages are of here

    @property
    def href(self) -> str:
        """The address."""
        return address(self.view) or ""


RAIL = (
    Place(
        "Travail",
        "web:home",
        "inbox",
        DESK | DPO | HELPERS,
        "liste accueil tâches",
        under=("/a-faire", "/taches/"),
    ),
    Place("Reçues", "broker:mine", "wave", NURSE, "demandes sollicitations oui non réponses"),
    Place("Mes actions", "pathways:mine", "tasks", NURSE, "confiées plan réunion décision à moi"),
    Place("Appel", "intake:desk", "call", CALLS, "téléphone décrocher prendre nouvel appel"),
    Place("Demandes", "intake:queue", "list", DESK, "file reçues"),
    Place("Recherches", "broker:board", "wave", CALLS, "infirmière trouver vagues"),
    Place("Mes visites", "vigilance:phone", "home", HELPERS, "téléphone noter visite domicile"),
    Place(
        "Mon espace",
        "people:own",
        "home",
        OWN,
        "accueil dossier fil choix",
        under=("/personnes/", "/plans/", "/evaluations/", "/parcours/", "/ruptures/", "/cahier/"),
    ),
    Place(
        "Personnes",
        "people:list",
        "person",
        CARE,
        "chercher patient",
        under=(
            *("/plans/", "/evaluations/", "/parcours/", "/ruptures/"),
            *("/cahier/", "/reunions/", "/notes-de-reflexion/", "/suivi-renforce/"),
        ),
    ),
    Place("Mon exercice", "directory:my_practice", "calendar", NURSE, "zone horaires pause arrêt"),
    Place(
        "Annuaire",
        "directory:list",
        "directory",
        CARE | {Role.ADMINISTRATOR},
        "professionnels",
    ),
    Place("Messages", "messaging:list", "message", DESK | {Role.ADMINISTRATOR}, "sms envoyés"),
    Place("Traces", "web:traces", "eye", DPO, "consultations audit"),
    Place(
        "Administrer",
        "web:administration",
        "settings",
        frozenset({Role.ADMINISTRATOR}),
        "administration comptes rôles",
    ),
)


def places_of(role: Role) -> list[Place]:
    """What a role may be offered; a door that is not there is not shown."""
    return [place for place in RAIL if role in place.roles and _exists(place)]


DEEDS = (
    Place("Prendre un appel", "intake:desk", "call", CALLS, "décrocher téléphone nouvel"),
    Place("Mes actions", "pathways:mine", "tasks", CARE - NURSE, "confiées plan réunion décision"),
    Place("Chercher une personne", "people:list", "search", CARE, "trouver nom naissance INS"),
    Place("Créer une personne", "people:create", "plus", DESK, "nouvelle inscrire"),
    Place(
        "Fiches qui se ressemblent",
        "people:pairs",
        "team",
        CALLS,
        "doublons réunir fusionner comparer",
    ),
    Place(
        "Questionnaires d’évaluation",
        "assessments:questionnaires",
        "room-assessments",
        CARE | ADMIN,
        "instruments grilles AGGIR publier apporter",
    ),
    Place(
        "Parcours types",
        "protocols:list",
        "room-pathways",
        CARE | ADMIN,
        "protocoles modèles parcours écrire approuver comparer",
    ),
    Place(
        "Ruptures de parcours",
        "protocols:register",
        "warning",
        STEERING,
        "registre retard protocole silence parcours",
    ),
    Place(
        "Chemins réels",
        "protocols:ways",
        "room-pathways",
        STEERING,
        "carte étapes durées parcours statistiques",
    ),
    Place(
        "Téléphones des visites",
        "vigilance:phones",
        "mobile",
        HELPERS | ADMIN | frozenset({Role.COORDINATOR}),
        "aide à domicile retirer durée",
    ),
    Place(
        "Envois mis de côté",
        "vigilance:aside",
        "warning",
        HELPERS | frozenset({Role.COORDINATOR}),
        "visites refusées téléphone",
    ),
    Place(
        "Je ne me sens pas en sécurité",
        "vigilance:safety",
        "warning",
        HELPERS,
        "danger menace agression peur aide à domicile",
    ),
    Place("Planning des visites", "vigilance:planning", "calendar", HELPERS, "importer CSV ICS"),
    Place(
        "Alertes du domicile",
        "vigilance:alerts",
        "warning",
        STEERING | HELPERS,
        "budget visites baisse signe",
    ),
    Place(
        "Suivi renforcé",
        "vigilance:cohort",
        "flag",
        STEERING,
        "cohorte de près visites vigilance",
    ),
    Place(
        "Bilan des visites",
        "vigilance:board",
        "list",
        frozenset({Role.COORDINATOR}),
        "tableau notes domicile avant après service",
    ),
    Place("Charge de l’équipe", "pathways:caseload", "team", STEERING, "suivis répartir confier"),
    Place("Relève et astreinte", "directory:roster", "handover", DESK, "permanence tours"),
    Place(
        "Mon mobile d’astreinte",
        "messaging:call_mobile",
        "mobile",
        DESK | HELPERS,
        "sms alerte nuit permanence numéro",
    ),
    Place("Inviter quelqu’un", "web:invitations", "mail", ADMIN, "compte nouveau créer"),
    Place("Comptes et rôles", "web:accounts", "team", ADMIN, "révoquer second facteur"),
    Place(
        "Applications et systèmes partenaires",
        "partners:clients",
        "shield",
        ADMIN,
        "machines API FHIR SMART clés jetons",
    ),
    Place(
        "Exports de données",
        "fhir:exports",
        "download",
        ADMIN | DPO,
        "bulk FHIR emporter fichiers partenaires annuler",
    ),
    Place(
        "Imports de données",
        "fhir:imports",
        "upload",
        ADMIN | DPO,
        "bulk FHIR recevoir reprise fichiers partenaires annuler",
    ),
    Place("Applications autorisées", "partners:mine", "shield", ANYONE, "accès retirer jetons"),
    Place("Changer de rôle", "web:hats", "team", ANYONE, "structure organisation"),
    Place("Sessions ouvertes", "usersessions_list", "mobile", ANYONE, "fermer appareils"),
    Place("Bases légales", "people:bases", "shield", ADMIN | DPO, "RGPD consentement usages"),
    Place(
        "Réunions automatiques", "people:unattended", "team", ADMIN | DPO, "doublons fiches fusion"
    ),
    Place("Accès d’urgence à relire", "people:emergencies", "warning", DPO, "relecture"),
    Place("État du service", "web:condition", "info", ANYONE, "panne retard textos incident"),
    Place("Aide", "web:guide", "info", ANYONE, "guide mode d’emploi comment faire"),
    Place("Se déconnecter", "account_logout", "logout", ANYONE, "quitter sortir"),
)


def palette_of(request: HttpRequest) -> dict[str, Any]:
    """The commands of the palette, and where it searches a person by POST."""
    role = request.actor.role
    found = [place for place in (*RAIL, *DEEDS) if role in place.roles and _exists(place)]
    choices = [
        {"text": one.text, "href": one.href, "icon": one.icon, "words": one.words} for one in found
    ]
    search = Place("", "people:search", "search", CARE)
    may_search = role in search.roles and _exists(search)
    return {"choices": choices, "find_url": search.href if may_search else "", "find_field": "q"}


# Settings are kept by the rooms that use them; administration only leads there.
DESKS = (
    Place("Comptes et rôles", "web:accounts", "team", ADMIN, "Ouvrir, fermer, donner un rôle"),
    Place("Invitations", "web:invitations", "mail", ADMIN, "Faire venir quelqu’un par courriel"),
    Place("Seconds facteurs", "web:resets", "shield", ADMIN, "Approuver une remise à zéro"),
    Place("Applications et systèmes", "partners:clients", "shield", ADMIN, "Clés, rôles, appels"),
    Place("Exports de données", "fhir:exports", "download", ADMIN, "Qui emporte quoi, arrêter"),
    Place("Imports de données", "fhir:imports", "upload", ADMIN, "Qui envoie quoi, arrêter"),
    Place("Structures", "directory:organizations", "organization", ADMIN, "Créer, corriger"),
    Place("Territoires", "directory:territories", "map", ADMIN, "Communes réunies, populations"),
    Place("Permanences", "directory:rosters", "calendar", ADMIN, "Pôles, tours, relève"),
    Place("Secteurs", "directory:sectors", "pin", ADMIN, "Qui répond de quelles communes"),
    Place("Modèles de messages", "messaging:templates", "message", ADMIN, "Mots des textos"),
    Place("Grille de triage", "intake:grids", "list", ADMIN, "Version signée en usage"),
    Place("Questionnaires", "assessments:questionnaires", "list", ADMIN, "Instruments publiés"),
    Place("Parcours types", "protocols:list", "list", ADMIN, "Protocoles à approuver, en usage"),
    Place("Bases légales", "people:bases", "shield", ADMIN, "Pourquoi les données servent"),
    Place("Réglages des recherches", "broker:settings", "settings", ADMIN, "Vagues, délais"),
    Place("Réunions automatiques", "people:unattended", "team", ADMIN, "Fiches en double, preuve"),
)


def desks_of_administration() -> list[Place]:
    """The screens that administration uses, wherever they live."""
    return [place for place in DESKS if _exists(place)]


def address(view: str) -> str | None:
    """Give the address of a door without identifiers, or nothing when no room has it."""
    return _address(view, settings.ROOT_URLCONF)


@cache
def _address(view: str, urlconf: str) -> str | None:
    try:
        return reverse(view, urlconf)
    except NoReverseMatch:
        return None


def _exists(place: Place) -> bool:
    return address(place.view) is not None

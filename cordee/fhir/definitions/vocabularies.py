"""CodeSystem and ValueSet: the lists of the house, from the code that writes them; HL7's required.

HL7's value sets come from its own package (CC0), as lists of codes. A list whose licence would not
let it be given again is not here: the national nomenclatures are named by their address alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from cordee.access.models import Trace
from cordee.directory.kinds import CareKind, OrganizationKind, TerritoryKind
from cordee.fhir.choices import HINT
from cordee.fhir.outcome import Json
from cordee.fhir.resources import care_team, related_person, service_request, task
from cordee.fhir.resources.document_reference import TITLE as NOTE
from cordee.fhir.resources.encounter import NATURES
from cordee.fhir.resources.observation import CODES as NOTED
from cordee.fhir.shape.tables import about, value_sets
from cordee.fhir.systems import CANONICAL, ours
from cordee.intake.models import Weight
from cordee.liaison.rules import Importance
from cordee.messaging.wordings import SHIPPED
from cordee.pathways.rules import kinds as tasks
from cordee.people.models import CircleMember
from cordee.people.rules.notices import How
from cordee.people.rules.processing import Purpose
from cordee.people.rules.sharing import Audience, Category, Ground, Medium, Speaker
from cordee.people.selectors.thread import SOURCES
from cordee.plans.rules.domains import Domain
from cordee.protocols.rules.outcomes import Cause, Standing
from cordee.protocols.vocabulary import names_of_kinds
from cordee.vigilance.rules.marks import LEVELS, MARKS, SIGNS
from cordee.vigilance.rules.trend import Signal

Codes = Mapping[str, str]
"""Codes, each with how it is said."""


@dataclass(frozen=True)
class Vocabulary:
    """A list of the house: its name, what it is, and its codes; None: they are not listed here."""

    name: str
    title: str
    codes: Callable[[], Codes] | None
    why: str = ""

    @property
    def url(self) -> str:
        """The address of the code system."""
        return ours(self.name)


def _of(kinds: object) -> Callable[[], Codes]:
    """The codes of an enumeration of the house, said by its labels; what has no code is left."""
    return lambda: {one.value: str(one.label) for one in kinds if one.value}  # type: ignore[attr-defined]


def _one(code: str, label: str) -> Callable[[], Codes]:
    return lambda: {code: label}


def _circle_roles() -> Codes:
    said = {code: str(label) for code, label in CircleMember.Role.choices}
    return said | dict((care_team.USUAL_NURSE, care_team.OF_REFERENCE))


def _links() -> Codes:
    from cordee.people.models import Relative

    kinds = Relative.Link
    return {one.value: str(one.label) for one in kinds if one not in related_person.LINKS}


BY_QUESTIONNAIRES = "The codes are those of the questionnaires in use."
VOCABULARIES = (
    Vocabulary("alert-signal", "Signal d’une alerte du domicile", _of(Signal)),
    Vocabulary("audience", "À qui une information est ouverte", _of(Audience)),
    Vocabulary("band", "Tranche d’un score", None, BY_QUESTIONNAIRES),
    Vocabulary("care-kind", "Nature d’un soin demandé", _of(CareKind)),
    Vocabulary("care-plan", "Nature d’un plan", _one("ppcs", "Plan personnalisé")),
    Vocabulary("circle-ground", "Ce qui fonde une place dans le cercle", _of(Ground)),
    Vocabulary("circle-role", "Rôle dans le cercle", _circle_roles),
    Vocabulary("collected-how", "Comment un choix a été recueilli", _of(How)),
    Vocabulary("consent-action", "Ce qu’un choix permet ou refuse", _one(*HINT)),
    Vocabulary("document-type", "Nature d’un document", _one("liaison-note", NOTE)),
    Vocabulary("encounter-type", "Nature d’une visite, d’un contact, d’un séjour", lambda: NATURES),
    Vocabulary("fact", "Fait d’un fil", lambda: dict(names_of_kinds())),
    Vocabulary("flag-category", "Nature d’un signal", _one("home-alert", "Alerte du domicile")),
    Vocabulary("home-note", "Ce qui est noté à domicile", lambda: NOTED),
    Vocabulary("information-category", "Catégorie d’information", _of(Category)),
    Vocabulary("measure", "Mesure d’une évaluation", None, BY_QUESTIONNAIRES),
    Vocabulary("medium", "Par quel moyen une information est partagée", _of(Medium)),
    Vocabulary(
        "message-template",
        "Objet d’un message",
        lambda: {code: one.purpose for code, one in SHIPPED.items()},
    ),
    Vocabulary("note-importance", "Importance d’une note", _of(Importance)),
    Vocabulary("organization-kind", "Nature d’une structure", _of(OrganizationKind)),
    Vocabulary("origin", "Porte par laquelle une ligne est entrée", lambda: SOURCES),
    Vocabulary("plan-domain", "Domaine d’un plan", _of(Domain)),
    Vocabulary("processing-purpose", "À quoi servent des données", _of(Purpose)),
    Vocabulary("relative-link", "Lien d’un proche", _links),
    Vocabulary(
        "relative-quality", "Qualité d’un proche", lambda: dict(related_person.SAID_AS.values())
    ),
    Vocabulary("request-end", "Fin d’une demande", lambda: service_request.REASONS),
    Vocabulary("request-weight", "Poids d’une demande", _of(Weight)),
    Vocabulary("role", "Rôle dans Cordée", lambda: task.ROLES),
    Vocabulary("rupture-cause", "Cause d’une rupture", _of(Cause)),
    Vocabulary("rupture-standing", "État d’une rupture", _of(Standing)),
    Vocabulary("speaker", "En quelle qualité quelqu’un a fait un choix", _of(Speaker)),
    Vocabulary("tag", "Étiquette", _one("part", "Part d’une évaluation d’équipe")),
    Vocabulary("task-kind", "Nature d’une tâche", lambda: dict(tasks.choices())),
    Vocabulary("territory-kind", "Nature d’un territoire", _of(TerritoryKind)),
    Vocabulary("trace-kind", "Nature d’une ligne de trace", _of(Trace.Kind)),
    Vocabulary("trace-verb", "Geste tracé", None, "The verbs are those of the rooms."),
    Vocabulary("urgency", "Urgence", _one("urgent", "dit urgent")),
    Vocabulary("visit-level", "Niveau d’une note", lambda: {str(k): v for k, v in LEVELS.items()}),
    Vocabulary("visit-mark", "Note d’une visite", lambda: MARKS),
    Vocabulary("visit-sign", "Signe vu à domicile", lambda: SIGNS),
)


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """The lists of the house, by the address of their code system."""
    return {one.url: one for one in VOCABULARIES}


@cache
def codes_in(system: str) -> Codes:
    """The codes of a system of the house, with their words; none when they are not listed."""
    one = vocabularies().get(system)
    return dict(one.codes()) if one and one.codes else {}


# --- the definitions ---------------------------------------------------------------------------


def systems() -> list[Json]:
    """Every code system of the house."""
    return [_system(one) for one in VOCABULARIES]


def _system(one: Vocabulary) -> Json:
    head = _head(one, one.url) | {"caseSensitive": True}
    if one.codes is None:
        return head | {"content": "not-present", "description": one.why}
    listed = [{"code": code, "display": text} for code, text in codes_in(one.url).items()]
    return head | {
        "valueSet": f"{CANONICAL}ValueSet/{one.name}",
        "content": "complete",
        "count": len(listed),
        "concept": listed,
    }


def sets() -> list[Json]:
    """Every value set: one for each list of the house, and those that R4 requires."""
    own = [_set(one) for one in VOCABULARIES if one.codes is not None]
    return [*own, *(_of_hl7(url, codes) for url, codes in value_sets().items())]


def _set(one: Vocabulary) -> Json:
    url = f"{CANONICAL}ValueSet/{one.name}"
    return _head(one, url) | {"compose": {"include": [{"system": one.url}]}}


def _head(one: Vocabulary, url: str) -> Json:
    return {
        "id": one.name,
        "url": url,
        "name": one.name,
        "title": one.title,
        "status": "active",
        "publisher": "Cordée",
    }


def _of_hl7(url: str, codes: Mapping[str, list[str]]) -> Json:
    name = url.rpartition("/")[2]
    return {
        "id": f"hl7-{name}"[:64],
        "url": url,
        "version": about()["version"],
        "name": name,
        "status": "active",
        "publisher": "HL7",
        "copyright": "CC0-1.0",
        "compose": {
            "include": [
                {"system": system, "concept": [{"code": code} for code in some]}
                for system, some in codes.items()
            ]
        },
    }


def listed(url: str) -> dict[str, Codes] | None:
    """The codes of a value set by system, with their words where they are known.

    Named by its canonical address, or as `ValueSet/id`. None: it is not among those that are given
    here, or not in that version.
    """
    from cordee.fhir.definitions import defined, definitions

    named, _, version = url.partition("|")
    kind, _, pk = named.partition("/")
    one = definitions(kind).get(pk) if kind == "ValueSet" else defined("ValueSet", named)
    return _listed(one["url"]) if one and version in ("", one.get("version")) else None


def _listed(wanted: str) -> dict[str, Codes] | None:
    if theirs := value_sets().get(wanted):
        return {system: dict.fromkeys(codes, "") for system, codes in theirs.items()}
    name = wanted.removeprefix(f"{CANONICAL}ValueSet/")
    one = vocabularies().get(ours(name)) if name != wanted else None
    return {one.url: codes_in(one.url)} if one and one.codes else None

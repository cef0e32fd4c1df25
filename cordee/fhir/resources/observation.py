"""What a visit at home, or a need raised by itself, says → Observation.

One resource by visit: the four marks, from 1 (« Très mal ») to 5 (« Très bien »), and the signs.
The other table of the type is that of scores (`scores.py`).
"""

from collections.abc import Sequence
from functools import cache

from django.db.models import Q

from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import concept, filled, in_words, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.scores import SCORES
from cordee.fhir.search.either import Either, Never
from cordee.fhir.search.parameters import Choice, Moment, Parameter, Reference
from cordee.fhir.systems import OBSERVATION_CATEGORY, ours, worded
from cordee.vigilance import selectors
from cordee.vigilance.models import Visit
from cordee.vigilance.rules.marks import LEVELS, MARKS, SIGNS, Kind

SURVEY = worded(OBSERVATION_CATEGORY, "survey", "questionnaire")
VISIT = Kind.VISIT.value
CODES = {
    VISIT: "Ce qui est noté d’une visite à domicile",
    Kind.NEED.value: "Besoin signalé à domicile",
}


def to_fhir(rows: Sequence[Visit], seeing: Seeing) -> list[Json]:
    """Marks and signs. No query."""
    return [_observation(one) for one in rows]


def _observation(row: Visit) -> Json:
    is_visit = row.kind == VISIT
    return filled(
        {
            "status": "final",
            "category": [SURVEY],
            "code": _kind(row.kind),
            "subject": reference("Patient", row.person_id),
            "encounter": reference("Encounter", row.pk) if is_visit else {},
            "effectiveDateTime": said(row.happened_at),
            "issued": said(row.received_at),
            "performer": [
                reference("Organization", row.organization_id, row.organization.name),
                *in_words(row.helper.name),
            ],
            "interpretation": [concept(ours("urgency"), "urgent", "dit urgent")]
            if row.urgent
            else [],
            "note": [{"text": row.words}] if row.words else [],
            "component": _components(row),
        }
    )


def _components(row: Visit) -> list[Json]:
    marks = [_mark(name, level) for name, level in row.marks.items() if level is not None]
    return [*marks, *map(_sign, row.signs)]


@cache
def _mark(name: str, level: int) -> Json:
    """One of the twenty that there are: nobody changes what was made for another."""
    return {
        "code": concept(ours("visit-mark"), name, MARKS[name]),
        "valueInteger": level,
        "interpretation": [concept(ours("visit-level"), str(level), LEVELS[level])],
    }


@cache
def _sign(name: str) -> Json:
    return {"code": concept(ours("visit-sign"), name, SIGNS[name]), "valueBoolean": True}


@cache
def _kind(name: str) -> Json:
    return concept(ours("home-note"), name, CODES[name])


MARKED = {name: Q(**{f"{name}_mark__isnull": False}) for name in MARKS}
TICKED = {sign: Q(signs__contains=[sign]) for sign in SIGNS}
SEARCH: dict[str, Parameter] = {
    "category": Choice({"survey": Q()}, OBSERVATION_CATEGORY),
    "code": Choice({kind: Q(kind=kind) for kind in CODES}, ours("home-note")),
    "component-code": Either(
        Choice(MARKED, ours("visit-mark")), Choice(TICKED, ours("visit-sign"))
    ),
    "date": Moment("happened_at"),
    "derived-from": Never("reference"),
    "encounter": Reference({"Encounter": "pk"}),
    "patient": Reference({"Patient": "person"}),
    "performer": Reference({"Organization": "organization"}),
    "status": Choice({"final": Q()}, "http://hl7.org/fhir/observation-status"),
    "subject": Reference({"Patient": "person"}),
}

COLUMNS = (
    *("id", "version", "updated_at", "kind", "person_id", "organization_id", "helper_id"),
    *("happened_at", "received_at", "signs", "words", "urgent"),
    *(f"{name}_mark" for name in MARKS),
)
WORDS = (
    *("id", "version", "updated_at", "person_id", "organization_id", "helper_id"),
    *("happened_at", "received_at", "words", "organization__name", "helper__name"),
)
MAPPING = Mapping(
    type="Observation",
    model=Visit,
    rows=selectors.visit_records,
    to_fhir=to_fhir,
    search=SEARCH,
    lines=("vigilance.visit_id",),
    summary=("status", "category", "code", "subject", "encounter", "effectiveDateTime", "issued"),
    columns=COLUMNS,
    beside=("organization", "helper"),
    told=WORDS,
    also=(SCORES,),
    note=(
        "What helpers note at home, which says how somebody seems and measures nothing; and the "
        "score of each evaluation, counted here."
    ),
)

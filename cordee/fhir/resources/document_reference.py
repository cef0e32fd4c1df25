"""A note of the liaison notebook ⇄ DocumentReference.

Shaped after the profile of the « cahier de liaison » (ANS, `cdl-document-reference`): neither
`docStatus`, `authenticator` nor `custodian`, one security label, answers that « append ». The
profile is not claimed: its list of types (JDV_J23) has no word known here for these notes.
"""

import base64
from collections.abc import Iterable, Sequence

from django.db.models import Q

from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import concept, extension, filled, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.search.either import Either
from cordee.fhir.search.parameters import (
    Asking,
    Choice,
    Identifier,
    Moment,
    Parameter,
    Reference,
)
from cordee.fhir.systems import CONFIDENTIALITY, ours, worded
from cordee.liaison import selectors
from cordee.liaison.models import Note
from cordee.liaison.rules import CATEGORIES, Importance
from cordee.people.rules.sharing import PROTECTED, Category

IS_EMERGENCY = "https://interop.esante.gouv.fr/ig/fhir/cdl/StructureDefinition/cdl-ext-is-emergency"
OF_INFORMATION, OF_IMPORTANCE = ours("information-category"), ours("note-importance")
TITLE = "Note du cahier de liaison"
PLAIN = "text/plain; charset=utf-8"
KIND = concept(ours("document-type"), "liaison-note", TITLE)
PROTECTED_CODES = sorted(one.value for one in PROTECTED)
OPEN_CODES = sorted(one.value for one in CATEGORIES if one not in PROTECTED)


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Note], seeing: Seeing) -> list[Json]:
    """Notes as they were written; what was corrected or withdrawn says so. No query."""
    return [_note(one) for one in rows]


def _note(row: Note) -> Json:
    category = Category(row.category)
    return filled(
        {
            "extension": [
                extension(IS_EMERGENCY, "Boolean", row.importance == Importance.URGENT.value)
            ],
            "status": _status(row),
            "type": KIND,
            "category": [
                concept(OF_INFORMATION, category.value, category.label),
                concept(OF_IMPORTANCE, row.importance, row.get_importance_display()),
            ],
            "subject": reference("Patient", row.person_id),
            "date": said(row.written_at),
            "author": list(_authors(row)),
            "relatesTo": list(_related(row)),
            "securityLabel": [_label(category)],
            "content": [{"attachment": _content(row)}],
            "context": _context(row),
        }
    )


def _status(row: Note) -> str:
    if row.is_withdrawn:
        return "entered-in-error"
    return "superseded" if getattr(row, "is_corrected", False) else "current"


def _authors(row: Note) -> Iterable[Json]:
    """Who wrote it, as a professional when they are one here; and for which structure."""
    practitioner = getattr(row.author, "practitioner", None)
    key = practitioner.pk if practitioner else None
    yield reference("Practitioner", key, row.author.name) or {"display": row.author.name}
    if row.organization is not None:
        yield reference("Organization", row.organization_id, row.organization.name)


def _related(row: Note) -> Iterable[Json]:
    if row.is_reply:
        yield {"code": "appends", "target": reference("DocumentReference", row.thread_id)}
    if row.corrects_id:
        yield {"code": "replaces", "target": reference("DocumentReference", row.corrects_id)}


def _label(category: Category) -> Json:
    if category in PROTECTED:
        return worded(CONFIDENTIALITY, "R", "restreint")
    return worded(CONFIDENTIALITY, "N", "normal")


def _content(row: Note) -> Json:
    return {
        "contentType": PLAIN,
        "language": "fr-FR",
        "data": base64.b64encode(row.body.encode()).decode(),
        "title": TITLE,
        "creation": said(row.written_at),
    }


def _context(row: Note) -> Json:
    """The plan that the note is about, when it is about one."""
    _, _, key = row.about.partition("plans/plan/")
    return {"related": [{"reference": f"CarePlan/{key}"}]} if key else {}


# --- search ------------------------------------------------------------------------------------


class Answered(Reference):
    """The note that a thread begins with: it answers nothing itself."""

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        return super().condition(value, modifier, asking) & Q(is_reply=True)


STATUSES = Choice(
    {
        "current": Q(withdrawn_at=None, is_corrected=False),
        "superseded": Q(withdrawn_at=None, is_corrected=True),
        "entered-in-error": Q(withdrawn_at__isnull=False),
    },
    "http://hl7.org/fhir/document-reference-status",
)
SEARCH: dict[str, Parameter] = {
    "author": Reference({"Organization": "organization", "Practitioner": "author__practitioner"}),
    "category": Either(
        Choice({one.value: Q(category=one.value) for one in CATEGORIES}, OF_INFORMATION),
        Choice({one.value: Q(importance=one.value) for one in Importance}, OF_IMPORTANCE),
    ),
    "date": Moment("written_at"),
    "identifier": Identifier(),
    "patient": Reference({"Patient": "person"}),
    "relatesto": Answered({"DocumentReference": "thread"}),
    "security-label": Choice(
        {"N": Q(category__in=OPEN_CODES), "R": Q(category__in=PROTECTED_CODES)}, CONFIDENTIALITY
    ),
    "status": STATUSES,
    "subject": Reference({"Patient": "person"}),
    "type": Choice({"liaison-note": Q()}, ours("document-type")),
}

MAPPING = Mapping(
    type="DocumentReference",
    model=Note,
    rows=selectors.records,
    to_fhir=to_fhir,
    search=SEARCH,
    summary=("status", "type", "category", "subject", "date", "author", "relatesTo"),
    category_of=lambda row: str(row.category),
    note="Notes of the liaison notebook: never rewritten, a correction is another note.",
)

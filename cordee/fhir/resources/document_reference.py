"""A note of the liaison notebook ⇄ DocumentReference.

Shaped after the profile of the « cahier de liaison » (ANS, `cdl-document-reference` 3.0.1): neither
`docStatus`, `authenticator` nor `custodian`, a type of its list (JDV_J23), answers that « append ».
Its one security label says from whom a note is masked (JDV_J110), which no note is here: how
confidential one is stands in `meta.security`, where R4 puts it. The profile is not claimed: it
wants profiles of the national directory behind each author, which were not checked.
"""

import base64
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import OuterRef, Q, QuerySet

from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import coding, concept, extension, filled, reference, said
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.rules.sensitivity import held_by
from cordee.fhir.search.either import Either
from cordee.fhir.search.parameters import (
    NOTHING,
    Asking,
    Choice,
    Identifier,
    Made,
    Moment,
    Parameter,
    Reference,
    token_of,
)
from cordee.fhir.systems import CONFIDENTIALITY, ours
from cordee.fhir.versions import LATELY, lately
from cordee.liaison import selectors, services
from cordee.liaison.models import LONG, Note
from cordee.liaison.rules import CATEGORIES, Importance
from cordee.liaison.services import NoteSaid
from cordee.people.rules.sharing import PROTECTED, Category

IS_EMERGENCY = "https://interop.esante.gouv.fr/ig/fhir/cdl/StructureDefinition/cdl-ext-is-emergency"
OF_INFORMATION, OF_IMPORTANCE = ours("information-category"), ours("note-importance")
TITLE = "Note du cahier de liaison"
PLAIN = "text/plain; charset=utf-8"
NOTE_TYPES = "https://mos.esante.gouv.fr/NOS/TRE_R234-TypeNote/FHIR/TRE-R234-TypeNote"
GENERAL, OURS = ("GEN", "Note générale"), ("liaison-note", TITLE)
KIND = {"coding": [coding(NOTE_TYPES, *GENERAL), coding(ours("document-type"), *OURS)]}
VISIBILITY = (
    "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/"
    "TRE-A07-StatutVisibiliteDocument",
    "https://mos.esante.gouv.fr/NOS/TRE_A07-StatusVisibiliteDocument/FHIR/"
    "TRE-A07-StatusVisibiliteDocument",
)
"""From whom a document is masked: the address of the list, and the one that older guides write."""
# Said of hundreds of notes at once: made once for all.
SAID_CATEGORIES = {one.value: concept(OF_INFORMATION, one.value, one.label) for one in CATEGORIES}
SAID_IMPORTANCES = {code: concept(OF_IMPORTANCE, code, name) for code, name in Importance.choices()}
RESTRICTED, NORMAL = coding(CONFIDENTIALITY, "R"), coding(CONFIDENTIALITY, "N")
KNOWN_CATEGORIES, KNOWN_IMPORTANCES = frozenset(CATEGORIES), frozenset(Importance)
PROTECTED_CODES = sorted(one.value for one in PROTECTED)
OPEN_CODES = sorted(one.value for one in CATEGORIES if one not in PROTECTED)


# --- out ---------------------------------------------------------------------------------------


def rows(actor: Actor) -> QuerySet[Note]:
    """The notes that the actor may read, corrected and withdrawn ones too. One query."""
    return lately(selectors.records(actor), Note.objects.filter(corrects=OuterRef("pk")))


def to_fhir(rows: Sequence[Note], seeing: Seeing) -> list[Json]:
    """Notes as they were written; what was corrected or withdrawn says so. No query."""
    authors: dict[Any, list[Json]] = {}  # hundreds of notes of a history have the same ones
    return [_note(one, authors) for one in rows]


def _note(row: Note, authors: dict[Any, list[Json]]) -> Json:
    written, by = said(row.written_at), (row.author_id, row.organization_id)
    if by not in authors:
        authors[by] = list(_authors(row))
    return filled(
        {
            "meta": {"security": [RESTRICTED if row.category in PROTECTED_CODES else NORMAL]},
            "extension": [
                extension(IS_EMERGENCY, "Boolean", row.importance == Importance.URGENT.value)
            ],
            "status": _status(row),
            "type": KIND,
            "category": [SAID_CATEGORIES[row.category], SAID_IMPORTANCES[row.importance]],
            "subject": reference("Patient", row.person_id),
            "date": written,
            "author": authors[by],
            "relatesTo": list(_related(row)),
            "content": [{"attachment": _content(row, written)}],
            "context": _context(row),
        }
    )


def _status(row: Note) -> str:
    if row.is_withdrawn:
        return "entered-in-error"
    return "superseded" if getattr(row, "is_corrected", False) else "current"


def _version(row: Note) -> str:
    """A correction is another note, and changes what this one is: superseded."""
    return f"{row.version}.1" if getattr(row, "is_corrected", False) else str(row.version)


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


def _content(row: Note, written: str) -> Json:
    return {
        "contentType": PLAIN,
        "language": "fr-FR",
        "data": base64.b64encode(row.body.encode()).decode(),
        "title": TITLE,
        "creation": written,
    }


def _context(row: Note) -> Json:
    """The plan that the note is about, when it is about one."""
    _, _, key = row.about.partition("plans/plan/")
    return {"related": [{"reference": f"CarePlan/{key}"}]} if key else {}


# --- in ----------------------------------------------------------------------------------------


def create(writing: Writing) -> Note:
    """Write a note, answer one (« appends ») or correct one’s own (« replaces »).

    Idempotent on its identifier: the same words sent again are the same note.
    """
    resource = writing.resource
    person = writing.refers("subject", "Patient")
    _refuse_another_thing(resource, person)
    said = _said(writing, _body(resource))
    for place, one in enumerate(resource.get("relatesTo", [])):
        if (gesture := GESTURES.get(one.get("code", ""))) is None:
            continue
        other = writing.refers(f"relatesTo[{place}].target", "DocumentReference")
        if other is not None and person is not None and other.person_id == person.pk:
            return gesture(actor=writing.actor, note=other, said=said, now=writing.now)
        raise unprocessable(*NOT_A_NOTE, f"DocumentReference.relatesTo[{place}].target")
    return services.write(actor=writing.actor, person=person, said=said, now=writing.now)


def create_many(writings: Sequence[Writing]) -> list[Note]:
    """Write notes that begin threads, those of each person in one set."""
    persons: dict[str, Any] = {}
    said: dict[str, list[NoteSaid]] = {}
    places = []
    for writing in writings:
        subject = str(writing.resource.get("subject", {}).get("reference", ""))
        if subject not in persons:
            persons[subject] = writing.refers("subject", "Patient")
        _refuse_another_thing(writing.resource, persons[subject])
        some = said.setdefault(subject, [])
        places.append((subject, len(some)))
        some.append(_said(writing, _body(writing.resource)))
    first = writings[0]
    written = {
        subject: services.write_many(
            actor=first.actor, person=persons[subject], said=some, now=first.now
        )
        for subject, some in said.items()
    }
    return [written[subject][place] for subject, place in places]


def begins_a_thread(resource: Json) -> bool:
    """Whether a note answers none and corrects none: such notes are written in sets."""
    return not resource.get("relatesTo")


def _refuse_another_thing(resource: Json, person: Any) -> None:
    if person is None or resource.get("status") != "current" or not _is_final(resource):
        raise unprocessable(*NOT_A_NOTE, "DocumentReference.status")


GESTURES = {"appends": services.answer, "replaces": services.correct}
NOT_A_NOTE = (
    "document_reference.not_a_note",
    "Une note du cahier est une note en cours (« status » : current) au sujet d’une personne "
    "(« subject »), et ne répond qu’à une note de la même personne. Rien n’a été enregistré.",
    "A note is current, about somebody, and answers a note about the same person.",
)
UNREAD = (
    "document_reference.text_only",
    f"Une note est un texte (« text/plain », en « data »), de {LONG} caractères au plus : rien "
    "d’autre ne se lit dans le cahier. Rien n’a été enregistré.",
    f"A note is one plain text of at most {LONG} characters. Nothing was stored.",
    "DocumentReference.content",
)
UNSORTED = (
    "document_reference.category",
    "Cette note est restreinte sans dire ce qu’elle dit : donnez sa catégorie d’information "
    "(« category »), qui décide de qui la lit. Rien n’a été enregistré.",
    "A restricted note says its category of information, which decides who reads it.",
    "DocumentReference.category",
)
TWICE = (
    "document_reference.categories",
    "Cette note porte deux catégories d’information protégées, que ne lisent pas les mêmes "
    "personnes : écrivez une note pour chacune. Rien n’a été enregistré.",
    "It says two protected categories of information: write one note for each.",
    "DocumentReference.category",
)
MASKED = (
    "document_reference.masked",
    "Cette note est masquée à quelqu’un (« securityLabel ») : le cahier de Cordée ne sait pas le "
    "tenir, seule la catégorie d’information y décide de qui lit. Rien n’a été enregistré.",
    "A note masked from somebody is not held here: its category decides who reads it.",
    "DocumentReference.securityLabel",
)


def _is_final(resource: Json) -> bool:
    return resource.get("docStatus") in (None, "final", "amended")


def _said(writing: Writing, body: str) -> NoteSaid:
    resource = writing.resource
    return NoteSaid(
        body=body,
        importance=_importance(resource),
        category=_category(resource),
        about=_about(writing),
        key=_key(writing, body),
    )


def _body(resource: Json) -> str:
    """The one text that is sent, and what describes it. Raises Refusal: anything else."""
    contents = resource.get("content", [])
    attachment = contents[0].get("attachment", {}) if len(contents) == 1 else {}
    kind = attachment.get("contentType", "").partition(";")[0].strip()
    try:
        data = "".join(attachment.get("data", "").split())
        text = base64.b64decode(data, validate=True).decode()
    except ValueError:
        text = ""
    lines = [one for one in (resource.get("description", ""), text) if one.strip()]
    body = "\n".join(lines)
    if kind != "text/plain" or not text.strip() or len(body) > LONG:
        raise unprocessable(*UNREAD)
    return body


def _codes(resource: Json, system: str) -> list[str]:
    return [
        one.get("code", "")
        for many in resource.get("category", [])
        for one in many.get("coding", [])
        if one.get("system") == system
    ]


def _importance(resource: Json) -> str:
    urgent = any(
        one.get("url") == IS_EMERGENCY and one.get("valueBoolean")
        for one in resource.get("extension", [])
    )
    if urgent:
        return Importance.URGENT.value
    known = [one for one in _codes(resource, OF_IMPORTANCE) if one in KNOWN_IMPORTANCES]
    return known[0] if known else Importance.ORDINARY.value


def _category(resource: Json) -> str:
    """What a note tells, which decides of who reads it: never guessed wider than it is said, by a
    category of the house or by a sensitivity of HL7.

    Raises Refusal (422): it is masked from somebody, which would not be held here; restricted
    without a category; or of two protected ones.
    """
    labels = _labels(resource)
    if any(one.get("system") in VISIBILITY for one in labels):
        raise unprocessable(*MASKED)
    known = [one for one in _codes(resource, OF_INFORMATION) if one in KNOWN_CATEGORIES]
    held = {one.value for label in labels if (one := held_by(label))}
    protected = sorted({*known, *held}.intersection(PROTECTED_CODES))
    if len(protected) > 1:
        raise unprocessable(*TWICE)
    if protected or known:
        return (protected or known)[0]
    if any(one.get("code") != "N" for one in labels):
        raise unprocessable(*UNSORTED)
    return Category.COORDINATION.value


def _labels(resource: Json) -> list[Json]:
    """How confidential a note is said to be, and from whom it is masked."""
    many = resource.get("securityLabel", [])
    return [
        *resource.get("meta", {}).get("security", []),
        *(one for label in many for one in label.get("coding", [{}])),
    ]


def _about(writing: Writing) -> str:
    for place, one in enumerate(writing.resource.get("context", {}).get("related", [])):
        if "CarePlan/" in one.get("reference", ""):
            plan = writing.refers(f"context.related[{place}]", "CarePlan")
            return f"plans/plan/{plan.pk}" if plan else ""
    return ""


def _key(writing: Writing, body: str) -> UUID | None:
    """The key of a note that has a name there: the same words under it are the same note."""
    resource = writing.resource
    named = [resource.get("masterIdentifier", {}), *resource.get("identifier", [])]
    names = sorted(f"{one.get('system', '')}|{one['value']}" for one in named if one.get("value"))
    if not names:
        return None
    words = [str(writing.actor.signatory), resource["subject"].get("reference", ""), body, *names]
    return uuid5(NAMESPACE_URL, sha256("\0".join(words).encode()).hexdigest())


# --- search ------------------------------------------------------------------------------------


class Related(Reference):
    """The note that is corrected, or that a thread begins with: it answers nothing itself."""

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        corrected = Reference({"DocumentReference": "corrects"})
        answers = super().condition(value, modifier, asking) & Q(is_reply=True)
        return answers | corrected.condition(value, modifier, asking)

    def missing(self) -> Q:
        return Q(is_reply=False, corrects=None)


RELATIONS = Choice(
    {"appends": Q(is_reply=True), "replaces": Q(corrects__isnull=False)},
    "http://hl7.org/fhir/document-relationship-type",
    Q(is_reply=False, corrects=None),
)


def _related_as(value: str, asking: Asking) -> Q:
    """`relationship`: a note and how it is answered or corrected, « note$code »."""
    note, _, code = value.rpartition("$")
    answers = Reference({"DocumentReference": "thread"}).condition(note, "", asking)
    corrects = Reference({"DocumentReference": "corrects"}).condition(note, "", asking)
    system, word = token_of(code)
    if system not in (None, RELATIONS.system):
        return NOTHING
    return {"appends": answers & Q(is_reply=True), "replaces": corrects}.get(word, NOTHING)


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
    "relatesto": Related({"DocumentReference": "thread"}),
    "relation": RELATIONS,
    "relationship": Made("composite", _related_as),
    "status": STATUSES,
    "subject": Reference({"Patient": "person"}),
    "type": Either(
        Choice({OURS[0]: Q()}, ours("document-type")), Choice({GENERAL[0]: Q()}, NOTE_TYPES)
    ),
}
LABELS = {
    f"security|{CONFIDENTIALITY}|N": Q(category__in=OPEN_CODES),
    f"security|{CONFIDENTIALITY}|R": Q(category__in=PROTECTED_CODES),
}

MAPPING = Mapping(
    type="DocumentReference",
    model=Note,
    rows=rows,
    to_fhir=to_fhir,
    create=create,
    create_many=create_many,
    goes_in_a_set=begins_a_thread,
    seen_alike=lambda row: (row.person_id, row.category, row.author_id),
    knows_again=True,
    version_of=_version,
    moment=LATELY,
    search=SEARCH,
    lines=("liaison.note_id",),
    summary=("status", "type", "category", "subject", "date", "author", "relatesTo"),
    category_of=lambda row: str(row.category),
    labels=LABELS,
    places={"liaison.words": "content", "liaison.gone": "relatesTo"},
    note="Notes of the liaison notebook: never rewritten, a correction is another note that "
    "replaces it. One plain text; its category decides who reads it.",
)

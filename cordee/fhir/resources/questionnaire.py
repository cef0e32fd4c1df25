"""Questionnaire ⇄ Questionnaire: the instruments of the house, each in one edition.

A definition that comes in is read by the same reader as a file that is brought: all that is not
supported is listed, each at its place, and nothing is kept of it. What is kept is not in use yet:
somebody reads it and publishes it, which no partner does.
"""

import json
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import require
from cordee.assessments import selectors, services
from cordee.assessments.models import Questionnaire
from cordee.assessments.rules.problems import Problem, Refused
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.outcome import Issue, Json, Refusal, unprocessable
from cordee.fhir.search.parameters import Asking, Code, Identifier, Made, Text, Uri
from cordee.fhir.writing import encoded

STATUSES = {one.value: one.value for one in Questionnaire.Status}
OF_THE_SENDER = ("id", "meta", "status")
"""What changes from one server to the next, and says nothing of the text."""


def rows(actor: Actor) -> QuerySet[Any]:
    """Every edition, definition included."""
    return selectors.questionnaires(actor).defer(None).select_related(None)


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Questionnaire], seeing: Seeing) -> list[Json]:
    """Editions as they were published. No query."""
    return [_questionnaire(one) for one in rows]


def _questionnaire(row: Questionnaire) -> Json:
    said: Json = {key: one for key, one in row.definition.items() if key not in OF_THE_SENDER}
    said.pop("resourceType", None)
    return {"status": row.status, **said}


# --- in ----------------------------------------------------------------------------------------


def create(writing: Writing) -> Questionnaire:
    """Keep a definition, not in use yet; the same text, from wherever it comes, is kept once."""
    require(writing.actor, "assessments.import_questionnaire")
    content = content_of(writing.resource)
    known = rows(writing.actor).filter(url=content.get("url"), edition=content.get("version"))
    for one in known.order_by("pk"):
        if _text(one.definition) == _text(content):
            found: Questionnaire = one
            return found
    return _brought(writing, content)


def update(writing: Writing, row: Questionnaire) -> Questionnaire:
    """Replace the text of an edition that is not published; what is published does not change."""
    content = content_of(writing.resource)
    if (content.get("url"), content.get("version")) != (row.url, row.edition):
        raise unprocessable(
            "questionnaire.another_edition",
            "L’adresse canonique ou la version n’est pas celle de ce questionnaire : une autre "
            "édition se crée, elle ne remplace pas celle-ci.",
            "url or version is not that of this questionnaire: create another edition instead.",
            "Questionnaire.version",
        )
    if _text(row.definition) == _text(content):
        return row
    return _brought(writing, content)


def content_of(resource: Json) -> Json:
    """A definition as a file holds it: plain numbers, and nothing of the server it comes from."""
    plain: Json = json.loads(encoded(resource))
    return {key: one for key, one in plain.items() if key not in ("id", "meta")}


def _text(content: Mapped[str, Any]) -> Json:
    return {key: one for key, one in content.items() if key not in OF_THE_SENDER}


def _brought(writing: Writing, content: Json) -> Questionnaire:
    try:
        found: Questionnaire = services.import_questionnaire(
            actor=writing.actor, content=content, now=writing.now
        )
    except Refused as refusal:
        raise Refusal(422, [_issue(one) for one in refusal.problems]) from None
    return found


def _issue(problem: Problem) -> Issue:
    """What stands in the way, at its place: a path of the resource, or the line that is named."""
    where = problem.path
    if not where.startswith("Questionnaire"):
        name = where.replace("\\", "\\\\").replace("'", "\\'")
        where = f"Questionnaire.repeat(item).where(linkId='{name}')"
    return Issue(
        "not-supported",
        "questionnaire.not_supported",
        problem.said,
        "Not supported here, or not consistent: nothing was stored.",
        where,
    )


def answered_for(resource: Json) -> Json:
    """Whether it is in use is said by who published it here."""
    return {key: one for key, one in resource.items() if key != "status"}


# --- search ------------------------------------------------------------------------------------


def _by_version(value: str, asking: Asking) -> Q:
    return Q(edition=value.rpartition("|")[2])


def _by_code(value: str, asking: Asking) -> Q:
    """A code of the instrument itself, or of one of its questions at the first level."""
    system, bar, code = value.rpartition("|")
    wanted = {"code": code} | ({"system": system} if bar else {})
    return Q(definition__code__contains=[wanted]) | Q(
        definition__item__contains=[{"code": [wanted]}]
    )


def _by_subject(value: str, asking: Asking) -> Q:
    return Q(definition__subjectType__contains=[value.rpartition("|")[2]])


def _by_name(value: str, asking: Asking) -> Q:
    return Q(definition__name__istartswith=value)


def _by_publisher(value: str, asking: Asking) -> Q:
    return Q(definition__publisher__istartswith=value)


MAPPING = Mapping(
    type="Questionnaire",
    model=Questionnaire,
    rows=rows,
    to_fhir=to_fhir,
    create=create,
    update=update,
    search={
        "code": Made("token", _by_code),
        "identifier": Identifier(),
        "name": Made("string", _by_name),
        "publisher": Made("string", _by_publisher),
        "status": Code("status", STATUSES, "http://hl7.org/fhir/publication-status"),
        "subject-type": Made("token", _by_subject),
        "title": Text("title"),
        "url": Uri("url"),
        "version": Made("token", _by_version),
    },
    summary=("url", "version", "name", "title", "status", "publisher", "date", "code"),
    person_of=lambda row: None,
    answered_for=answered_for,
    places={"assessments.edition_exists": "version", "assessments.retired": "status"},
    note=(
        "What comes in is kept, not in use: somebody here reads and publishes it. What is not "
        "supported is listed, and nothing of it is kept. A published edition never changes."
    ),
)

"""QuestionnaireResponse ⇄ QuestionnaireResponse: what somebody answered about a person.

What comes in is filled in here as on a screen: the edition must be in use, every answer must be one
that is asked for, and what is counted is counted by the house. An answer that the house would leave
out, or count otherwise, is refused with its place: it would else be kept and given back as true.
Who answered, and when, is whoever sends it, today; a correction keeps the day of what it corrects.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from cordee.access.actor import Actor, Purpose
from cordee.assessments import selectors, services
from cordee.assessments.models import Questionnaire, QuestionnaireResponse
from cordee.assessments.rules import filling
from cordee.assessments.rules.definition import Coding, Definition, Quantity
from cordee.assessments.rules.values import read_value
from cordee.assessments.services import Written
from cordee.directory.rules import PARIS
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import coding, filled, reference, said
from cordee.fhir.outcome import Issue, Json, Refusal, unprocessable
from cordee.fhir.resources import questionnaire
from cordee.fhir.search.parameters import Asking, Choice, Identifier, Made, Moment, Reference
from cordee.fhir.systems import CONFIDENTIALITY, ours
from cordee.people.rules.sharing import PROTECTED

Status = QuestionnaireResponse.Status
STATUSES = {
    "in-progress": (Status.IN_PROGRESS, Status.PART),
    "completed": (Status.COMPLETED,),
    "amended": (Status.AMENDED,),
    "entered-in-error": (Status.ENTERED_IN_ERROR,),
}
SAID = {one: word for word, many in STATUSES.items() for one in many}
WHOLE = ("completed", "amended")
PART = coding(ours("tag"), "part", "Part d’une évaluation d’équipe")
RESTRICTED = coding(CONFIDENTIALITY, "R", "restricted")
OF_AN_ANSWER = {
    "valueCoding": ("code", "system", "display"),
    "valueQuantity": ("value", "unit", "system", "code", "comparator"),
}


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[QuestionnaireResponse], seeing: Seeing) -> list[Json]:
    """What was answered, in the edition that asked it. No query."""
    return [_response(one) for one in rows]


def _response(row: QuestionnaireResponse) -> Json:
    return filled(
        {
            "meta": labels_of(row),
            "questionnaire": canonical(row.questionnaire),
            "status": SAID[Status(row.status)],
            "subject": reference("Patient", row.person_id),
            "authored": said(row.authored_at),
            "author": {"display": row.author.name},
            "item": row.items,
        }
    )


def canonical(questionnaire: Questionnaire) -> str:
    """The canonical address of an edition."""
    return f"{questionnaire.url}|{questionnaire.edition}"


def labels_of(row: QuestionnaireResponse) -> Json:
    """That it is a part only; that few may read it."""
    return filled(
        {
            "tag": [PART] if row.status == Status.PART else [],
            "security": [RESTRICTED] if row.category in PROTECTED else [],
        }
    )


LABELS = {
    f"tag|{PART['system']}|{PART['code']}": Q(status=Status.PART),
    f"security|{CONFIDENTIALITY}|R": Q(category__in=[one.value for one in PROTECTED]),
}


# --- in ----------------------------------------------------------------------------------------


def create(writing: Writing) -> QuestionnaireResponse:
    """Begin a draft of the caller’s own with these answers, and complete it if it is whole."""
    status = _status_of(writing.resource, ("in-progress", "completed"))
    person, asked = writing.refers("subject", "Patient"), questionnaire_of(writing)
    if person is None:
        raise unprocessable(
            "questionnaire_response.about_nobody",
            "Cette évaluation ne dit pas de qui elle parle.",
            "The response has no subject.",
            "QuestionnaireResponse.subject",
        )
    items = understood(writing, asked, whole=status == "completed")
    blank = selectors.blank(writing.actor, person, asked, writing.now)
    draft = services.begin(actor=writing.actor, response=blank, now=writing.now)
    if draft.pk != blank.pk:
        raise unprocessable(
            "questionnaire_response.draft_under_way",
            "Un brouillon de ce questionnaire est déjà en cours pour cette personne. Il n’a pas "
            "été modifié : terminez-le ou effacez-le d’abord.",
            "A draft of this questionnaire is under way for this subject. It was not changed.",
            "QuestionnaireResponse.questionnaire",
        )
    return _written(writing, draft, items, status)


def update(writing: Writing, row: QuestionnaireResponse) -> QuestionnaireResponse:
    """Keep or complete a draft of one’s own; withdraw what was entered in error.

    What is completed does not change: it is corrected on the screen, by another.
    """
    known = ("in-progress", "completed", "amended", "entered-in-error")
    status = _status_of(writing.resource, known)
    person = writing.refers("subject", "Patient")
    asked = questionnaire_of(writing)
    if (person and person.pk) != row.person_id or asked.pk != row.questionnaire_id:
        raise unprocessable(
            "questionnaire_response.another",
            "Une évaluation ne change ni de personne ni de questionnaire.",
            "The subject and the questionnaire of a response do not change.",
            "QuestionnaireResponse.subject",
        )
    at = row.answered_at(writing.now)
    items = understood(writing, asked, whole=status in WHOLE, at=at)
    if status != "entered-in-error":
        return _written(writing, row, items, status)
    if items != row.items:
        raise _unchangeable()
    found: QuestionnaireResponse = services.withdraw(
        actor=writing.actor, response=row, now=writing.now
    )
    return found


def _written(
    writing: Writing, row: QuestionnaireResponse, items: list[Json], status: str
) -> QuestionnaireResponse:
    if row.status == Status.PART:
        raise _unchangeable()
    written = Written(items, row.version)
    if status in WHOLE:
        _require_its_day(writing, row)
        done: QuestionnaireResponse = services.complete(
            actor=writing.actor, response=row, written=written, now=writing.now
        )
        return done
    return services.keep(actor=writing.actor, response=row, written=written, now=writing.now)


def _unchangeable() -> Refusal:
    return unprocessable(
        "questionnaire_response.unchangeable",
        "Ce qui a été donné ne se réécrit pas. Rien n’a été modifié : corrigez-le dans Cordée.",
        "What was given is not rewritten. Nothing was changed.",
        "QuestionnaireResponse.item",
    )


def _status_of(resource: Json, known: Sequence[str]) -> str:
    status = str(resource.get("status", ""))
    if status not in known:
        raise unprocessable(
            "questionnaire_response.status",
            "Cet état ne peut pas être donné ainsi à une évaluation.",
            f"The status of a response sent here is one of: {', '.join(known)}.",
            "QuestionnaireResponse.status",
        )
    return status


def _require_its_day(writing: Writing, row: QuestionnaireResponse) -> None:
    """The house dates what it receives, and a correction as what it corrects: an evaluation of
    another day would count as of that one."""
    authored = str(writing.resource.get("authored", ""))
    if not authored:
        return
    day = row.answered_at(writing.now).astimezone(PARIS).date().isoformat()
    try:
        moment = datetime.fromisoformat(authored).astimezone(PARIS) if "T" in authored else None
    except (ValueError, OverflowError):  # a second that leaps, a year that is of no calendar
        moment = None
    said_day = moment.date().isoformat() if moment else authored
    if not day.startswith(said_day):
        raise unprocessable(
            "questionnaire_response.another_day",
            CORRECTS_ANOTHER if row.corrects_id else ANOTHER_DAY,
            "A response is dated on the day it is received, a correction as what it corrects; this "
            "one is of another day.",
            "QuestionnaireResponse.authored",
        )


ANOTHER_DAY = (
    "Une évaluation est datée du jour où elle est reçue, et celle-ci est d’un autre jour : elle "
    "compterait comme faite aujourd’hui. Rien n’a été gardé."
)
CORRECTS_ANOTHER = (
    "Une correction garde le jour de l’évaluation qu’elle corrige, et celle-ci en dit un autre. "
    "Rien n’a été gardé."
)


def questionnaire_of(writing: Writing) -> Questionnaire:
    """The edition that a response names; the one in use when it names none.

    Raises Refusal (422): there is none such.
    """
    url, _, edition = str(writing.resource.get("questionnaire", "")).partition("|")
    known = questionnaire.rows(writing.actor).filter(url=url)
    known = known.filter(edition=edition) if edition else known.filter(status="active")
    found: Questionnaire | None = known.order_by("pk").first() if url else None
    if found is None:
        raise unprocessable(
            "questionnaire_response.questionnaire",
            "Ce questionnaire n’est pas tenu ici, ou n’y est pas en usage.",
            "The questionnaire is not held here, or is not in use.",
            "QuestionnaireResponse.questionnaire",
        )
    return found


def understood(
    writing: Writing, asked: Questionnaire, *, whole: bool, at: datetime | None = None
) -> list[Json]:
    """The answers as the house keeps them; they are of now, or of another moment.

    Raises Refusal (422) with all that is wrong in them.
    """
    definition = selectors.definition_of(asked)
    sent = list(_plain(writing.resource.get("item")))
    day = (at or writing.now).astimezone(PARIS).date()
    found = filling.filled(definition, sent, today=day)
    issues = [_wrong(path, said_so) for path, said_so in found.errors.items()]
    if whole:
        issues += [_wrong(path, "Cette réponse manque.") for path in found.missing]
    if not issues:
        issues = list(_left_out(definition, sent, found.items))
    if issues:
        raise Refusal(422, issues)
    return found.items


def _wrong(path: str, french: str) -> Issue:
    return Issue(
        "business-rule",
        "questionnaire_response.answer",
        french,
        "This answer is missing, or is not one that the questionnaire asks for.",
        _where(path.rpartition("/")[2].partition(":")[0]),
    )


def _where(link_id: str) -> str:
    if not link_id:
        return "QuestionnaireResponse"
    name = link_id.replace("\\", "\\\\").replace("'", "\\'")
    return f"QuestionnaireResponse.repeat(item).where(linkId='{name}')"


def _left_out(definition: Definition, sent: list[Json], kept: list[Json]) -> Iterator[Issue]:
    """The answers that the house does not have: it counts them, or does not ask them."""
    for link_id, _value in Counter(_answers(sent)) - Counter(_answers(kept)):
        if definition.item(link_id).calculated:
            french = "Cette réponse est calculée ici, et le calcul donne autre chose."
            english = "The answer is calculated here, and the calculation gives another value."
        else:
            french = "Cette question n’est pas posée, au vu des autres réponses."
            english = "The question is not enabled, given the other answers."
        code = "questionnaire_response.not_asked"
        yield Issue("business-rule", code, french, english, _where(link_id))


def _answers(items: Sequence[Json]) -> Iterator[tuple[str, Any]]:
    for item in items:
        for answer in item.get("answer", []):
            for kind, value in answer.items():
                if kind != "item":
                    yield item["linkId"], _bare(read_value(kind, value).value)
            yield from _answers(answer.get("item", []))
        yield from _answers(item.get("item", []))


def _bare(value: Any) -> Any:
    if isinstance(value, Coding):
        return value.code
    return value.value if isinstance(value, Quantity) else value


def _plain(items: Any) -> Iterator[Json]:
    """The answers without what only the sender understands of them: it is kept around."""
    for item in items if isinstance(items, list) else []:
        answers = [_answer(one) for one in item.get("answer", [])]
        inside = list(_plain(item.get("item")))
        yield filled({"linkId": item.get("linkId"), "answer": answers, "item": inside})


def _answer(answer: Json) -> Json:
    found: Json = {}
    for kind, value in answer.items():
        if kind == "item":
            found[kind] = list(_plain(value))
        elif kind.startswith("value"):
            known = OF_AN_ANSWER.get(kind, ())
            is_cut = bool(known) and isinstance(value, dict)
            found[kind] = {k: v for k, v in value.items() if k in known} if is_cut else value
    return found


def answered_for(resource: Json) -> Json:
    """Who answered, and when, is said by the house."""
    return {key: one for key, one in resource.items() if key not in ("author", "authored")}


def past(row: QuestionnaireResponse, actor: Actor) -> bool:
    """A draft is its author’s alone, once it is given too (`assessments.policy.evaluations`)."""
    is_mine = row.author_id == actor.account_id and actor.purpose is not Purpose.EMERGENCY
    return row.status != Status.IN_PROGRESS or is_mine


# --- search ------------------------------------------------------------------------------------


def _by_questionnaire(value: str, asking: Asking) -> Q:
    url, _, edition = value.partition("|")
    wanted = Q(questionnaire__url=url)
    return wanted & Q(questionnaire__edition=edition) if edition else wanted


PERSON = Reference({"Patient": "person"})
MAPPING = Mapping(
    type="QuestionnaireResponse",
    model=QuestionnaireResponse,
    rows=selectors.responses,
    to_fhir=to_fhir,
    create=create,
    update=update,
    search={
        "authored": Moment("authored_at"),
        "identifier": Identifier(),
        "patient": PERSON,
        "questionnaire": Made("reference", _by_questionnaire),
        "status": Choice(
            {word: Q(status__in=many) for word, many in STATUSES.items()},
            "http://hl7.org/fhir/questionnaire-answers-status",
        ),
        "subject": PERSON,
    },
    lines=("assessments.response_id",),
    summary=("identifier", "questionnaire", "status", "subject", "authored", "author"),
    category_of=lambda row: row.category,
    past=past,
    labels=LABELS,
    answered_for=answered_for,
    places={
        "assessments.not_in_use": "questionnaire",
        "assessments.incomplete": "item",
        "assessments.completed": "status",
        "assessments.deceased": "subject",
    },
    note=(
        "A draft or a whole evaluation of today, by whoever sends it: scores and calculated "
        "answers are counted here; the score is read by $extract. What is completed is corrected "
        "in Cordée, never rewritten; a correction keeps the day of what it corrects, and "
        "lastUpdated says when it was written."
    ),
)

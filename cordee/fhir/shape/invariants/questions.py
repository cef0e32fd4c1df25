"""The rules of questionnaires and their answers (FHIR R4, questionnaire, questionnaireresponse)."""

from collections.abc import Iterator
from typing import Any

from cordee.fhir.shape.invariants.rule import Rule, Values, distinct, has

_WITH_LENGTH = {"boolean", "decimal", "integer", "string", "text", "url", "open-choice"}
_WITH_CHOICES = {
    "choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string", "quantity",
}  # fmt: skip


def _is_display(value: Values) -> bool:
    return value.get("type") == "display"


def _items(value: Values) -> bool:
    kind = value.get("type")
    if kind == "group":
        return "item" in value
    return kind != "display" or "item" not in value


def _link_ids(value: Values) -> Iterator[Any]:
    for item in value.get("item", ()):
        yield item.get("linkId")
        yield from _link_ids(item)


def _lists_answers(value: Values) -> bool:
    return "answerOption" in value or has(value, "answerValueSet")


RULES = (
    Rule("que-1", "Questionnaire.item", "Un groupe contient des questions, un texte n’en contient "
         "pas.", _items),
    Rule("que-2", "Questionnaire", "Chaque linkId ne sert qu’une fois.",
         lambda v: distinct(_link_ids(v))),
    Rule("que-3", "Questionnaire.item", "Un texte affiché n’a pas de code.",
         lambda v: not _is_display(v) or "code" not in v),
    Rule("que-4", "Questionnaire.item", "answerOption et answerValueSet s’excluent.",
         lambda v: not ("answerOption" in v and has(v, "answerValueSet"))),
    Rule("que-5", "Questionnaire.item", "Ce type de question n’a pas de réponses listées.",
         lambda v: v.get("type") in _WITH_CHOICES or not _lists_answers(v)),
    Rule("que-6", "Questionnaire.item", "Un texte affiché n’est ni obligatoire ni répété.",
         lambda v: not _is_display(v) or not (has(v, "required") or has(v, "repeats"))),
    Rule("que-7", "Questionnaire.item.enableWhen", "L’opérateur « exists » attend un booléen.",
         lambda v: v.get("operator") != "exists" or has(v, "answerBoolean")),
    Rule("que-8", "Questionnaire.item", "Ni groupe ni texte affiché n’ont de valeur initiale.",
         lambda v: v.get("type") not in ("group", "display") or "initial" not in v),
    Rule("que-9", "Questionnaire.item", "readOnly n’a pas de sens pour un texte affiché.",
         lambda v: not _is_display(v) or not has(v, "readOnly")),
    Rule("que-10", "Questionnaire.item", "Ce type de question n’a pas de longueur maximale.",
         lambda v: v.get("type") in _WITH_LENGTH or not has(v, "maxLength")),
    Rule("que-11", "Questionnaire.item", "answerOption et initial s’excluent.",
         lambda v: not ("answerOption" in v and "initial" in v)),
    Rule("que-12", "Questionnaire.item", "Plusieurs conditions demandent enableBehavior.",
         lambda v: len(v.get("enableWhen", ())) <= 2 or has(v, "enableBehavior")),
    Rule("que-13", "Questionnaire.item", "Plusieurs valeurs initiales : la question se répète.",
         lambda v: v.get("repeats") is True or len(v.get("initial", ())) <= 1),
    Rule("qrs-1", "QuestionnaireResponse.item", "Des questions se placent sous la réponse ou sous "
         "la question, pas les deux.", lambda v: not ("answer" in v and "item" in v)),
)  # fmt: skip

"""Small questionnaires for the tests of the engine, written as FHIR has them."""

from datetime import date

from cordee.assessments.rules import urls
from cordee.assessments.rules.filling import Filled, filled, typed
from cordee.assessments.rules.reading import read

TODAY = date(2026, 11, 27)
UCUM = "http://unitsofmeasure.org"


def sheet(*items, **root):
    """Return the JSON of a questionnaire."""
    said = {"url": "urn:essai", "version": "1", "title": "Essai", "status": "active"}
    return {"resourceType": "Questionnaire", **said, "item": list(items), **root}


def question(link_id, kind="string", **said):
    """Return the JSON of one line."""
    return {"linkId": link_id, "type": kind, "text": link_id.capitalize(), **said}


def group(link_id, *items, **said):
    """Return the JSON of a group."""
    return question(link_id, "group", item=list(items), **said)


def choice(link_id, weights, **said):
    """Return a question whose codes weigh what is given, None for nothing."""
    return question(link_id, said.pop("kind", "choice"), answerOption=offered(weights), **said)


def offered(weights):
    options = []
    for code, weight in weights.items():
        option = {"valueCoding": {"system": "urn:codes", "code": code, "display": code.upper()}}
        if weight is not None:
            option["extension"] = [{"url": urls.ORDINAL, "valueDecimal": weight}]
        options.append(option)
    return options


def when(question_id, operator, **answer):
    """Return one line of enableWhen."""
    return {"question": question_id, "operator": operator, **answer}


def fhirpath(url, text, name=""):
    """Return an extension that carries an expression."""
    said = {"language": "text/fhirpath", "expression": text}
    return {"url": url, "valueExpression": said | ({"name": name} if name else {})}


def unit(code, url=urls.UNIT):
    return {"url": url, "valueCoding": {"system": UCUM, "code": code, "display": code}}


def filling(json, fields, today=TODAY) -> Filled:
    """Type in a form, and settle what comes out of it."""
    definition = read(json)
    said = typed(definition, {name: [text] for name, text in fields.items()})
    assert not said.errors
    return filled(definition, said.items, today=today)


def paths(found: Filled):
    return [row.path for row in found.rows]

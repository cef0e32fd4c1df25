"""An evaluation that somebody completed, with its result."""

from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.fhir.rows import questionnaire

GIR = {
    "code": "gir",
    "label": "GIR",
    "value": "4",
    "out_of": None,
    "unit": "",
    "band": {"code": "gir-4", "label": "GIR 4", "severity": 2},
    "points": [],
    "source": "Décret du 20 août 2008",
    "caution": "",
}


def make(stage):
    """One row of the type."""
    return ResponseFactory(
        person=stage.person,
        questionnaire=questionnaire.make(stage),
        author=stage.account,
        results=[GIR],
    )


def before_sent(stage):
    """What must be here before a partner sends one: the instrument that it answers."""
    QuestionnaireFactory(url="urn:essai:marche", edition="3")

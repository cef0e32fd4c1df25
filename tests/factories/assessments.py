"""Questionnaires and evaluations, made up for tests."""

from datetime import date

import factory

from cordee.assessments import models
from cordee.assessments.rules import about
from tests.factories.base import RecordFactory
from tests.factories.directory import AccountFactory
from tests.factories.people import PersonFactory
from tests.support import NOW


def definition(url="urn:test:pas", version="1", title="Pas faits hier", category=None, **more):
    """A small questionnaire: one asked, one that follows from it, one free."""
    says = [{"url": "urn:cordee:category", "valueCode": category}] if category else []
    return {
        "resourceType": "Questionnaire",
        "url": url,
        "version": version,
        "title": title,
        "status": "active",
        **({"extension": says} if says else {}),
        "item": [
            {
                "linkId": "marche",
                "type": "group",
                "text": "La marche",
                "item": [
                    {
                        "linkId": "sort",
                        "type": "choice",
                        "text": "Sort de chez elle",
                        "required": True,
                        "answerOption": [
                            {"valueCoding": {"code": "oui", "display": "Oui, chaque jour"}},
                            {"valueCoding": {"code": "non", "display": "Non"}},
                        ],
                    },
                    {
                        "linkId": "pourquoi",
                        "type": "string",
                        "text": "Ce qui l’en empêche",
                        "required": True,
                        "enableWhen": [
                            {
                                "question": "sort",
                                "operator": "=",
                                "answerCoding": {"code": "non"},
                            }
                        ],
                    },
                    {"linkId": "pas", "type": "integer", "text": "Combien de pas"},
                ],
            }
        ],
    } | more


class QuestionnaireFactory(RecordFactory):
    """One in use; `category` says who reads what is answered to it."""

    class Meta:
        model = models.Questionnaire

    url = factory.Sequence("urn:test:{}".format)
    edition = "1"
    name = "pas"
    title = "Pas faits hier"
    category = "care"
    definition = factory.LazyAttribute(
        lambda one: definition(one.url, one.edition, one.title, one.category)
    )
    digest = factory.LazyAttribute(lambda one: about.digest_of(one.definition))
    status = "active"
    published_at = NOW


class ResponseFactory(RecordFactory):
    """One that was completed; `draft=True` for one that is not."""

    class Meta:
        model = models.QuestionnaireResponse

    class Params:
        draft = factory.Trait(status="in-progress", authored_at=None)

    person = factory.SubFactory(PersonFactory)
    questionnaire = factory.SubFactory(QuestionnaireFactory)
    category = factory.SelfAttribute("questionnaire.category")
    status = "completed"
    items = factory.LazyFunction(
        lambda: [
            {
                "linkId": "marche",
                "item": [
                    {
                        "linkId": "sort",
                        "answer": [{"valueCoding": {"code": "oui", "display": "Oui, chaque jour"}}],
                    }
                ],
            }
        ]
    )
    author = factory.SubFactory(AccountFactory)
    started_at = NOW
    saved_at = NOW
    authored_at = NOW


class AskedPartFactory(RecordFactory):
    """The whole of a questionnaire, asked of somebody."""

    class Meta:
        model = models.AskedPart

    person = factory.SubFactory(PersonFactory)
    questionnaire = factory.SubFactory(QuestionnaireFactory)
    category = factory.SelfAttribute("questionnaire.category")
    guest = factory.SubFactory(AccountFactory)
    asked_by = factory.SubFactory(AccountFactory)
    asked_at = NOW
    wanted_on = date(2026, 12, 24)

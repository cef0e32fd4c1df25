"""A protocol leaves as a FHIR PlanDefinition and comes back whole; a foreign one says its loss."""

import json

import pytest

from cordee.protocols import shipped
from cordee.protocols.rules.document import Document
from cordee.protocols.rules.plan_definition import exported, imported
from cordee.protocols.rules.protocol import Refused
from cordee.protocols.rules.reading import read_document
from cordee.protocols.vocabulary import known_kinds
from tests.protocols.shelf import library

FOREIGN = {
    "resourceType": "PlanDefinition",
    "id": "chf-follow-up",
    "version": "2.1",
    "name": "ChfFollowUp",
    "title": "Heart failure follow-up",
    "status": "active",
    "library": ["http://example.org/Library/x"],
    "extension": [{"url": "http://example.org/ext", "valueString": "?"}],
    "author": [{"name": "Someone"}],
    "relatedArtifact": [{"type": "citation", "citation": "A guideline"}],
    "action": [
        {"id": "call", "title": "Call", "timingDuration": {"value": 2, "code": "wk"}},
        {
            "id": "visit",
            "title": "Visit",
            "definitionCanonical": "http://example.org/ActivityDefinition/visit",
            "relatedAction": [
                {
                    "actionId": "call",
                    "relationship": "after-end",
                    "offsetDuration": {"value": 10, "code": "d"},
                }
            ],
            "participant": [{"role": {"text": "infirmier"}}, {"role": {"text": "proche"}}],
        },
        {"id": "later", "title": "Later", "timingDuration": {"value": 1.5, "code": "mo"}},
    ],
}


@pytest.mark.parametrize("id_", shipped.texts())
def test_a_shipped_protocol_comes_back_whole_from_fhir(id_):
    resource = json.loads(json.dumps(exported(library()[id_])))
    back = imported(resource)
    assert back.left == ()
    assert read_document(Document(back.document), kinds=known_kinds()) == library()[id_]


def test_steps_and_their_clocks_stand_where_fhir_wants_them():
    resource = exported(library()["sortie-personne-agee"])
    call, visit, review = resource["action"]
    assert (resource["status"], resource["version"]) == ("draft", "1")
    assert call["timingDuration"]["value"] == 1
    assert visit["trigger"] == [{"type": "named-event", "name": "intake.request_received"}]
    assert review["relatedAction"][0]["actionId"] == "appel"
    assert review["relatedAction"][0]["offsetDuration"]["code"] == "d"


def test_of_a_foreign_plan_what_has_no_place_is_listed_and_the_rest_is_taken():
    back = imported(FOREIGN)
    assert [step["horloge"]["dans"] for step in back.document["etapes"][:2]] == [
        "14 jours",
        "10 jours",
    ]
    assert back.document["etapes"][1]["horloge"]["apres"] == {"etape": "call"}
    left = "\n".join(back.left)
    for said in (
        "PlanDefinition.library",
        "http://example.org/ext",
        "action[1].definitionCanonical",
        "action[1].participant",
        "action[2].timingDuration",
    ):
        assert said in left


def test_a_foreign_plan_is_refused_with_what_must_be_completed():
    with pytest.raises(Refused) as refused:
        read_document(Document(imported(FOREIGN).document), kinds=known_kinds())
    assert any("il manque «\xa0fait\xa0»" in problem for problem in refused.value.problems)


def test_what_is_not_a_plan_definition_is_not_translated():
    with pytest.raises(ValueError, match="PlanDefinition"):
        imported({"resourceType": "Patient"})

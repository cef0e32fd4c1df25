"""A Questionnaire is read whole, or refused with everything that stands in the way."""

import pytest

from cordee.assessments.rules import reading, urls
from cordee.assessments.rules.filling import filled
from cordee.assessments.rules.reading import Refused, read
from cordee.assessments.rules.writing import write
from tests.assessments.questionnaires import TODAY, choice, group, question, sheet, unit, when


def refusal(json):
    with pytest.raises(Refused) as caught:
        read(json)
    return "\n".join(f"{one.path}: {one.said}" for one in caught.value.problems)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([question("q", "attachment")], "attachment"),
        ([question("q", answerValueSet="urn:x")], "answerValueSet"),
        ([question("q", modifierExtension=[])], "modifierExtension"),
        ([question("q", extension=[{"url": "urn:x", "valueString": "y"}])], "urn:x"),
        ([question("q", _text={"extension": []})], "_text"),
        ([question("q"), question("q")], "deux lignes"),
        ([question("q", enableWhen=[when("z", "=", answerString="x")])], "n’existe pas"),
        ([question("q", enableWhen=[when("q", "~", answerString="x")])], "L’opérateur"),
        ([question("q", enableWhen=[when("q", "=", answerReference={})])], "valueReference"),
        ([question("q", enableWhen=[when("g", "exists", answerBoolean=True)]), group("g")], "g"),
        (
            [
                question("q", "integer"),
                question("r", enableWhen=[when("q", "=", answerString="x")]),
            ],
            "valueString",
        ),
        (
            [question("q"), question("r", enableWhen=[when("q", ">", answerString="x")])],
            "demande un ordre",
        ),
        (
            [
                choice("q", {"oui": 1}),
                question("r", enableWhen=[when("q", "=", answerCoding={"code": "non"})]),
            ],
            "ne propose pas",
        ),
        (
            [
                question("a", enableWhen=[when("b", "exists", answerBoolean=True)]),
                question("b", enableWhen=[when("c", "exists", answerBoolean=True)]),
                question("c", enableWhen=[when("a", "exists", answerBoolean=True)]),
            ],
            "a → b → c → a",
        ),
        (
            [group("g", question("q"), enableWhen=[when("q", "exists", answerBoolean=True)])],
            "dépendent",
        ),
        (
            [
                question("q", "quantity", extension=[unit("kg")]),
                question(
                    "r", enableWhen=[when("q", ">", answerQuantity={"value": 1, "code": "g"})]
                ),
            ],
            "n’est pas celle",
        ),
        ([question("q", "choice")], "aucune réponse"),
        ([question("q", maxLength=-1)], "maxLength"),
        ([question("a/b"), group("a", question("b"))], "se confond"),
        ([question("q:0")], "suivi d’un chiffre"),
        ([question("q", required="oui")], "required"),
        ([question("q", initial=[{"valueInteger": 1}])], "valeur initiale"),
        ([question("q", repeats=True, item=[question("r")])], "plusieurs réponses"),
        ([{"type": "string"}], "linkId"),
        (["q"], "objet"),
    ],
)
def test_what_is_wrong_or_not_supported_is_named(items, words):
    assert words in refusal(sheet(*items))


def test_everything_that_is_wrong_is_said_at_once():
    said = refusal(sheet(question("q", "reference"), question("r", extra=1), surprise=1))
    assert "reference" in said
    assert "extra" in said
    assert "surprise" in said


def test_an_extension_hidden_in_what_is_kept_is_named_too():
    contact = [{"name": "x", "extension": [{"url": "urn:x"}]}]
    assert "contact" in refusal(sheet(question("q"), contact=contact))


def test_a_heavy_file_is_refused_before_it_is_read():
    with pytest.raises(Refused, match="n’a pas été lu"):
        reading.loads(b"{" * 10_000_000)


@pytest.mark.parametrize(
    "body", [b"", b"[" * 100_000, b"\xff", b"[]", b'{"url": 1, "url": 2}', b'{"x": NaN}']
)
def test_what_is_not_a_json_object_is_refused(body):
    with pytest.raises(Refused):
        reading.loads(body)


def test_too_many_lines_and_too_deep_are_refused():
    assert "plus de 1000 lignes" in refusal(sheet(*(question(f"q{n}") for n in range(1_001))))
    deep = question("q")
    for number in range(10):
        deep = group(f"g{number}", deep)
    assert "niveaux" in refusal(sheet(deep))


def test_help_stands_beside_the_line_above_and_not_on_a_line_of_its_own():
    control = {
        "url": urls.CONTROL,
        "valueCodeableConcept": {"coding": [{"system": urls.CONTROL_CODES, "code": "help"}]},
    }
    aid = question("aide", "display", extension=[control]) | {"text": "Sur les six derniers mois."}
    json = sheet(question("chutes", "integer", item=[aid]))
    definition = read(json)
    assert definition.item("chutes").help == "Sur les six derniers mois."
    assert [row.path for row in filled(definition, [], today=TODAY).rows] == ["chutes"]
    assert write(definition) == json


def test_what_is_kept_unread_comes_back():
    kept = {
        "identifier": [{"value": "x"}],
        "contact": [{"name": "Une équipe"}],
        "subjectType": ["Patient"],
        "copyright": "Domaine public",
        "extension": [{"url": urls.SCORING, "valueCode": "epices"}],
    }
    json = sheet(question("q", code=[{"code": "1"}], definition="urn:x"), **kept)
    definition = read(json)
    assert definition.scoring == "epices"
    assert write(definition) == json

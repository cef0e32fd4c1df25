"""The shipped definitions against the engine and the scores: what is asked is what is counted."""

import random
from decimal import Decimal

import pytest

from cordee.assessments.rules import reading, writing
from cordee.assessments.rules.aggir import CISIS, CISIS_OF_GIR, DISCRIMINATING, ILLUSTRATIVE
from cordee.assessments.rules.aggir_variables import ADVERBS, PARTS
from cordee.assessments.rules.filling import begun, filled
from cordee.assessments.rules.instruments import charlson, eva, hospital, lace, tug
from cordee.assessments.rules.results import Missing
from cordee.assessments.rules.scoring import NAMES, score
from tests.assessments.sheets import FOLDER, ON, ORDINAL, definition, items
from tests.assessments.test_wordings import FRENCH, said

SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))
FORMULAS = ("aggir", "charlson", "lace", "hospital", "tug", "eva")
ICF = "http://hl7.org/fhir/sid/icf"


def read(name):
    return reading.read(reading.loads((FOLDER / f"{name}.json").read_bytes()))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_definition_is_read_without_a_refusal_and_written_back_whole(name):
    found = read(name)
    assert found.scoring in NAMES
    assert reading.read(writing.write(found)).facts == found.facts
    assert writing.write(reading.read(writing.write(found))) == writing.write(found)


def test_every_score_has_its_definition():
    assert {read(name).scoring for name in SHIPPED} == set(NAMES)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_says_who_it_is_whose_it_is_and_in_good_french(name):
    given = definition(name)
    assert given["url"] == f"urn:cordee:questionnaire:{name}"
    assert (given["version"], given["status"], given["language"]) == ("1.0", "active", "fr")
    assert all(given[key].strip() for key in ("title", "description", "purpose", "copyright"))
    assert not [text for text in said(given) if FRENCH.search(text)]
    ids = [item["linkId"] for item in items(name)]
    assert len(ids) == len(set(ids))
    assert all(len(one) <= 24 for one in ids)


def answer(item, dice):
    """One answer that a person could give to a question, or two when it takes several."""
    bounds = {one["url"].rsplit("/", 1)[1]: one for one in item.get("extension", ())}
    if item["type"] == "boolean":
        return [{"valueBoolean": dice.random() < 0.5}]
    if item["type"] in ("integer", "decimal"):
        key = "valueInteger" if item["type"] == "integer" else "valueDecimal"
        low, high = bounds["minValue"][key], bounds["maxValue"][key]
        return [{key: Decimal(dice.randint(low, min(high, low + 150)))}]
    options = [
        {"valueCoding": option["valueCoding"]}
        for option in item["answerOption"]
        if not option.get("extension") or len(option["extension"]) == 1
    ]
    return dice.sample(options, dice.randint(1, 2) if item.get("repeats") else 1)


def response(name, dice, *, silence=0.0):
    """A whole response, questions that are not asked included; some of it may be left out."""

    def one(item):
        built = {"linkId": item["linkId"]}
        if item["type"] == "display":
            return None
        if item["type"] != "group" and dice.random() >= silence:
            built["answer"] = answer(item, dice)
        under = [one(child) for child in item.get("item", ())]
        if item["type"] == "group":
            built["item"] = [child for child in under if child]
        return built

    return [built for built in map(one, definition(name)["item"]) if built]


@pytest.mark.parametrize("name", FORMULAS)
def test_what_the_screen_finds_complete_has_a_score_and_nothing_else_has(name):
    """The questions the screen calls missing are those the score lacks, on 150 responses."""
    dice = random.Random(name)
    seen = set()
    for _ in range(150):
        given = response(name, dice, silence=dice.choice((0, 0, 0.03, 0.3)))
        found = filled(read(name), given, today=ON)
        assert not found.errors
        result = score(name, found.answers, on=ON)
        lacking = result.link_ids if isinstance(result, Missing) else ()
        assert {path.split("/")[-1] for path in found.missing} >= set(lacking)
        assert bool(found.missing) == isinstance(result, Missing), (found.missing, lacking)
        seen.add(bool(lacking))
    assert seen == {True, False}


@pytest.mark.parametrize("name", FORMULAS)
def test_what_a_score_lacks_first_is_a_question_of_its_screen(name):
    lacking = score(name, {}, on=ON).link_ids
    order = [item["linkId"] for item in items(name)]
    assert list(lacking) == sorted(lacking, key=order.index)


def test_the_ten_variables_of_aggir_are_asked_by_their_parts_and_the_seven_others_are_optional():
    asked = {item["linkId"]: item for item in items("aggir")}
    for name in DISCRIMINATING:
        for part in PARTS.get(name, (name,)):
            assert asked[part]["required"]
            assert asked[part + "-lacks"]["required"]
        if name in PARTS:
            under = [
                item["linkId"] for item in asked[name]["item"] if "lacks" not in item["linkId"]
            ]
            assert under == list(PARTS[name])
    for name in ILLUSTRATIVE:
        assert not asked[name].get("required")
        assert not asked[name + "-lacks"].get("required")


def test_adverbs_of_aggir_are_asked_only_of_what_is_done_in_part():
    for item in items("aggir"):
        if item["linkId"].endswith("-lacks"):
            (condition,) = item["enableWhen"]
            assert condition["question"] == item["linkId"].removesuffix("-lacks")
            assert condition["answerCoding"]["code"] == "B"
            assert {option["valueCoding"]["code"] for option in item["answerOption"]} == set(
                ADVERBS
            )


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        *(("coherence", ["d350"]), ("orientation", ["b114"]), ("toilet", ["d510"])),
        *(("dressing", ["d540"]), ("eating", ["d550"]), ("elimination", ["d5300", "d5301"])),
        *(("transfers", ["d420"]), ("indoors", ["d4600"]), ("outdoors", ["d4602"])),
        ("alert", ["d360"]),
    ],
)
def test_a_variable_of_aggir_has_the_code_of_the_ans(question, codes):
    (item,) = (item for item in items("aggir") if item["linkId"] == question)
    assert [code["code"] for code in item["code"]] == codes
    assert {code["system"] for code in item["code"]} == {ICF}


def test_the_grid_and_each_gir_have_their_code_of_the_ans():
    assert [(one["system"], one["code"]) for one in definition("aggir")["code"]] == [
        (CISIS, "MED-1293")
    ]
    assert CISIS_OF_GIR[1] == "MED-339"
    assert CISIS_OF_GIR[6] == "MED-344"


def test_what_is_weighed_on_the_screen_of_charlson_is_what_its_score_counts():
    asked = {item["linkId"]: item for item in items("charlson")}
    weights = {
        (link_id, option["valueCoding"]["code"]): option["extension"][0]["valueDecimal"]
        for link_id, item in asked.items()
        for option in item.get("answerOption", ())
        if option["extension"][0]["url"] == ORDINAL
    }
    wanted = {("conditions", code): weight for code, (weight, _) in charlson.CONDITIONS.items()}
    wanted |= {
        (row.link_id, code): one.points
        for row in charlson.ROWS
        for code, one in row.choices.items()
    }
    assert weights == wanted | {("conditions", charlson.NONE): 0}
    (none,) = (
        option
        for option in asked["conditions"]["answerOption"]
        if option["valueCoding"]["code"] == charlson.NONE
    )
    assert none["extension"][1]["valueBoolean"], "none of these, and nothing beside"


@pytest.mark.parametrize(
    ("name", "question", "low", "high"),
    [
        ("charlson", "age", 0, charlson.OLDEST),
        ("lace", "stay", 0, lace.LONGEST_STAY),
        ("lace", "charlson", 0, lace.HIGHEST_CHARLSON),
        ("lace", "visits", 0, lace.MOST_VISITS),
        ("hospital", "haemoglobin", *hospital.HAEMOGLOBIN),
        ("hospital", "sodium", *hospital.SODIUM),
        ("hospital", "admissions", 0, hospital.MOST_STAYS),
        ("hospital", "stay", 0, hospital.LONGEST_STAY),
        ("tug", "seconds", tug.SHORTEST, tug.LONGEST),
        ("eva", "pain-10", 0, eva.RULERS["10"][1]),
        ("eva", "pain-100", 0, eva.RULERS["100"][1]),
    ],
)
def test_the_bounds_of_the_screen_are_those_of_the_score(name, question, low, high):
    item = read(name).item(question)
    assert (item.minimum, item.maximum) == (low, high)


def test_a_new_pain_is_read_from_0_to_10_unless_the_ruler_is_changed():
    found = filled(read("eva"), begun(read("eva")), today=ON)
    assert [row.item.link_id for row in found.rows] == ["ruler", "pain-10", "moment"]

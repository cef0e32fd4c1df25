"""The shipped definitions: sourced, in good French, and worth what the score counts."""

import re
from decimal import Decimal

import pytest

from cordee.assessments.rules.filling import filled
from cordee.assessments.rules.instruments import (
    carer,
    coordination,
    epices,
    functional,
    gds,
    multidimensional,
    norton,
    sega,
)
from cordee.assessments.rules.reading import loads, read
from cordee.assessments.rules.results import Missing
from cordee.assessments.rules.scoring import score
from cordee.assessments.rules.writing import write
from tests.assessments.sheets import (
    FOLDER,
    ON,
    ORDINAL,
    OURS,
    SHEETS,
    definition,
    first_answers,
    items,
)

ROWS = {
    "epices": epices.ROWS,
    "gds-15": gds.ROWS,
    "mini-gds": gds.MINI_ROWS,
    "sega-a": sega.ROWS,
    "norton": norton.ROWS,
    "functional": (*functional.BASIC, *functional.INSTRUMENTAL),
    "carer-burden": carer.ROWS,
    "coordination-need": coordination.ROWS,
    "multidimensional": multidimensional.ROWS,
}
FRENCH = re.compile(r"[ ](?=[:;!?»])|«(?!\u00a0)|\w'\w|(?<=[^\s\u00a0\u202f])[:;!?»](?=\s|$)")


def said(node):
    """Every text of a definition that a person reads."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"text", "display", "title", "description", "copyright", "purpose"}:
                yield value
            else:
                yield from said(value)
    elif isinstance(node, list):
        for one in node:
            yield from said(one)


@pytest.mark.parametrize("name", OURS)
def test_a_definition_says_who_it_is_and_whose_it_is(name):
    given = definition(name)
    assert given["url"] == f"urn:cordee:questionnaire:{name}"
    assert (given["version"], given["status"], given["language"]) == ("1.0", "active", "fr")
    assert {"url": "urn:cordee:scoring", "valueCode": name} in given["extension"]
    assert all(given[key].strip() for key in ("title", "description", "purpose", "copyright"))


@pytest.mark.parametrize("name", OURS)
def test_the_name_it_is_scored_by_is_known_and_an_empty_sheet_has_no_score(name):
    lacking = score(name, {}, on=ON)
    assert isinstance(lacking, Missing)
    assert set(lacking.link_ids) <= {item["linkId"] for item in items(name)}


@pytest.mark.parametrize("name", OURS)
def test_the_reader_refuses_nothing_of_it_and_writes_it_back_whole(name):
    given = loads((FOLDER / f"{name}.json").read_bytes())
    assert write(read(given)) == given


@pytest.mark.parametrize("name", OURS)
def test_filled_on_the_screen_it_is_complete_and_has_its_score(name):
    """By the door of the engine: the first choice, the least number, a day, a name."""
    read_once = read(loads((FOLDER / f"{name}.json").read_bytes()))
    response = filled(read_once, first_answers(name), today=ON)
    assert response.is_complete, (response.missing, response.errors)
    results = score(name, response.answers, on=ON)
    assert not isinstance(results, Missing), results
    assert all(result.source and result.caution for result in results)


@pytest.mark.parametrize("name", OURS)
def test_what_a_person_reads_is_set_in_french(name):
    wrong = [text for text in said(definition(name)) if FRENCH.search(text)]
    assert not wrong


@pytest.mark.parametrize("name", OURS)
def test_each_question_has_a_linkid_of_its_own_that_is_short(name):
    ids = [item["linkId"] for item in items(name)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9-]{1,24}", one) for one in ids)


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_in_our_own_words_says_so(name):
    assert "Texte rédigé pour Cordée" in definition(name)["copyright"]


@pytest.mark.parametrize("name", ROWS)
def test_what_is_weighed_on_the_screen_is_what_the_score_counts(name):
    """Both ways: each row has its question and is required, each choice its words and weight."""
    asked = {item["linkId"]: item for item in items(name)}
    for row in ROWS[name]:
        item = asked[row.link_id]
        assert item["required"]
        if item["type"] == "boolean":
            assert set(row.choices) == {True, False}
            continue
        shown = {
            option["valueCoding"]["code"]: (
                Decimal(str(option["extension"][0]["valueDecimal"])),
                option["valueCoding"]["display"].lower(),
            )
            for option in item["answerOption"]
        }
        wanted = {code: (one.points, one.said.lower()) for code, one in row.choices.items()}
        assert shown == wanted


@pytest.mark.parametrize("name", ROWS)
def test_only_what_is_scored_is_weighed(name):
    rows = {row.link_id for row in ROWS[name]}
    for item in items(name):
        weighed = [one for one in item.get("answerOption", ()) if ORDINAL in str(one)]
        assert not weighed or item["linkId"] in rows


def test_the_evaluation_opens_on_the_words_of_the_person_and_covers_eight_domains():
    groups = [item for item in definition("multidimensional")["item"] if item["type"] == "group"]
    assert groups[0]["linkId"] == "wishes"
    assert {group["linkId"] for group in groups} == set(multidimensional.DOMAINS)
    wishes = {item["linkId"]: item["type"] for item in groups[0]["item"]}
    assert wishes["matters"] == wishes["refuses"] == "text"

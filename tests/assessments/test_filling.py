"""Answers typed and settled: what is asked, what lacks, what is said of an error."""

from decimal import Decimal

import pytest

from cordee.assessments.rules import urls
from cordee.assessments.rules.filling import begun, filled, typed
from cordee.assessments.rules.reading import read
from tests.assessments.questionnaires import (
    TODAY,
    choice,
    filling,
    group,
    paths,
    question,
    sheet,
    unit,
    when,
)

YES = {"code": "oui"}


def one_error(item, text, name="q"):
    said = typed(read(sheet(item)), {name: [text]})
    return said.errors.get("q", "")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("decimal", "12,5", {"valueDecimal": 12.5}),
        ("decimal", "1\u202f234", {"valueDecimal": 1234}),
        ("integer", "-3", {"valueInteger": -3}),
        ("date", "27/11/2026", {"valueDate": "2026-11-27"}),
        ("date", "2026-11-27", {"valueDate": "2026-11-27"}),
        ("date", "1.2.1930", {"valueDate": "1930-02-01"}),
        ("time", "14h05", {"valueTime": "14:05:00"}),
        ("dateTime", "27/11/2026 14:05", {"valueDateTime": "2026-11-27T14:05:00+01:00"}),
        ("boolean", "oui", {"valueBoolean": True}),
        ("boolean", "false", {"valueBoolean": False}),
        ("string", "  Chez elle ", {"valueString": "Chez elle"}),
        ("url", "https://exemple.fr", {"valueUri": "https://exemple.fr"}),
    ],
)
def test_what_french_people_type_is_understood(kind, text, value):
    said = typed(read(sheet(question("q", kind))), {"q": [text]})
    assert said.items == [{"linkId": "q", "answer": [value]}]
    assert not said.errors


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("decimal", "douze", "par exemple 12,5"),
        ("decimal", "1" * 16, "15 chiffres au plus"),
        ("integer", "3,5", "nombre entier"),
        ("date", "31/02/2026", "n’existe pas"),
        ("date", "hier", "comme 27/11/2026"),
        ("time", "25:00", "comme 14:05"),
        ("dateTime", "27/11/2026 99:00", "comme 14:05"),
        ("boolean", "peut-être", "oui ou non"),
        ("url", "exemple", "adresse complète"),
    ],
)
def test_what_cannot_be_read_is_answered_by_what_to_type(kind, text, words):
    assert words in one_error(question("q", kind), text)


def test_a_choice_that_is_not_offered_is_not_taken():
    assert "proposées" in one_error(choice("q", {"oui": 1, "non": 0}), "peut-être")


def test_an_open_choice_takes_a_code_or_free_words():
    json = sheet(choice("q", {"chat": None}, kind="open-choice", repeats=True))
    said = typed(read(json), {"q": ["chat"], "q.other": ["une tortue"]})
    found = filled(read(json), said.items, today=TODAY)
    assert found.answers == {"q": ("chat", "une tortue")}
    assert not found.errors


def test_a_quantity_of_two_units_asks_for_one():
    units = [unit("kg", urls.UNIT_OPTION), unit("g", urls.UNIT_OPTION)]
    definition = read(sheet(question("q", "quantity", extension=units)))
    assert "unité" in typed(definition, {"q": ["70"]}).errors["q"]
    said = typed(definition, {"q": ["70"], "q.unit": ["g"]})
    row = filled(definition, said.items, today=TODAY).rows[0]
    assert (row.values, row.unit) == ((Decimal(70),), "g")


def test_a_quantity_that_comes_in_another_unit_is_refused():
    definition = read(sheet(question("q", "quantity", extension=[unit("kg")])))
    pounds = {"value": 150, "code": "[lb_av]"}
    items = [{"linkId": "q", "answer": [{"valueQuantity": pounds}]}]
    assert "kg" in filled(definition, items, today=TODAY).errors["q"]


@pytest.mark.parametrize(
    ("kind", "operator", "answer", "shown_by", "hidden_by"),
    [
        ("integer", "exists", {"answerBoolean": True}, "1", ""),
        ("integer", "exists", {"answerBoolean": False}, "", "1"),
        ("integer", "=", {"answerInteger": 2}, "2", "3"),
        ("integer", "!=", {"answerInteger": 2}, "3", "2"),
        ("integer", "!=", {"answerInteger": 2}, "3", ""),
        ("integer", ">", {"answerInteger": 2}, "3", "2"),
        ("integer", "<", {"answerInteger": 2}, "1", "2"),
        ("integer", "<", {"answerInteger": 2}, "1", ""),
        ("decimal", ">=", {"answerDecimal": 2.5}, "2,5", "2,4"),
        ("decimal", "<=", {"answerInteger": 2}, "2", "2,1"),
        ("date", ">", {"answerDate": "2020-01-01"}, "02/01/2020", "01/01/2020"),
        ("date", "<", {"answerDate": "2020"}, "31/12/2019", "01/01/2020"),
        ("time", ">=", {"answerTime": "08:00:00"}, "08:00", "07:59"),
        ("dateTime", "<", {"answerDateTime": "2026-01-01T12:00:00+02:00"}, "01/01/2026 10:59", ""),
        ("boolean", "=", {"answerBoolean": True}, "oui", "non"),
        ("string", "=", {"answerString": "chat"}, "chat", "chien"),
    ],
)
def test_every_operator_of_enable_when_shows_and_hides(kind, operator, answer, shown_by, hidden_by):
    asked = question("suite", enableWhen=[when("q", operator, **answer)])
    json = sheet(question("q", kind), asked)
    assert "suite" in paths(filling(json, {"q": shown_by}))
    assert "suite" not in paths(filling(json, {"q": hidden_by}))


@pytest.mark.parametrize(("behavior", "shown"), [("any", True), ("all", False)])
def test_several_conditions_hold_together_or_one_by_one(behavior, shown):
    conditions = [when("a", "=", answerBoolean=True), when("b", "=", answerBoolean=True)]
    asked = question("suite", enableWhen=conditions, enableBehavior=behavior)
    json = sheet(question("a", "boolean"), question("b", "boolean"), asked)
    assert ("suite" in paths(filling(json, {"a": "oui", "b": "non"}))) is shown


def test_the_answer_to_a_question_that_is_no_longer_asked_is_left_out_and_what_hangs_from_it():
    json = sheet(
        choice("aide", {"oui": 1, "non": 0}),
        group(
            "g",
            question("qui", required=True),
            enableWhen=[when("aide", "=", answerCoding=YES)],
        ),
        question("depuis", enableWhen=[when("qui", "exists", answerBoolean=True)]),
    )
    fields = {"aide": "non", "g/qui": "Sa fille", "depuis": "2020"}
    found = filling(json, fields)
    assert paths(found) == ["aide"]
    assert [one["linkId"] for one in found.items] == ["aide"]
    assert not found.missing
    assert set(found.answers) == {"aide"}
    assert set(filling(json, fields | {"aide": "oui"}).answers) == {"aide", "qui", "depuis"}


def test_a_question_may_come_before_the_one_it_depends_on():
    json = sheet(
        question("avant", enableWhen=[when("apres", "=", answerBoolean=True)]),
        question("apres", "boolean", enableWhen=[when("porte", "=", answerBoolean=True)]),
        question("porte", "boolean"),
    )
    fields = {"avant": "x", "apres": "oui", "porte": "non"}
    assert paths(filling(json, fields)) == ["porte"]


def test_in_a_group_that_repeats_a_condition_looks_at_its_own_instance():
    json = sheet(
        group(
            "chutes",
            question("blesse", "boolean"),
            question("soins", enableWhen=[when("blesse", "=", answerBoolean=True)]),
            repeats=True,
        )
    )
    found = filling(json, {"chutes:0/blesse": "non", "chutes:1/blesse": "oui"})
    assert "chutes:0/soins" not in paths(found)
    assert "chutes:1/soins" in paths(found)


def test_instances_are_numbered_again_and_one_may_be_added_after_the_last():
    json = sheet(group("chutes", question("lieu"), question("le", "date"), repeats=True))
    fields = {"chutes:2/lieu": ["Cuisine"], "chutes:5/le": ["hier"]}
    said = typed(read(json), fields)
    assert set(said.errors) == {"chutes:1/le"}
    found = filled(read(json), said.items, today=TODAY)
    assert [row.again for row in found.rows if row.item.type == "group"] == ["", "chutes:2"]
    assert found.items == [
        {
            "linkId": "chutes",
            "item": [{"linkId": "lieu", "answer": [{"valueString": "Cuisine"}]}],
        }
    ]


def test_an_instance_that_nobody_began_lacks_nothing():
    json = sheet(group("chutes", question("lieu", required=True), question("le"), repeats=True))
    assert filling(json, {}).missing == ()
    assert filling(json, {"chutes:0/le": "lundi"}).missing == ("chutes:0/lieu",)
    json["item"][0]["required"] = True
    assert filling(json, {}).missing == ("chutes:0", "chutes:0/lieu")
    assert filling(json, {"chutes:0/lieu": "Cuisine", "chutes:1/lieu": ""}).missing == ()
    assert filling(json, {"chutes:0/lieu": "", "chutes:1/lieu": "Cuisine"}).missing == ()


def test_a_group_says_how_many_times_it_is_wanted():
    occurs = [
        {"url": urls.MIN_OCCURS, "valueInteger": 2},
        {"url": urls.MAX_OCCURS, "valueInteger": 3},
    ]
    json = sheet(group("proches", question("nom"), repeats=True, extension=occurs))

    def named(count):
        return filling(json, {f"proches:{rank}/nom": "x" for rank in range(count)})

    assert named(0).missing == ("proches:0",)
    assert "2 fois au moins" in named(1).errors["proches:0"]
    assert not named(2).errors
    assert named(2).rows[2].again == "proches:2"
    assert named(3).rows[4].again == ""
    assert "3 fois au plus" in named(4).errors["proches:0"]


def test_a_question_under_a_question_keeps_its_place():
    json = sheet(question("aide", "boolean", item=[question("qui", required=True)]))
    found = filling(json, {"aide": "oui", "aide/qui": "Sa fille"})
    inside = [{"linkId": "qui", "answer": [{"valueString": "Sa fille"}]}]
    assert found.items == [{"linkId": "aide", "answer": [{"valueBoolean": True, "item": inside}]}]
    assert filling(json, {"aide": "oui"}).missing == ("aide/qui",)
    again = filled(read(json), found.items, today=TODAY)
    assert again.items == found.items


def test_initial_answers_are_those_of_a_new_response_only():
    json = sheet(
        question("ville", initial=[{"valueString": "Albi"}]),
        choice("aide", {"oui": 1, "non": 0}),
    )
    json["item"][1]["answerOption"][1]["initialSelected"] = True
    definition = read(json)
    found = filled(definition, begun(definition), today=TODAY)
    assert found.answers == {"ville": ("Albi",), "aide": ("non",)}
    assert filled(definition, [], today=TODAY).answers == {}


def test_what_is_read_only_or_hidden_cannot_be_typed_over():
    json = sheet(
        question("source", initial=[{"valueString": "Cordée"}], readOnly=True),
        question(
            "cache",
            initial=[{"valueString": "x"}],
            extension=[{"url": urls.HIDDEN, "valueBoolean": True}],
        ),
    )
    found = filling(json, {"source": "moi", "cache": "y"})
    assert found.answers == {"source": ("Cordée",), "cache": ("x",)}
    assert paths(found) == ["source"]


def bound(url, **value):
    return {"url": url, **value}


@pytest.mark.parametrize(
    ("item", "text", "words"),
    [
        (question("q", extension=[bound(urls.MIN_LENGTH, valueInteger=3)]), "ab", "au moins 3"),
        (question("q", maxLength=3), "abcd", "3 au plus"),
        (question("q", "integer", extension=[bound(urls.MINIMUM, valueInteger=0)]), "-1", "moins"),
        (question("q", "decimal", extension=[bound(urls.MAXIMUM, valueDecimal=1.5)]), "2", "1,5"),
        (question("q", "decimal", extension=[bound(urls.DECIMALS, valueInteger=1)]), "1,25", "1"),
        (
            question("q", "date", extension=[bound(urls.MAXIMUM, valueDate="2026-11-27")]),
            "28/11/2026",
            "doit être le 27/11/2026 ou avant",
        ),
        (
            question("q", "date", extension=[bound(urls.MINIMUM, valueDate="2026-11-27")]),
            "26/11/2026",
            "doit être le 27/11/2026 ou après",
        ),
        (
            question("q", "integer", extension=[bound(urls.MINIMUM, valueInteger=3)]),
            "2",
            "doit être d’au moins 3",
        ),
        (question("q", maxLength=3), "abcd", "Ce texte a 4\u00a0caractères"),
        (question("q", extension=[bound(urls.MIN_LENGTH, valueInteger=1000)]), "a", "1\u202f000"),
        (
            question("q", "decimal", extension=[bound(urls.DECIMALS, valueInteger=1)]),
            "1,25",
            "1\u00a0chiffre après la virgule",
        ),
    ],
)
def test_an_answer_out_of_its_limits_is_kept_and_said(item, text, words):
    found = filling(sheet(item), {"q": text})
    assert words in found.errors["q"]
    assert found.rows[0].error == found.errors["q"]
    assert not found.is_complete
    assert found.answers["q"]


def test_an_answer_that_excludes_the_others_stands_alone():
    json = sheet(choice("q", {"chute": None, "aucun": None}, repeats=True))
    json["item"][0]["answerOption"][1]["extension"] = [
        {"url": urls.EXCLUSIVE, "valueBoolean": True}
    ]
    definition = read(json)
    said = typed(definition, {"q": ["chute", "aucun"]})
    assert "AUCUN" in filled(definition, said.items, today=TODAY).errors["q"]


@pytest.mark.parametrize(
    ("items", "path"),
    [
        ([{"linkId": "absente", "answer": [{"valueString": "x"}]}], "absente"),
        ([{"linkId": "q", "answer": [{"valueString": "x"}]}], "q"),
        ([{"linkId": "q", "answer": [{"valueInteger": 1.5}]}], "q"),
        ([{"linkId": "q", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]}], "q"),
        ([{"linkId": "q", "answer": [{"valueInteger": 1, "extension": []}]}], "q"),
        ([{"linkId": "q"}, {"linkId": "q"}], "q"),
        ([{"linkId": "g", "answer": [{"valueInteger": 1}]}], "g"),
        ([{"linkId": "c", "answer": [{"valueCoding": {"code": "peut-être"}}]}], "c"),
    ],
)
def test_a_response_that_comes_from_elsewhere_is_not_believed(items, path):
    lines = (question("q", "integer"), group("g", question("h")), choice("c", {"oui": 1}))
    assert filled(read(sheet(*lines)), items, today=TODAY).errors[path]


def test_the_words_of_a_code_are_those_of_the_definition():
    json = sheet(choice("q", {"oui": 1}))
    items = [{"linkId": "q", "answer": [{"valueCoding": {"code": "oui", "display": "Faux"}}]}]
    kept = filled(read(json), items, today=TODAY).items[0]["answer"][0]["valueCoding"]
    assert kept == {"system": "urn:codes", "code": "oui", "display": "OUI"}

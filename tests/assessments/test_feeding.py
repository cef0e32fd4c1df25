"""Nobody retypes: what is known is proposed with its source and its date, and fills nothing."""

from datetime import date
from decimal import Decimal

import pytest

from cordee.assessments.rules.feeding import (
    MONTHS,
    OTHERWISE,
    TITLES,
    Known,
    known_of,
    proposals,
)
from cordee.assessments.rules.feeds import FEEDS, PERSON, RESULT, sources_of
from cordee.assessments.rules.scoring import score
from cordee.assessments.rules.suggesting import next_instruments
from tests.assessments.sheets import answers, definition, items

D = Decimal
ON = date(2026, 11, 27)
RECENT = date(2026, 11, 20)
NURSE, DOCTOR = "Mme Roux, infirmière", "Dr Klein, médecin"


def evaluation(on=RECENT, author=NURSE, **said):
    return [Known("multidimensional", key, value, on, author) for key, value in said.items()]


def born(day):
    return Known(PERSON, "birth-date", day, date(2020, 1, 1), "état civil")


def proposed(target, known, on=ON):
    return {one.link_id: one for one in proposals(target, known, on=on)}


# What is proposed


def test_falls_and_the_living_place_of_the_evaluation_are_proposed_to_sega():
    found = proposed("sega-a", evaluation(falls="one", living="home-help"))
    assert {key: one.value for key, one in found.items()} == {"falls": "one", "living": "home-help"}
    said = found["falls"].said_source
    assert said == "Évaluation multidimensionnelle, vendredi 20\u00a0novembre, Mme Roux, infirmière"
    assert found["falls"].said_age == ""


@pytest.mark.parametrize(
    ("birth", "row"),
    [("1951-11-28", "74"), ("1951-11-27", "75-84"), ("1941-11-28", "75-84"), ("1941-11-27", "85")],
)
def test_the_age_comes_from_the_record_on_the_day_of_the_birthday(birth, row):
    found = proposed("sega-a", [born(birth)])
    assert found["age"].value == row
    assert found["age"].said_source == "Dossier de la personne"
    assert found["age"].said_age == ""


def test_who_was_born_on_29_february_has_a_birthday_in_common_years():
    assert proposed("epices", [born("2000-02-29")], date(2026, 2, 27))["age"].value == 25
    assert proposed("epices", [born("2000-02-29")], date(2026, 2, 28))["age"].value == 26
    assert proposed("epices", [born("2000-02-29")], date(2028, 2, 28))["age"].value == 27
    assert proposed("epices", [born("2000-02-29")], date(2028, 2, 29))["age"].value == 28


@pytest.mark.parametrize("birth", ["1938", "", "2030-01-01"])
def test_a_day_of_birth_that_is_not_whole_or_to_come_proposes_no_age(birth):
    assert proposed("sega-a", [born(birth)]) == {}


@pytest.mark.parametrize(
    ("count", "row"), [(0, "0-3"), (3, "0-3"), (4, "4-5"), (5, "4-5"), (6, "6"), (12, "6")]
)
def test_a_number_of_medicines_gives_its_row(count, row):
    found = proposed("sega-a", evaluation(**{"medicine-count": D(count)}))
    assert found["medicines"].value == row


@pytest.mark.parametrize(
    ("count", "row"), [(0, "none"), (1, "1-3"), (3, "1-3"), (4, "4"), (9, "4")]
)
def test_a_number_of_diseases_gives_its_row(count, row):
    assert proposed("sega-a", evaluation(**{"disease-count": D(count)}))["diseases"].value == row


@pytest.mark.parametrize(
    ("value", "mood"), [(0, "normal"), (5, "normal"), (6, "sad"), (9, "sad"), (10, "depressed")]
)
def test_the_result_of_the_gds_is_proposed_as_the_mood(value, mood):
    known = [Known("gds-15", "@gds-15", D(value), RECENT, NURSE)]
    assert proposed("sega-a", known)["mood"].value == mood


@pytest.mark.parametrize(
    ("said", "row"),
    [
        (("alone",) * 4, "independent"),
        (("alone", "alone", "alone", "some-help"), "some-help"),
        (("full-help",) * 3 + ("some-help",), "some-help"),
        (("full-help",) * 4, "unable"),
    ],
)
def test_four_activities_together_give_the_row_of_daily_life(said, row):
    four = dict(zip(("phone", "cooking", "medicines", "transport"), said, strict=True))
    known = [Known("functional", key, value, RECENT, NURSE) for key, value in four.items()]
    assert proposed("sega-a", known)["iadl"].value == row
    assert "iadl" not in proposed("sega-a", known[:3])


def test_activities_of_two_days_are_never_put_together():
    keys = ("phone", "cooking", "medicines", "transport")
    known = [Known("functional", key, "alone", RECENT, NURSE) for key in keys[:2]]
    known += [Known("functional", key, "alone", ON, NURSE) for key in keys[2:]]
    assert "iadl" not in proposed("sega-a", known)


def test_norton_proposes_mobility_and_is_proposed_what_does_not_ask_to_judge():
    chair = [Known("norton", "activity", "chair", RECENT, NURSE)]
    assert proposed("sega-a", chair)["mobility"].value == "unable"
    assert proposed("norton", evaluation(mobility="some-help"))["activity"].value == "walks-helped"
    assert "activity" not in proposed("norton", evaluation(mobility="unable"))


def test_nothing_is_proposed_for_an_instrument_that_nothing_feeds():
    assert proposals("zarit-22", evaluation(falls="one"), on=ON) == ()


# Which source


def test_the_most_recent_wins_and_another_source_that_disagrees_is_shown():
    known = [
        Known("norton", "activity", "walks", date(2026, 11, 1), DOCTOR),
        *evaluation(mobility="some-help"),
    ]
    found = proposed("sega-a", known)["mobility"]
    assert found.value == "some-help"
    assert [(one.value, one.authored_on) for one in found.others] == [
        ("independent", date(2026, 11, 1))
    ]
    assert "Dr Klein" in found.others[0].said_source
    assert proposed("sega-a", known[::-1])["mobility"] == found


def test_sources_that_agree_are_one_proposal():
    known = [
        Known("norton", "activity", "walks", date(2026, 11, 1), DOCTOR),
        *evaluation(mobility="independent"),
    ]
    assert proposed("sega-a", known)["mobility"].others == ()


def test_two_professionals_of_one_day_who_disagree_are_both_shown():
    known = evaluation(living="home") + evaluation(author=DOCTOR, living="home-help")
    found = proposed("sega-a", known)["living"]
    assert {found.value, *(one.value for one in found.others)} == {"home", "home-help"}


def test_an_earlier_answer_of_the_same_professional_is_history_and_not_a_disagreement():
    known = evaluation(on=date(2026, 11, 1), living="home") + evaluation(living="home-help")
    found = proposed("sega-a", known)["living"]
    assert (found.value, found.others) == ("home-help", ())


def test_what_is_too_old_does_not_dispute_what_is_recent():
    known = evaluation(on=date(2024, 1, 1), author=DOCTOR, living="home")
    found = proposed("sega-a", known + evaluation(living="home-help"))["living"]
    assert (found.value, found.others) == ("home-help", ())


@pytest.mark.parametrize(
    ("on", "age"),
    [
        (date(2026, 5, 27), ""),
        (date(2026, 5, 26), "6\u00a0mois"),
        (date(2025, 9, 27), "14\u00a0mois"),
        (date(2024, 11, 28), "23\u00a0mois"),
        (date(2024, 11, 27), "2\u00a0ans"),
    ],
)
def test_an_old_answer_says_its_age(on, age):
    said = proposed("sega-a", evaluation(on=on, living="home"))["living"].said_age
    assert said == (f"Réponse d’il y a {age}\u00a0: à vérifier avec la personne." if age else "")


def test_falls_are_old_after_one_month():
    known = evaluation(on=date(2026, 10, 26), falls="none", living="home")
    found = proposed("sega-a", known)
    assert "1\u00a0mois" in found["falls"].said_age
    assert found["living"].said_age == ""


@pytest.mark.parametrize(
    ("source", "link_id", "target"), [("lace", "stay", "hospital"), ("mini-gds", "q2", "gds-15")]
)
def test_what_speaks_of_this_stay_or_of_this_week_is_old_the_next_day(source, link_id, target):
    """A stay of three days ago may be another one: it is proposed, and says its age."""
    for on, age in ((ON, ""), (date(2026, 11, 24), "3\u00a0jours")):
        (found,) = proposals(target, [Known(source, link_id, D(4), on, NURSE)], on=ON)
        assert (age in found.said_age) if age else not found.said_age


def test_a_limit_is_one_of_a_question_that_is_fed():
    fed = {f"{feed.target} {feed.link_id}" for feed in FEEDS}
    assert set(MONTHS) - {OTHERWISE} <= fed


def test_what_is_dated_after_the_day_is_not_read():
    assert proposals("sega-a", evaluation(falls="one"), on=date(2026, 11, 19)) == ()


def test_a_code_that_is_not_known_proposes_nothing():
    known = [Known("norton", "activity", "flies", RECENT, NURSE)]
    assert proposals("sega-a", known, on=ON) == ()


# The table itself


def asked(name):
    return {item["linkId"]: item for item in items(name)}


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: f"{feed.source}-{feed.link_id}")
def test_each_line_of_the_table_names_questions_that_exist(feed):
    assert feed.source in TITLES
    assert feed.link_id in asked(feed.target)
    if feed.source != PERSON:
        questions = asked(feed.source)
        assert all(read.startswith(RESULT) or read in questions for read in feed.reads)


def test_what_is_proposed_may_be_answered():
    """Each code that a source allows gives a code that the target allows, or nothing."""
    for feed in FEEDS:
        if feed.source == PERSON or len(feed.reads) > 1 or feed.reads[0].startswith(RESULT):
            continue
        source, target = asked(feed.source)[feed.reads[0]], asked(feed.target)[feed.link_id]
        if source["type"] != "choice" or target["type"] != "choice":
            assert target["type"] in {source["type"], "choice", "decimal"}
            continue
        allowed = {one["valueCoding"]["code"] for one in target["answerOption"]}
        codes = [one["valueCoding"]["code"] for one in source["answerOption"]]
        given = [feed.convert((code,), ON) for code in codes]
        assert set(given) - {None} <= allowed
        assert set(given) != {None}


def test_the_names_that_are_said_are_the_titles_of_the_definitions():
    for name in set(TITLES) - {PERSON}:
        assert TITLES[name] == definition(name)["title"]


def test_what_is_worth_reading_is_told_before_an_instrument_is_opened():
    assert sources_of("sega-a")["gds-15"] == {"@gds-15"}
    assert {"phone", "cooking", "falls"} <= sources_of("sega-a")["multidimensional"]
    assert sources_of("algoplus") == {}


# What a result calls for


def mini(**said):
    given = answers({"q1": False, "q2": False, "q3": True, "q4": False} | said)
    return score("mini-gds", given, on=ON)


def test_one_answer_of_the_mini_gds_proposes_the_whole_one_with_what_was_said():
    results = mini(q2=True)
    assert [one.instrument for one in next_instruments(results)] == ["gds-15"]
    assert next_instruments(mini()) == ()
    known = known_of("mini-gds", answers({"q2": True, "q3": True, "q4": False}), results, ON, NURSE)
    found = proposed("gds-15", known)
    assert {key: one.value for key, one in found.items()} == {"q3": True, "q7": True, "q14": False}
    assert Known("mini-gds", "@mini-gds", D(1), ON, NURSE) in known

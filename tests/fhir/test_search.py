"""Any search is what a slow filter over all that is read would find, page by page."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cordee.people.rules.traits import folded
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import codes, matches
from tests.fhir.stage import set_stage

NAMES = ("Lefèvre", "Lefebvre-Blanc", "Le Fè", "Blanc", "blanc", "D’Œuvre", "Ñandú", "")
GIVEN = ("Berthe Marie", "Odile", "Rose-Marie", "")
BORN = (date(1941, 3, 7), date(1941, 3, 8), date(1940, 12, 31), date(1939, 1, 1), None)


def people(stage, number=24):
    """Persons who differ by all that is searched."""
    for at in range(number):
        person = PersonFactory(
            birth_name=NAMES[at % 7],
            used_name=NAMES[(at // 3) % 8],
            first_names=GIVEN[at % 4],
            first_name=GIVEN[at % 4].split(" ")[0],
            birth_date=BORN[at % 5],
            sex=("F", "M", "")[at % 3],
            deceased_on=date(2026, 11, 1 + at % 3) if at % 6 == 0 else None,
        )
        joins_circle(person, organization=stage.desk)


def bare(text):
    """A text as the door compares it."""
    return re.sub(r"[^a-z0-9]+", " ", folded(text)).strip()


def begins(texts, wanted, modifier):
    if modifier == "exact":
        return wanted in texts
    said = [bare(one) for one in texts if one]
    wanted = bare(wanted)
    if modifier == "contains":
        return any(wanted in one for one in said)
    return any(one.startswith(wanted) or f" {wanted}" in one for one in said)


def families(resource):
    return [one["family"] for one in resource["name"] if one.get("family")]


def span(text):
    """From a day to another, the last one left out."""
    parts = [int(one) for one in text.split("-")]
    first = date(*(parts + [1, 1])[:3])
    if len(parts) == 1:
        return first, date(first.year + 1, 1, 1)
    if len(parts) == 2:
        return first, (first.replace(day=28) + timedelta(4)).replace(day=1)
    return first, first + timedelta(1)


def dated(said, prefix, text):
    if not said:
        return False
    start, end = span(said)
    low, high = span(text)
    within = low <= start and end <= high
    return {
        "": within,
        "eq": within,
        "ne": not within,
        "gt": end > high,
        "lt": start < low,
        "ge": end > high or within,
        "le": start < low or within,
        "sa": start >= high,
        "eb": end <= low,
    }[prefix]


WORDS = st.sampled_from(["lef", "LEFÈVRE", "blanc", "fe", "le fe", "oeuvre", "Œ", "nan", "Blanc"])
TEXTS = st.tuples(st.just("family"), st.sampled_from(["", "exact", "contains"]), WORDS)
DATES = st.tuples(
    st.sampled_from(["birthdate", "death-date"]),
    st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]),
    st.sampled_from(["1941", "1941-03", "1941-03-07", "1940-12-31", "2026-11-02", "1939-01-01"]),
)
TOKENS = st.tuples(
    st.just("gender"), st.sampled_from(["", "not"]), st.sampled_from(["female", "male", "unknown"])
)
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
NONE_OF_THEM = "https://cordee.fr/fhir/ValueSet/medium"
LISTS = st.tuples(
    st.just("gender"), st.sampled_from(["in", "not-in"]), st.sampled_from([GENDERS, NONE_OF_THEM])
)
DEAD = st.tuples(st.just("deceased"), st.just(""), st.sampled_from(["true", "false"]))
ASKED = st.lists(TEXTS | DATES | TOKENS | LISTS | DEAD, min_size=1, max_size=3)


def wanted(resource, asked):
    """What the slow filter says of one parameter."""
    name, modifier, value = asked
    if name == "family":
        return begins(families(resource), value, modifier)
    if name == "gender" and modifier.endswith("in"):
        return (value == GENDERS) == (modifier == "in")
    if name == "gender":
        return (resource["gender"] == value) == (modifier != "not")
    if name == "deceased":
        return ("deceasedDateTime" in resource) == (value == "true")
    said = resource.get("birthDate" if name == "birthdate" else "deceasedDateTime", "")
    return dated(said, modifier, value)


def words_of(asked):
    """The parameters as they are sent."""
    found = {}
    for name, modifier, value in asked:
        dated_one = name in ("birthdate", "death-date")
        key = name if dated_one or not modifier else f"{name}:{modifier}"
        found.setdefault(key, []).append(modifier + value if dated_one else value)
    return found


class AnySearch(TestCase):
    """The same two dozen persons, asked in every way."""

    @classmethod
    def setUpTestData(cls):
        cls.stage = set_stage()
        people(cls.stage)
        everybody = cls.stage.machine.search("Patient", _count=200).json()["entry"]
        cls.known = [one["resource"] for one in everybody]

    @settings(max_examples=60)
    @given(ASKED)
    def test_finds_what_a_slow_filter_finds(self, asked):
        found = self.stage.machine.found("Patient", _count=200, **words_of(asked))
        slow = [one["id"] for one in self.known if all(wanted(one, ask) for ask in asked)]
        assert found == slow, asked

    @settings(max_examples=15)
    @given(
        st.sampled_from(["birthdate", "-birthdate", "family", "-death-date,family", "_id"]),
        st.integers(1, 9),
    )
    def test_is_given_whole_page_by_page_and_nobody_twice(self, sort, count):
        machine = self.stage.machine
        bundle = machine.search("Patient", _sort=sort, _count=count).json()
        found = matches(bundle)
        while link := next((o for o in bundle["link"] if o["relation"] == "next"), None):
            assert "family" not in link["url"]
            bundle = machine.get(link["url"].partition("/fhir/")[2]).json()
            found += matches(bundle)
        assert found == machine.found("Patient", _sort=sort, _count=200)
        assert sorted(found) == sorted(one["id"] for one in self.known)


@pytest.mark.django_db
def test_a_page_is_of_who_asked_for_it_and_its_address_says_nothing():
    stage, other = set_stage(), set_stage()
    people(stage, 3)
    bundle = stage.machine.search("Patient", family="Lef", _count=1).json()
    address = bundle["link"][-1]["url"].partition("/fhir/")[2]
    assert "Lef" not in address
    assert stage.machine.get(address).status_code == 200
    refused = other.machine.get(address)
    assert (refused.status_code, codes(refused)) == (400, ["search.cursor"])


@pytest.mark.django_db
def test_a_page_may_be_short_whole_or_counted():
    stage = set_stage()
    people(stage, 3)
    machine = stage.machine
    short = machine.search("Patient", _elements="birthDate", family="Lefèvre").json()
    said = short["entry"][0]["resource"]
    always = {"resourceType", "id", "meta", "active", "deceasedDateTime"}  # she died
    assert set(said) == always | {"birthDate"}
    assert said["meta"]["tag"][0]["code"] == "SUBSETTED"
    counted = machine.search("Patient", _summary="count").json()
    assert counted["total"] == 4
    assert "entry" not in counted
    assert machine.search("Patient", _total="accurate", _count=1).json()["total"] == 4


@pytest.mark.django_db
def test_a_chain_goes_both_ways_and_what_it_meets_comes_along():
    stage = set_stage()
    machine, pk = stage.machine, str(stage.person.pk)
    related = machine.post(
        "RelatedPerson",
        {
            "resourceType": "RelatedPerson",
            "patient": {"reference": f"Patient/{pk}"},
            "name": [{"text": "Jeanne Martin"}],
            "relationship": [{"text": "fille"}],
        },
    )
    assert related.status_code == 201, related.content
    key = related.json()["id"]
    assert machine.found("RelatedPerson", **{"patient.family": "grandid"}) == [key]
    assert machine.found("RelatedPerson", **{"patient:Patient.family": "martin"}) == []
    assert machine.found("Patient", **{"_has:RelatedPerson:patient:_id": key}) == [pk]
    bundle = machine.search("RelatedPerson", _id=key, _include="RelatedPerson:patient").json()
    assert [one["search"]["mode"] for one in bundle["entry"]] == ["match", "include"]
    back = machine.search("Patient", _id=pk, _revinclude="RelatedPerson:patient").json()
    assert [one["resource"]["resourceType"] for one in back["entry"]] == [
        "Patient",
        "RelatedPerson",
    ]

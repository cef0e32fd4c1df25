"""A count answers a question about each of the few whom it is about: the trace names them."""

import pytest

from cordee.fhir.registry import mappings
from cordee.fhir.search import answering
from tests.factories.people import PersonFactory, RelativeFactory, joins_circle
from tests.fhir.stage import set_stage
from tests.fhir.test_golden import tables
from tests.fhir.test_search import people
from tests.support import traces

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", ["1932-05-17", "1800-01-01"])
@pytest.mark.parametrize("page", [{"_summary": "count"}, {"_count": 0}])
def test_a_count_about_somebody_names_her_in_the_trace(day, page):
    stage = set_stage()
    people(stage, 3)
    person = PersonFactory(birth_date="1932-05-17")
    joins_circle(person, organization=stage.desk)
    found = stage.machine.search("Patient", _id=str(person.pk), birthdate=day, **page).json()
    assert found["total"] == int(day == "1932-05-17")
    (line,) = traces("list")
    assert line["verb"] == "people.person.list"
    assert line["persons"] == [person.pk] * found["total"]


def test_a_count_of_what_is_written_of_somebody_names_her_once():
    stage = set_stage()
    for _ in range(3):
        RelativeFactory(person=stage.person)
    asked = {"patient": str(stage.person.pk), "_summary": "count"}
    assert stage.machine.search("RelatedPerson", **asked).json()["total"] == 3
    assert [one["persons"] for one in traces("list")] == [[stage.person.pk]]


def test_figures_about_many_name_nobody(monkeypatch):
    stage = set_stage()
    people(stage, 3)
    monkeypatch.setattr(answering, "FEW", 3)
    assert stage.machine.search("Patient", _summary="count").json()["total"] == 4
    assert [one["persons"] for one in traces("list")] == [[]]


@pytest.mark.parametrize(("type_name", "make_row"), list(tables()))
def test_a_count_of_any_type_names_whom_its_rows_are_about(type_name, make_row):
    stage = set_stage()
    row = make_row(stage)
    mapping = mappings()[type_name].table_of(row)
    count = stage.machine.search(type_name, _id=str(row.pk), _summary="count").json()["total"]
    rows = mapping.rows(stage.actor).filter(pk=row.pk)
    persons = sorted(set(mapping.concerned(rows))) if count else []
    (line,) = traces("list")[-1:]
    assert sorted(line["persons"]) == persons

"""What is about one person, and one row by its key, are judged by statements planned once: they
give what is given where the query itself judges each row, to whoever asks."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordee.access.actor import Role
from cordee.access.models import Trace
from cordee.fhir import call
from cordee.fhir.registry import mappings
from cordee.fhir.search import compiler
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import Machine, matches
from tests.fhir.stage import set_stage
from tests.fhir.test_golden import tables
from tests.people.test_no_shadow import asked
from tests.support import actor, arranging, coordinator_of

pytestmark = pytest.mark.django_db


def hanging(mapping):
    """The parameter that names whom a row is about, where the type has one."""
    names = ("patient", "subject")
    said = {name: mapping.search.get(name) for name in names}
    found = (name for name, one in said.items() if mapping.hangs_by(one) or mapping.is_by(one))
    return next(found, None)


HANG = [one for one in tables() if hanging(mappings()[one.values[0]])]


def readers(stage):
    """Who coordinates, who helps at home, and who works for somebody else."""
    service = OrganizationFactory(kind="home_help")
    joins_circle(stage.person, organization=service, role="home_help")
    helper = actor(Role.HOME_HELP, service, account_id=AccountFactory().pk)
    return stage.machine, Machine(helper), Machine(coordinator_of(OrganizationFactory()))


def told(machine, address):
    """What is answered, but for the addresses of pages, which are sealed anew each time."""
    answer = machine.get(address)
    said = answer.json()
    said.pop("link", None)
    return answer.status_code, said


@pytest.mark.parametrize(("type_name", "make_row"), HANG)
def test_a_search_of_one_person_gives_what_it_gives_when_each_row_is_judged(
    type_name, make_row, monkeypatch
):
    stage = set_stage()
    row = make_row(stage)
    mapping = mappings()[type_name]
    name, person = hanging(mapping), mapping.table_of(row).person_of(row)
    words = (f"{type_name}?{name}={{}}", f"{type_name}?{name}=Patient/{{}}&_id={row.pk}")
    persons = person, PersonFactory(birth_name="Ailleurs").pk, uuid4()
    addresses = [one.format(person) for one in words for person in persons]
    seen = [[told(one, each) for each in addresses] for one in readers(stage)]
    monkeypatch.setattr(compiler, "_seen_of_one", lambda *_: None)
    judged = [[told(one, each) for each in addresses] for one in readers(stage)]
    assert seen == judged
    assert str(row.pk) in str(seen[0][0])


@pytest.mark.parametrize(("type_name", "make_row"), list(tables()))
def test_a_row_by_its_key_is_what_it_is_when_its_query_judges_it(type_name, make_row, monkeypatch):
    stage = set_stage()
    row = make_row(stage)
    addresses = f"{type_name}/{row.pk}", f"{type_name}/{uuid4()}"
    seen = [[told(one, each) for each in addresses] for one in readers(stage)]
    monkeypatch.setattr(call, "_seen_alone", lambda *_: None)
    judged = [[told(one, each) for each in addresses] for one in readers(stage)]
    assert seen == judged


@pytest.mark.parametrize("address", ["CareTeam?patient={}", "CareTeam/{}", "Task?patient={}"])
def test_no_statement_about_one_person_is_planned_with_all_the_conditions_of_sight(address):
    stage = set_stage()
    joins_circle(stage.person, practitioner=PractitionerFactory())
    stage.machine.get(address.format(stage.person.pk))
    with CaptureQueriesContext(connection) as told:
        assert stage.machine.get(address.format(stage.person.pk)).status_code == 200
    anew = [one["sql"] for one in told.captured_queries if "$1" not in one["sql"]]
    assert [one for one in anew if "people_gate_sharing" in one] == []


def test_what_hangs_from_whom_another_record_absorbed_is_found_by_either_number():
    from tests.fhir.rows import task

    stage = set_stage()
    row = task.make(stage)
    with arranging():
        other = PersonFactory(birth_name="Grandidiet", territory=stage.desk.territory)
        joins_circle(other, organization=stage.desk)
        other.merged_into = row.person
        other.save()
    for person in (row.person_id, other.pk):
        assert matches(stage.machine.get(f"Task?patient={person}").json()) == [str(row.pk)]


def test_of_who_hides_and_of_nobody_as_much_is_asked_and_nothing_is_told():
    stage = set_stage()
    hidden = PersonFactory(birth_name="Ailleurs").pk
    lines, statements = [], []
    for person in (uuid4(), hidden, uuid4()):
        before = Trace.objects.count()
        seen, answer = asked(lambda: stage.machine.get(f"Task?patient={person}"))  # noqa: B023
        assert "entry" not in answer.json()
        statements.append(seen)
        lines.append(Trace.objects.count() - before)
    assert statements[1] == statements[2]
    assert lines == [0, 0, 0]


def test_past_so_many_keys_each_row_is_judged_and_the_same_is_told(monkeypatch):
    from tests.fhir.rows import task

    stage = set_stage()
    row = task.make(stage)
    ways, let_through = [], compiler.let_through

    def noted(mapping, asking, letters, among=None):
        ways.append(among)
        return let_through(mapping, asking, letters, among)

    monkeypatch.setattr(compiler, "let_through", noted)
    address = f"Task?patient={row.person_id}"
    few = told(stage.machine, address)
    monkeypatch.setattr(compiler, "KEYS", 0)
    assert told(stage.machine, address) == few
    assert ways == [(row.pk,), None]

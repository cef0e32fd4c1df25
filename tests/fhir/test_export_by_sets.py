"""Exports that are narrowed are judged by sets, as whole ones are: the same as row by row."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from cordee.access.bysets import BySets, SecondLock
from cordee.fhir.bulk import making, patterns
from cordee.fhir.bulk.sets import Sets
from cordee.fhir.models import ExportPart
from cordee.people.models import CircleMember, Person
from cordee.vigilance.models import Visit
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.fhir.systems import bearing, exported, system_of
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(stage):
    """Two persons of the desk and one who is nobody's, each with a visit and a need; one of those
    visits is older than the others."""
    home, helper = OrganizationFactory(kind="home_help"), AccountFactory()
    other = PersonFactory(birth_name="Aubert", territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    InformationFactory(person=other)
    for person in (stage.person, other, PersonFactory(birth_name="Ailleurs")):
        visit_of(person, home, helper)
        visit_of(person, home, helper, kind="need", words="Elle attendait.", urgent=True)
    joins_circle(stage.person, organization=home)
    with arranging(NOW - timedelta(days=9)):
        visit_of(stage.person, home, helper)
    first = Visit.objects.order_by("pk").last()
    with arranging():
        Visit.objects.filter(pk=first.pk).update(updated_at=NOW - timedelta(days=9))
        theirs = CircleMember.objects.filter(organization=stage.desk)
        theirs.update(created_at=NOW - timedelta(days=9))
    return home


def both(monkeypatch, export):
    """What an export gives by sets, what it gives row by row, and which tables were by sets."""
    met = []
    see = BySets.among

    def among(self, *given):
        met.append(self.model)
        return see(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(BySets, "among", among)
        by_sets = export()
    with monkeypatch.context() as patched:
        patched.setattr(Sets, "of", classmethod(lambda kind, *given: None))
        return by_sets, export(), set(met)


def counts(told):
    return {kind: len(some) for kind, some in told.items()}


SINCE = "&_since=" + quote((NOW - timedelta(days=3)).isoformat())
ALL, VISITS = "?_type=Observation", "&_typeFilter=" + quote("Observation?code=visit")
NARROWED = {
    "since": (f"{ALL}{SINCE}", "", {"Observation": 4}),
    "filter": (f"{ALL}{VISITS}", "", {"Observation": 3}),
    "filters": (
        f"{ALL}{VISITS}&_typeFilter={quote('Observation?code=need&component-code=fell')}",
        "",
        {"Observation": 3},
    ),
    "all of it": (f"{ALL}&_typeFilter={quote('Observation?_count=5')}", "", {"Observation": 5}),
    "visits": ("?_type=Encounter", "", {"Encounter": 3}),
    "persons": ("", "Patient/", {"Observation": 5, "Patient": 2}),
    "group": (f"{ALL},Patient", "Group/{home}/", {"Observation": 3, "Patient": 1}),
    "group since": (f"{ALL}{SINCE}", "Group/{home}/", {"Observation": 3}),
}


@pytest.mark.parametrize("name", NARROWED)
def test_what_is_narrowed_is_judged_by_sets_and_is_the_same(stage, home, monkeypatch, name):
    words, level, expected = NARROWED[name]
    machine = bearing(system_of(stage, per_minute=6_000))
    level = level.format(home=home.pk)
    by_sets, row_by_row, met = both(monkeypatch, lambda: exported(machine, words, level))
    assert by_sets == row_by_row
    assert expected.items() <= counts(by_sets).items()
    assert Visit in met


def test_the_part_of_a_scope_is_judged_by_sets_and_is_the_same(stage, home, monkeypatch):
    machine = bearing(system_of(stage, per_minute=6_000), "system/Observation.rs?code=visit")
    by_sets, row_by_row, met = both(monkeypatch, lambda: exported(machine))
    assert by_sets == row_by_row
    assert (counts(by_sets), met) == ({"Observation": 3}, {Visit})


def test_what_is_asked_of_other_tables_is_asked_under_the_eyes_of_the_actor(
    stage, home, monkeypatch
):
    machine = bearing(system_of(stage, per_minute=6_000))
    words = f"?_type=Observation&_typeFilter={quote('Observation?patient.family=Aubert')}"
    by_sets, row_by_row, met = both(monkeypatch, lambda: exported(machine, words))
    assert by_sets == row_by_row
    assert (counts(by_sets), met) == ({"Observation": 2}, set())


def test_nobody_is_left_out_behind_those_whom_the_second_lock_refuses(stage, home, monkeypatch):
    machine, refused = bearing(system_of(stage, per_minute=6_000)), str(stage.person.pk)
    whole = exported(machine, ALL)["Observation"]
    lets_through = SecondLock.lets_through

    def stricter(lock, some):
        return {one for one in lets_through(lock, some) if refused not in map(str, one)}

    monkeypatch.setattr(SecondLock, "lets_through", stricter)
    monkeypatch.setattr(making, "LINES", 1)
    others = [one for one in whole if one["subject"]["reference"] != f"Patient/{refused}"]
    assert 0 < len(others) < len(whole)
    assert exported(machine, ALL)["Observation"] == others


def at_the_second_look(monkeypatch, changed):
    """What changes between the look at rows and the look at those whose lines are not known."""
    see, met = Sets.seen, []

    def seen(self, rows, *given):
        if not met:
            met.append(str(rows.values_list("pk", flat=True)[0]))
            changed(met[0])
        return see(self, rows, *given)

    monkeypatch.setattr(Sets, "seen", seen)
    return met


def given_to(name):
    """A visit is given back to somebody of this name."""

    def moved(key):
        with arranging():
            Visit.objects.filter(pk=key).update(person=Person.objects.get(birth_name=name))

    return moved


def test_a_row_that_goes_between_two_looks_takes_no_other_with_it(stage, home, monkeypatch):
    machine = bearing(system_of(stage, per_minute=6_000))
    whole = [one["id"] for one in exported(machine, ALL)["Observation"]]
    met = at_the_second_look(monkeypatch, given_to("Ailleurs"))
    monkeypatch.setattr(making, "LINES", 2)
    monkeypatch.setattr(making, "RANGE", 4)
    told = [one["id"] for one in exported(machine, ALL)["Observation"]]
    assert met
    assert [*met, *told] == whole


def test_a_row_that_leaves_a_group_between_two_looks_is_not_told(stage, home, monkeypatch):
    machine, group = bearing(system_of(stage, per_minute=6_000)), f"Group/{home.pk}/"
    whole = [one["id"] for one in exported(machine, ALL, group)["Observation"]]
    met = at_the_second_look(monkeypatch, given_to("Aubert"))
    monkeypatch.setattr(making, "LINES", 1)
    told = [one["id"] for one in exported(machine, ALL, group)["Observation"]]
    assert met
    assert [*met, *told] == whole


def test_a_heavy_file_is_closed_after_a_batch(stage, home, monkeypatch):
    for module in (making, patterns):
        monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(making, "WEIGHT", 1)
    assert len(exported(bearing(system_of(stage, per_minute=6_000)), ALL)["Observation"]) == 5
    lines = ExportPart.objects.order_by("number").values_list("lines", flat=True)
    assert list(lines) == [2, 2, 1]

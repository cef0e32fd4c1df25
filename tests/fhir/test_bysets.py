"""Rows that are judged by sets: both locks are asked, and what each alone refuses is not given."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordee.access import bysets, policy
from cordee.access.actor import Purpose, Role
from cordee.access.sight import seen_by
from cordee.fhir.bulk import sets
from cordee.fhir.bulk.sets import Sets
from cordee.fhir.contract import Seeing
from cordee.fhir.registry import mappings
from cordee.people.models import Person, Processing, Sharing
from cordee.vigilance.models import Visit
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.support import NOW, actor, arranging, coordinator_of

pytestmark = pytest.mark.django_db
TABLES = [one for kind in mappings().values() for one in kind.tables if one.columns]


@pytest.fixture
def home(stage):
    return OrganizationFactory(kind="home_help")


@pytest.fixture
def helper():
    return AccountFactory()


@pytest.fixture
def circle(stage, home, helper):
    """Persons of whom the desk may know more or less, each with visits; and one who is nobody's."""
    known = [PersonFactory(territory=stage.desk.territory) for _ in range(5)]
    for one in known:
        joins_circle(one, organization=stage.desk)
        InformationFactory(person=one)  # who was not told shares no care
    joins_circle(known[0], organization=home)
    opposed = {"audience": "coordination", "medium": "screen", "choice": "opposed"}
    with arranging():
        for one, category in ((known[1], "care"), (known[2], "identity")):
            Sharing.objects.create(
                person=one, category=category, speaker="person", since=NOW, **opposed
            )
        Processing.objects.create(
            person=known[3], purpose="coordination", will="refused", since=NOW
        )
    everybody = [*known, PersonFactory()]
    for one in everybody:
        visit_of(one, home, helper)
        visit_of(one, home, helper, words="Elle attendait.", signs=["fell"], urgent=True)
        visit_of(one, home, helper, kind="need", words="Elle demande un lit.")
    return everybody


def readers(stage, home, helper):
    yield stage.actor
    yield coordinator_of(home)
    yield coordinator_of(OrganizationFactory())
    yield actor(Role.HOME_HELP, home, account_id=helper.pk)
    yield actor(Role.ORIENTEUSE, stage.desk)
    yield coordinator_of(stage.desk, purpose=Purpose.EMERGENCY)
    yield actor(Role.HOME_HELP, account_id=helper.pk)


def told(mapping, rows, reader):
    with seen_by(reader):
        return mapping.to_fhir(rows, Seeing(reader, NOW))


def by_sets(mapping, reader, limit=100):
    with seen_by(reader):
        sets = Sets.of(mapping, reader)
        assert sets is not None
        return sets.seen(sets.rows.order_by("pk"), limit)


@pytest.mark.parametrize("mapping", TABLES, ids=lambda one: one.type)
def test_what_is_judged_by_sets_is_what_each_row_is_judged_to_be(
    stage, circle, home, helper, mapping
):
    seen = set()
    for reader in readers(stage, home, helper):
        with seen_by(reader):
            rows = list(mapping.rows(reader).order_by("pk"))
        some = by_sets(mapping, reader)
        assert [one.pk for one in some] == [one.pk for one in rows]
        assert told(mapping, some, reader) == told(mapping, rows, reader)
        assert [mapping.changed_at(one) for one in some] == [one.updated_at for one in rows]
        seen.add(len(rows))
    assert len(seen) > 2  # some are told all, some a part, some nothing


def test_the_second_lock_holds_alone(stage, circle, home, monkeypatch):
    expected = [one.pk for one in by_sets(mappings()["Observation"], stage.actor)]
    for model in (Visit, Person):
        monkeypatch.setitem(policy._scopes, model, policy.everyone)
    found = [one.pk for one in by_sets(mappings()["Observation"], stage.actor)]
    assert found == expected
    assert 0 < len(expected) < Visit.objects.count()


def test_what_the_second_lock_refuses_takes_the_place_of_nobody(stage, circle, home, monkeypatch):
    mapping = mappings()["Observation"]
    expected = [one.pk for one in by_sets(mapping, stage.actor)]
    for model in (Visit, Person):
        monkeypatch.setitem(policy._scopes, model, policy.everyone)
    assert len(expected) < Visit.objects.count()
    for limit in range(1, len(expected) + 2):
        assert [one.pk for one in by_sets(mapping, stage.actor, limit)] == expected[:limit]


def test_the_first_lock_holds_alone(stage, circle, home, monkeypatch):
    expected = [one.pk for one in by_sets(mappings()["Observation"], stage.actor)]
    monkeypatch.setattr(bysets.SecondLock, "lets_through", lambda lock, some: set(some))
    assert [one.pk for one in by_sets(mappings()["Observation"], stage.actor)] == expected


def test_persons_are_asked_of_once_however_many_times_their_rows_are_fetched(
    stage, circle, monkeypatch
):
    """And whom the second lock refuses takes the place of nobody there either."""
    mapping, asked = mappings()["Observation"], []
    expected = [one.pk for one in by_sets(mapping, stage.actor)]
    ask = bysets.BySets.by_the_first

    def by_the_first(self, rows):
        asked.append(rows)
        return ask(self, rows)

    monkeypatch.setattr(bysets.BySets, "by_the_first", by_the_first)
    for module, name in ((sets, "BATCH"), (sets, "AT_ONCE")):
        monkeypatch.setattr(module, name, 1)
    for model in (Visit, Person):
        monkeypatch.setitem(policy._scopes, model, policy.everyone)
    with seen_by(stage.actor):
        some = Sets.of(mapping, stage.actor)
        found = [one.pk for one in some.each(some.rows.order_by("pk"), 100)]
    assert (found, len(asked)) == (expected, 1)
    assert 2 < len(expected) < Visit.objects.count()


def test_rows_given_meanwhile_to_somebody_who_had_none_are_not_passed_over(
    stage, circle, monkeypatch
):
    """As a merge gives them, while a file is made: whoever keeps them had no row of this table."""
    mapping = mappings()["Observation"]
    kept = PersonFactory(territory=stage.desk.territory)
    joins_circle(kept, organization=stage.desk)
    InformationFactory(person=kept)
    hidden = PersonFactory()
    expected = [one.pk for one in by_sets(mapping, stage.actor)]
    for module, name in ((sets, "BATCH"), (sets, "AT_ONCE")):
        monkeypatch.setattr(module, name, 1)
    with seen_by(stage.actor):
        some = Sets.of(mapping, stage.actor)
        found = some.each(some.rows.order_by("pk"), 100)
        first = next(found)
        with arranging():
            Visit.objects.filter(person=circle[4]).update(person=kept)
            Visit.objects.filter(person=circle[0]).exclude(pk=first.pk).update(person=hidden)
        told = [first.pk, *(one.pk for one in found)]
    theirs = Visit.objects.filter(person=hidden).values_list("pk", flat=True)
    assert told == [one for one in expected if one not in set(theirs)]
    assert Visit.objects.filter(person=kept, pk__in=told).count() > 1


@pytest.mark.parametrize("mapping", TABLES, ids=lambda one: one.type)
def test_a_row_more_asks_nothing_more(stage, circle, home, helper, mapping):
    def asked(limit):
        with CaptureQueriesContext(connection) as met:
            rows = by_sets(mapping, stage.actor, limit)
            told(mapping, rows, stage.actor)
        return len(rows), len(met)

    asked(9)
    (few, ours), (many, theirs) = asked(1), asked(9)
    assert few < many
    assert theirs <= ours


def test_a_table_whose_lock_names_no_column_is_judged_row_by_row():
    assert bysets.second_lock(mappings()["Organization"].model) is None

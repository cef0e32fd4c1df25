"""Lines that are written once per shape are those that the mapping writes row by row."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from cordee.access import policy
from cordee.access.models import Account
from cordee.access.sight import seen_by
from cordee.fhir.assembly import of_table
from cordee.fhir.bulk import patterns as writing
from cordee.fhir.bulk.patterns import Patterns
from cordee.fhir.bulk.sets import Sets
from cordee.fhir.contract import Seeing
from cordee.fhir.datatypes import filled
from cordee.fhir.registry import mappings
from cordee.fhir.writing import encoded
from cordee.kernel.identifiers import uuid7
from cordee.people.models import Person
from cordee.vigilance.models import Visit
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.support import NOW, arranging, coordinator_of

pytestmark = pytest.mark.django_db
TABLES = [one for kind in mappings().values() for one in kind.tables if one.told]
WORDS = ["", "100 % d’accord", 'Elle a dit "non"\\n{0} %s\n', "\x7f\x01 </x> 😀 é", "%"]
MARKS = [{"visit_mark": 1}, {"visit_mark": 5, "morale_mark": 2}, {"fitness_mark": 3}]


@pytest.fixture
def visits(stage):
    """Visits of several persons, by helpers of several homes, each said twice with other words."""
    homes = [OrganizationFactory(kind="home_help", name=name) for name in ("L’Aide", 'A "B" 50 %')]
    helpers = [AccountFactory(name=name) for name in ("Léa %s", "")]
    for rank in range(3):
        person = PersonFactory(territory=stage.desk.territory)
        joins_circle(person, organization=stage.desk)
        InformationFactory(person=person)
        for place, words in enumerate(WORDS):
            home, helper = homes[(rank + place) % 2], helpers[place % 2]
            at = datetime(2026, 11, 1 + rank, 10, place, 59, 999_900 - place, tzinfo=UTC)
            told = {"words": words, "urgent": place == 2, "happened_at": at}
            signs = ["fell", "confused"][: place % 3]
            for _ in range(2):
                visit_of(person, home, helper, **MARKS[rank], **told, signs=signs)
                visit_of(person, home, helper, kind="need", words="Un lit.", signs=signs)
    nobodys = PersonFactory()
    visit_of(nobodys, homes[0], helpers[0])
    return stage


def by_patterns(mapping, reader, limit=1_000):
    with seen_by(reader):
        sets = Sets.of(mapping, reader)

        def lines(rows):
            told.append(len(rows))
            return [encoded(one) for one in of_table(mapping, rows, Seeing(reader, NOW))]

        told = []
        found, said = Patterns(sets, lines).told(sets.rows.order_by("pk"), limit)
    return found, said, sum(told)


def row_by_row(mapping, reader):
    with seen_by(reader):
        return of_table(mapping, list(mapping.rows(reader).order_by("pk")), Seeing(reader, NOW))


@pytest.mark.parametrize("mapping", TABLES, ids=lambda one: one.type)
def test_a_line_written_by_its_shape_says_what_the_mapping_says(visits, mapping):
    found, lines, _ = by_patterns(mapping, visits.actor)
    expected = row_by_row(mapping, visits.actor)
    assert [orjson.loads(one) for one in lines] == expected
    assert [one[-1] for one in found] == [one["id"] for one in expected]
    assert len(expected) > 10
    assert not by_patterns(mapping, coordinator_of(OrganizationFactory()))[1]


@pytest.mark.parametrize("mapping", TABLES, ids=lambda one: one.type)
def test_more_rows_of_the_same_shapes_ask_nothing_more_of_the_mapping(visits, mapping):
    _, few, asked = by_patterns(mapping, visits.actor)
    with arranging():
        for one in list(Visit.objects.all()):
            one.pk, one._state.adding = uuid7(), True
            one.save()
    _, many, again = by_patterns(mapping, visits.actor)
    assert len(many) == 2 * len(few)
    assert again == asked


@pytest.mark.parametrize("mapping", TABLES, ids=lambda one: one.type)
def test_what_has_patterns_is_told_alike_to_all_and_nothing_is_kept_around_it(visits, mapping):
    rows = list(mapping.rows(visits.actor).order_by("pk"))
    assert mapping.to_fhir(rows, None) == mapping.to_fhir(rows, Seeing(visits.actor, NOW))
    assert not mapping.comes_in
    assert mapping.members_of is None
    assert not any(map(mapping.is_gone, rows))
    assert mapping.concerned(rows) == [one.person_id for one in rows]


def test_a_shape_that_is_met_once_is_told_by_the_mapping_alone(visits):
    assert by_patterns(mappings()["Observation"], visits.actor, 1)[2] == 1


def derived(rows, seeing):
    """What would be written of a moment, a key and words that are not told as they are."""
    return [
        filled(
            {
                "issued": row.happened_at.strftime("%Y"),
                "subject": str(row.person_id)[:4],
                "note": row.words.upper(),
            }
        )
        for row in rows
    ]


def test_what_follows_from_a_word_is_told_by_the_mapping_itself(visits):
    mapping = replace(mappings()["Observation"], to_fhir=derived)
    _, lines, _ = by_patterns(mapping, visits.actor)
    assert [orjson.loads(one) for one in lines] == row_by_row(mapping, visits.actor)


def test_both_locks_hold_where_lines_are_written_by_shapes(visits, monkeypatch):
    mapping = mappings()["Observation"]
    expected = by_patterns(mapping, visits.actor)[1]
    for model in (Visit, Person):
        monkeypatch.setitem(policy._scopes, model, policy.everyone)
    assert by_patterns(mapping, visits.actor)[1] == expected
    assert 0 < len(expected) < Visit.objects.count()


def test_a_row_that_changed_since_teaches_no_other_its_line(visits, monkeypatch):
    """Between the look at the shapes and the look at a row of each, a helper lost their name."""
    mapping = mappings()["Observation"]
    learn = Patterns._learnt

    def changed(self, keys):
        with arranging():
            Account.objects.filter(name="Léa %s").update(name="")
        return learn(self, keys)

    monkeypatch.setattr(writing.Patterns, "_learnt", changed)
    _, lines, _ = by_patterns(mapping, visits.actor)
    assert [orjson.loads(one) for one in lines] == row_by_row(mapping, visits.actor)

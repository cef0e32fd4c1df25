"""Lines that are written once per shape are those that the mapping writes row by row."""

from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from threading import Event

import orjson
import pytest

from cordee.access import policy
from cordee.access.bysets import Among
from cordee.access.models import Account
from cordee.access.sight import seen_by
from cordee.fhir.assembly import of_table
from cordee.fhir.bulk import patterns as writing
from cordee.fhir.bulk import sets
from cordee.fhir.bulk.patterns import Patterns
from cordee.fhir.bulk.sets import Sets
from cordee.fhir.contract import Seeing
from cordee.fhir.datatypes import filled
from cordee.fhir.registry import mappings
from cordee.fhir.writing import encoded
from cordee.kernel.identifiers import uuid7
from cordee.kernel.prepared import _numbered
from cordee.people.models import Person
from cordee.vigilance.models import Visit
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.support import NOW, arranging, coordinator_of

pytestmark = pytest.mark.django_db
TABLES = [one for kind in mappings().values() for one in kind.tables if one.told]
WORDS = ["", "100 % d’accord", 'Elle a dit "non"\\n{0} %s\n', "\x7f\x01 </x> 😀 é", " %\n"]
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
        patterns, told = patterns_of(mapping, reader)
        lines = read(patterns, patterns.sets.rows.order_by("pk"), limit)
    return lines, sum(told)


def patterns_of(mapping, reader):
    """What writes lines by shapes, and of how many rows it asks the mapping each time."""
    told = []

    def lines(rows):
        told.append(len(rows))
        return [encoded(one) for one in of_table(mapping, rows, Seeing(reader, NOW))]

    return Patterns(Sets.of(mapping, reader), lines), told


def read(patterns, rows, limit=1_000):
    batches = list(patterns.told(rows, limit))
    return [orjson.loads(line) for one in batches for line in one.lines]


def row_by_row(mapping, reader):
    with seen_by(reader):
        return of_table(mapping, list(mapping.rows(reader).order_by("pk")), Seeing(reader, NOW))


@pytest.mark.parametrize("mapping", TABLES, ids=lambda one: one.type)
def test_a_line_written_by_its_shape_says_what_the_mapping_says(visits, mapping):
    lines, _ = by_patterns(mapping, visits.actor)
    assert lines == row_by_row(mapping, visits.actor)
    assert len(lines) > 10
    assert not by_patterns(mapping, coordinator_of(OrganizationFactory()))[0]


@pytest.mark.parametrize("mapping", TABLES, ids=lambda one: one.type)
def test_more_rows_of_the_same_shapes_ask_nothing_more_of_the_mapping(visits, mapping):
    few, asked = by_patterns(mapping, visits.actor)
    with arranging():
        for one in list(Visit.objects.all()):
            one.pk, one._state.adding = uuid7(), True
            one.save()
    many, again = by_patterns(mapping, visits.actor)
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
    assert by_patterns(mappings()["Observation"], visits.actor, 1)[1] == 1


DERIVED = {
    "cut": lambda row: {"issued": row.happened_at.strftime("%Y"), "id": str(row.person_id)[:1]},
    "cased": lambda row: {"note": row.words.upper()},
    "trimmed": lambda row: {"note": row.words.strip()},
    "escaped": lambda row: {"note": escape(row.words)},
    "counted": lambda row: {"length": len(row.words)},
    "judged": lambda row: {"status": "amended" if row.version > 1 else "final"},
    "compared": lambda row: {"note": "late" if row.updated_at > row.happened_at else "in time"},
}


@pytest.mark.parametrize("name", DERIVED)
def test_what_follows_from_a_word_is_told_by_the_mapping_itself(visits, name):
    """What would be written of a moment, a key and words that are not told as they are."""
    derived = lambda rows, seeing: [filled(DERIVED[name](row)) for row in rows]  # noqa: E731
    mapping = replace(mappings()["Observation"], to_fhir=derived)
    lines, _ = by_patterns(mapping, visits.actor)
    assert lines == row_by_row(mapping, visits.actor)


@pytest.mark.parametrize("mapping", TABLES, ids=lambda one: one.type)
def test_no_word_is_asked_twice_nor_whether_it_is_there_when_it_must_be(visits, mapping):
    with seen_by(visits.actor):
        patterns, _ = patterns_of(mapping, visits.actor)
    judged = {*patterns.sets.judge.lock.columns, "id"}
    assert judged & set(mapping.told)
    assert not judged & set(patterns.asked)
    assert "version" not in patterns.unsure
    assert "helper__name" in patterns.unsure


@pytest.mark.parametrize("path", ["urgent", "signs"])
def test_what_is_no_word_cannot_be_told_as_it_is(visits, path):
    mapping = mappings()["Observation"]
    mapping = replace(mapping, told=(*mapping.told, path))
    with pytest.raises(TypeError, match=path):
        by_patterns(mapping, visits.actor)


def test_both_locks_hold_where_lines_are_written_by_shapes(visits, monkeypatch):
    mapping = mappings()["Observation"]
    expected = by_patterns(mapping, visits.actor)[0]
    for model in (Visit, Person):
        monkeypatch.setitem(policy._scopes, model, policy.everyone)
    assert by_patterns(mapping, visits.actor)[0] == expected
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
    assert by_patterns(mapping, visits.actor)[0] == row_by_row(mapping, visits.actor)


def named(name):
    """The helper who had no name has one."""
    with arranging():
        Account.objects.filter(name="").update(name=name)


def test_a_name_given_since_the_first_rows_is_learnt_as_it_is(visits):
    mapping = mappings()["Observation"]
    with seen_by(visits.actor):
        patterns, _ = patterns_of(mapping, visits.actor)
        rows = patterns.sets.rows.order_by("pk")
        first = read(patterns, rows, 8)
        assert {str(one["performer"][1:]) for one in first} == {"[{'display': 'Léa %s'}]", "[]"}
        named("Zoé")
        rest = read(patterns, rows.filter(pk__gt=first[-1]["id"]))
    assert rest == row_by_row(mapping, visits.actor)[8:]


def test_a_name_given_between_a_row_and_what_it_hangs_from_teaches_nothing(visits, monkeypatch):
    mapping = mappings()["Observation"]
    make = Sets.made

    def made(self, found):
        named("Zoé")
        return make(self, found)

    monkeypatch.setattr(Sets, "made", made)
    assert by_patterns(mapping, visits.actor)[0] == row_by_row(mapping, visits.actor)


def test_who_a_row_is_about_is_who_its_line_tells_of(visits, monkeypatch):
    """Between its shape and its line, a visit was given back to another person."""
    mapping, see = mappings()["Observation"], Sets.seen
    first, *_, last = [one["subject"] for one in row_by_row(mapping, visits.actor)]
    assert first != last

    def seen(self, rows, limit):
        with arranging():
            whom = last["reference"].partition("/")[2]
            Visit.objects.filter(pk=rows.values_list("pk", flat=True)[0]).update(person=whom)
        return see(self, rows, limit)

    monkeypatch.setattr(Sets, "seen", seen)
    with seen_by(visits.actor):
        patterns, _ = patterns_of(mapping, visits.actor)
        (told,) = patterns.told(patterns.sets.rows.order_by("pk"), 1)
    (line,) = map(orjson.loads, told.lines)
    assert line["subject"]["reference"] == last["reference"]
    assert [f"Patient/{one}" for one in told.persons] == [last["reference"]]


def test_rows_are_told_by_batches_and_the_same(visits, monkeypatch):
    mapping = mappings()["Observation"]
    expected, _ = by_patterns(mapping, visits.actor)
    for module in (writing, sets):
        monkeypatch.setattr(module, "BATCH", 3)
    monkeypatch.setattr(sets, "AT_ONCE", 7)
    with seen_by(visits.actor):
        patterns, told = patterns_of(mapping, visits.actor)
        for room in (len(expected) - 1, 1_000):
            rows = patterns.sets.rows.order_by("pk")
            assert read(patterns, rows, room) == expected[:room]
    assert max(told) == 3


def test_however_many_rows_are_told_their_texts_are_kept_once(visits):
    """A text for each count of rows would push those of all pages out of what is kept."""
    mapping = mappings()["Observation"]
    kept = set()
    for limit in range(1, 30):
        by_patterns(mapping, visits.actor, limit)
        kept.add(_numbered.cache_info().currsize)
    assert len(kept) < 8


def test_rows_that_the_mapping_alone_tells_are_looked_at_once_for_all_that_were_fetched(
    visits, monkeypatch
):
    mapping = mappings()["Observation"]
    expected, looks, see = row_by_row(mapping, visits.actor), [], Sets.seen
    for module in (writing, sets):
        monkeypatch.setattr(module, "BATCH", 3)

    def seen(self, rows, limit):
        looks.append(limit)
        return see(self, rows, limit)

    monkeypatch.setattr(Sets, "seen", seen)
    monkeypatch.setattr(Patterns, "_learn", lambda self, found: None)
    assert by_patterns(mapping, visits.actor)[0] == expected
    assert looks == [-(-len(expected) // 3) * 3]


def by_fetches_of_ten(monkeypatch, reader, line):
    """Lines of which the mapping alone tells each, ten fetched at a time."""
    for module in (writing, sets):
        monkeypatch.setattr(module, "BATCH", 10)
    monkeypatch.setattr(sets, "AT_ONCE", 10)
    monkeypatch.setattr(Patterns, "_learn", lambda self, found: None)
    mapping = mappings()["Observation"]

    def lines(rows):
        return [line(one) for one in of_table(mapping, rows, Seeing(reader, NOW))]

    with seen_by(reader):
        patterns = Patterns(Sets.of(mapping, reader), lines)
        return read(patterns, patterns.sets.rows.order_by("pk"))


def test_lines_are_written_while_the_next_rows_are_fetched(visits, monkeypatch):
    """The first line waits for the second fetch to be asked for."""
    asked, see = Event(), Among.seen

    def seen(self, columns, limit, after=""):
        if after:
            asked.set()
        return see(self, columns, limit, after)

    def line(resource):
        assert asked.wait(20)
        return encoded(resource)

    expected = row_by_row(mappings()["Observation"], visits.actor)
    monkeypatch.setattr(Among, "seen", seen)
    assert by_fetches_of_ten(monkeypatch, visits.actor, line) == expected


def test_what_writes_a_line_cannot_ask_the_database(visits, monkeypatch):
    """It would be shown what the house is: nobody was told there who reads."""

    def line(resource):
        return encoded(resource | {"note": Person.objects.count()})

    with pytest.raises(AssertionError, match="without a query"):
        by_fetches_of_ten(monkeypatch, visits.actor, line)
    assert Person.objects.count()

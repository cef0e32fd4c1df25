"""The map of the ways: what the database counts, against a process-mining library; and its page."""

from datetime import timedelta
from random import Random

import pandas
import pm4py
import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from cordee.access.models import Trace
from cordee.people.facts import Informed
from cordee.protocols import selectors
from cordee.protocols.models import Passage, Pathway
from cordee.protocols.rules.ways import ENTRY, EXIT
from cordee.protocols.selectors.ways import counted_ways
from tests.factories.directory import TerritoryFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.protocols.pathway_scene import happens, set_around
from tests.support import NOW, Browser, arranging, run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
STATIONS = ("informer", "accord")


@pytest.fixture
def around(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return set_around()


def walks(around, *stations, entered_at=NOW - 100 * DAY, left_at=None, person=None, gap=DAY):
    """Somebody on the pathway, who passed these stations, one each `gap`."""
    if person is None:
        person = PersonFactory(territory=around.dac.territory)
        joins_circle(person, organization=around.dac, role="coordination")
        InformationFactory(person=person)
    with arranging():
        pathway = Pathway.objects.create(
            person=person,
            organization=around.dac,
            followed=around.version,
            protocol="retour",
            entered_at=entered_at,
            joined_by_id=around.coordinator.account_id,
            left_at=left_at,
            leaving="done" if left_at else "",
        )
        Passage.objects.bulk_create(
            Passage(pathway=pathway, station=one, at=entered_at + n * gap, fact=n)
            for n, one in enumerate(stations, start=1)
        )
    return pathway


def mapped(around, period=None):
    """What the database counts, before anything is masked or rounded."""
    return counted_ways(around.coordinator, "retour", period or selectors.Within())


def legs(found):
    return {(leg.origin, leg.target): leg for leg in found.legs}


def test_the_database_counts_the_graph_that_a_process_mining_library_counts(around):
    drawn, events = Random(11), []
    for _ in range(30):
        took = [drawn.choice(STATIONS) for _ in range(drawn.randint(1, 6))]
        hours = sorted(drawn.sample(range(1, 2000), len(took)))
        pathway = walks(around)
        with arranging():
            for fact, (station, hour) in enumerate(zip(took, hours, strict=True)):
                at = pathway.entered_at + timedelta(hours=hour)
                Passage.objects.create(pathway=pathway, station=station, at=at, fact=fact)
                events.append((str(pathway.pk), station, pandas.Timestamp(at)))
    columns = ["case:concept:name", "concept:name", "time:timestamp"]
    log = pandas.DataFrame(events, columns=columns)
    graph, first, _ = pm4py.discover_dfg(log)
    times, _, _ = pm4py.discover_performance_dfg(log)
    found = legs(mapped(around))
    inner = {way: leg.times for way, leg in found.items() if ENTRY not in way}
    assert inner == {way: count for way, count in graph.items() if count}
    assert {way[1]: leg.times for way, leg in found.items() if way[0] == ENTRY} == first
    for way in inner:
        assert found[way].median.total_seconds() == pytest.approx(times[way]["median"])


def test_a_person_counts_once_on_a_way_she_took_twice_and_until_she_left(around):
    left = NOW - 90 * DAY
    walks(around, "informer", "accord", "informer", "accord", left_at=left)
    walks(around, left_at=left)
    found = legs(mapped(around))
    again = found["informer", "accord"]
    assert (again.persons, again.times, again.median) == (1, 2, DAY)
    assert found["accord", EXIT].median == 6 * DAY
    assert found[ENTRY, EXIT].persons == 1
    assert mapped(around).joined == 2


def test_what_came_after_the_exit_and_an_older_pathway_of_hers_are_not_on_the_map(around):
    older = walks(around, "accord", entered_at=NOW - 200 * DAY, left_at=NOW - 190 * DAY)
    walks(around, "informer", "accord", person=older.person, left_at=NOW - 98.5 * DAY)
    assert set(legs(mapped(around))) == {(ENTRY, "informer"), ("informer", EXIT)}


def test_the_map_narrows_to_a_territory_and_a_period(around):
    elsewhere = PersonFactory(territory=TerritoryFactory())
    joins_circle(elsewhere, organization=around.dac, role="coordination")
    walks(around, "accord", person=elsewhere)
    walks(around, "informer", entered_at=NOW - 10 * DAY)
    here = selectors.Within(territory_id=around.dac.territory_id)
    recent = selectors.Within(since=NOW - 20 * DAY)
    before = selectors.Within(until=NOW - 20 * DAY)
    assert set(legs(mapped(around, here))) == {(ENTRY, "informer")}
    assert set(legs(mapped(around, recent))) == {(ENTRY, "informer")}
    assert set(legs(mapped(around, before))) == {(ENTRY, "accord")}


def test_a_pathway_of_a_structure_that_was_shut_out_is_not_on_the_map(around):
    pathway = walks(around, "informer", left_at=NOW)
    with arranging():
        Pathway.objects.filter(pk=pathway.pk).update(leaving="shut_out")
    assert (mapped(around).legs, mapped(around).joined) == ((), 0)


def test_each_fact_that_does_a_step_is_a_passage_and_reading_again_adds_none(around):
    pathway = around.join()
    fact = Informed(person_id=around.person.pk, information_id=around.person.pk, notice="2026-11")
    happens(fact, NOW + DAY)
    run_jobs()
    happens(fact, NOW - DAY, now=NOW + 2 * DAY)  # before she entered: no passage
    run_jobs()
    passed = Passage.objects.filter(pathway=pathway).values_list("station", "at")
    assert list(passed) == [("informer", NOW + DAY)]


def test_a_fact_passes_a_station_once_however_often_it_is_heard(around):
    pathway = walks(around, "informer")
    again = Passage(pathway=pathway, station="informer", at=NOW - 99 * DAY, fact=1)
    with (
        pytest.raises(IntegrityError, match="protocols_passage_counts_a_fact_once_per_station"),
        arranging(),
    ):
        again.save(force_insert=True)
    with arranging():
        Passage.objects.bulk_create([again], ignore_conflicts=True)
    assert Passage.objects.filter(pathway=pathway).count() == 1


def test_the_page_shows_what_eleven_persons_took_and_says_what_it_masks(around):
    for _ in range(11):
        walks(around, "informer")
    walks(around, "accord")
    answer = Browser().as_(around.coordinator).get(reverse("protocols:ways"))
    page = BeautifulSoup(answer.content, "html.parser")
    (row,) = page.select("tr[data-from]")
    assert row["data-to-title"] == "Informer la personne"
    assert "1 chemin trop rare" in page.text
    assert "10 personnes sont entrées" in page.text
    assert "arrondis à 5 près, vers le bas" in page.text
    assert row["data-persons"] == "10"
    assert Trace.objects.filter(verb="protocols.ways.list").count() == 1


def test_a_day_that_is_none_is_told_beside_its_field(around):
    walks(around, "informer")
    asked = reverse("protocols:ways") + "?du=un-jour"
    answer = Browser().as_(around.coordinator).get(asked)
    assert answer.status_code == 422
    field = BeautifulSoup(answer.content, "html.parser").select_one("#du")
    assert field["aria-invalid"] == "true"

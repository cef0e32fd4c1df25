"""Where somebody could come, where nobody could, and what one more would change."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.directory import selectors
from cordee.directory.coverage import Band, Place, band_of, one_more, shares, zone_around
from cordee.directory.kinds import CareKind
from cordee.directory.models import Commune, Outline
from cordee.directory.rules import Window
from tests.factories.directory import (
    AbsenceFactory,
    CommuneFactory,
    OrganizationFactory,
    PracticeFactory,
    TerritoryCommuneFactory,
)
from tests.support import NOW, actor, orienteuse_of

pytestmark = pytest.mark.django_db
INJECTION = CareKind.INJECTION


def place(code, count, residents=100, epci="1"):
    return Place(code, f"Commune {code}", residents, epci, "Le Pays", count)


@pytest.fixture
def communes():
    here = CommuneFactory()
    around = Commune.objects.filter(epci_code=here.epci_code, is_current=True).exclude(pk=here.pk)
    return [here, *around.order_by("pk")[:2]]


@pytest.fixture
def desk(communes):
    found = OrganizationFactory()
    for commune in communes:
        TerritoryCommuneFactory(territory=found.territory, commune=commune)
    return found


def counted(communes, at=NOW):
    places = selectors.coverage(INJECTION, [one.pk for one in communes], at)
    return {one.code: one.count for one in places}


def test_each_commune_counts_the_nurses_who_could_come(communes):
    first, second, third = communes
    PracticeFactory(solicitable=True, communes=[first.pk, second.pk])
    PracticeFactory(solicitable=True, communes=[first.pk])
    assert counted(communes) == {third.pk: 0, second.pk: 1, first.pk: 2}


def test_who_could_not_be_asked_does_not_count(communes):
    codes = [communes[0].pk]
    PracticeFactory(solicitable=True, communes=codes, kinds=["toilette"])
    PracticeFactory(solicitable=True, communes=codes, stopped_at=NOW)
    PracticeFactory(solicitable=True, communes=codes, mobile_proved_at=None)
    PracticeFactory(solicitable=True, communes=codes, practitioner__closed_on=date(2026, 1, 1))
    PracticeFactory(solicitable=True, communes=codes, practitioner__profession="70")
    PracticeFactory(communes=codes, kinds=["injection"])
    away = PracticeFactory(solicitable=True, communes=codes)
    AbsenceFactory(practice=away, begins_at=NOW - timedelta(days=1), ends_at=None)
    assert counted(communes)[codes[0]] == 0


def test_a_holiday_counts_only_while_it_lasts(communes):
    away = PracticeFactory(solicitable=True, communes=[communes[0].pk])
    AbsenceFactory(
        practice=away, begins_at=NOW - timedelta(days=2), ends_at=NOW + timedelta(days=2)
    )
    assert counted(communes)[communes[0].pk] == 0
    assert counted(communes, NOW + timedelta(days=3))[communes[0].pk] == 1


def test_the_selector_agrees_with_who_may_be_asked_at_any_hour(communes):
    for _ in range(3):
        PracticeFactory(solicitable=True, communes=[communes[0].pk])
    asked = len(
        selectors.solicitable("60", [INJECTION], communes[0].pk, Window(NOW, NOW + timedelta(1)))
    )
    assert counted(communes)[communes[0].pk] == asked == 3


def test_bands_say_nobody_a_few_or_enough():
    assert [band_of(count) for count in (0, 1, 2, 3, 40)] == [
        Band.NOBODY, Band.FEW, Band.FEW, Band.ENOUGH, Band.ENOUGH
    ]  # fmt: skip


def test_every_band_is_counted_with_its_residents():
    found = shares([place("a", 0), place("b", 2, 50), place("c", 1, 7)])
    assert [(one.communes, one.residents) for one in found] == [(1, 100), (2, 57), (0, 0)]


def test_one_more_moves_those_at_the_edge_of_a_band_and_no_other():
    places = [place("a", 0), place("b", 1), place("c", 2, 30), place("d", 3), place("e", 0)]
    change = one_more(places, {"a", "b", "c", "d"})
    assert [one.code for one in change.moved] == ["a", "c"]
    assert change.residents == 130


def test_a_zone_is_the_intercommunality_or_the_commune_alone():
    places = [place("a", 0), place("b", 1), place("c", 2, epci="2"), place("d", 0, epci="")]
    assert zone_around(places, "a") == {"a", "b"}
    assert zone_around(places, "d") == {"d"}


def test_the_desk_reads_the_coverage_of_its_territory(client, desk, communes):
    PracticeFactory(solicitable=True, communes=[communes[0].pk])
    client.as_(orienteuse_of(desk))
    shown = client.get(reverse("directory:coverage"), {"kind": "injection"}).content.decode()
    assert shown.count('<th scope="row">') == 3
    assert "communes où personne ne peut venir" in shown
    assert "1\u00a0: une ou deux" in shown
    assert "<svg viewBox" not in shown.split("<main")[1]


def test_one_more_nurse_is_tried_by_a_link(client, desk, communes):
    client.as_(orienteuse_of(desk))
    shown = client.get(
        reverse("directory:coverage"), {"kind": "injection", "plus": communes[0].pk}
    ).content.decode()
    assert f"Une infirmière de plus à {communes[0].name}" in shown
    assert "3\u00a0communes changeraient de rang" in shown
    assert "1\u00a0commune changerait de rang" in shown


def test_a_map_is_drawn_only_when_outlines_were_loaded(client, desk, communes):
    square = [[[[5.0, 44.0], [5.1, 44.0], [5.1, 44.1], [5.0, 44.0]]]]
    Outline.objects.create(commune=communes[0], polygons=square, longitude=5, latitude=44,
                           source="essai", licence="ouverte", dated_on="2026-01-01")  # fmt: skip
    client.as_(orienteuse_of(desk))
    shown = client.get(reverse("directory:coverage"), {"kind": "injection"}).content.decode()
    assert "zone__place--band0" in shown
    assert "2\u00a0communes sans contour" in shown


def test_it_is_for_those_who_search_and_for_administration(client, desk):
    page = reverse("directory:coverage")
    assert client.as_(actor(Role.ADMINISTRATOR)).get(page).status_code == 200
    assert client.as_(actor(Role.PRACTITIONER)).get(page).status_code == 403
    client.as_(orienteuse_of(desk))
    assert client.get(page, {"kind": "<script>"}).status_code == 422
    assert client.get(page, {"territory": "inconnu"}).status_code == 422
    assert page in client.get(reverse("directory:list")).content.decode()


def test_the_coverage_costs_one_query_whatever_the_territory(communes, django_assert_num_queries):
    for _ in range(4):
        PracticeFactory(solicitable=True, communes=[communes[0].pk])
    for codes in ([communes[0].pk], [one.pk for one in communes]):
        with django_assert_num_queries(1):
            selectors.coverage(INJECTION, codes, NOW)

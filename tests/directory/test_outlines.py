"""Outlines of communes: a licensed file is loaded whole or not at all; map and distance follow."""

import json
import math
from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from cordee.broker.selectors import pools
from cordee.directory import outlines, selectors
from cordee.directory.models import OtherCode, Outline
from tests.factories.broker import SolicitationFactory, nurses
from tests.factories.directory import CommuneFactory, PracticeFactory, PracticeSiteFactory
from tests.support import NOW, speaking_as

pytestmark = pytest.mark.django_db


def square(west, south, side=0.1):
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code, *rings, kind="Polygon"):
    shape = [list(rings)] if kind == "MultiPolygon" else list(rings)
    return {
        "type": "Feature",
        "properties": {"code": code, "nom": 'é"features": ['},
        "geometry": {"type": kind, "coordinates": shape},
    }


def load(tmp_path, *features, raw=None, date="2026-01-01"):
    file = tmp_path / "communes.geojson"
    whole = {"type": "FeatureCollection", "features": list(features)}
    file.write_text(raw if raw is not None else json.dumps(whole), encoding="utf-8")
    call_command("load_outlines", file, source="IGN", licence="Licence Ouverte 2.0", date=date)


@pytest.fixture
def places():
    """Three communes, each further east."""
    return [
        CommuneFactory(code="05132"),
        CommuneFactory(code="05039", name="Chabottes"),
        CommuneFactory(code="05090", name="Lointaine"),
    ]


@pytest.fixture
def loaded(places, tmp_path):
    load(
        tmp_path,
        feature("05132", square(6.0, 44.6)),
        feature("05039", square(6.1, 44.6), kind="MultiPolygon"),
        feature("05090", square(6.5, 44.6)),
    )


# -- the file ------------------------------------------------------------------------------------


def test_each_commune_gets_an_outline_a_centre_and_where_they_come_from(loaded):
    outline = Outline.objects.get(pk="05039")

    assert (outline.longitude, outline.latitude) == pytest.approx((6.15, 44.65))
    assert (outline.source, outline.licence) == ("IGN", "Licence Ouverte 2.0")
    assert outline.dated_on == date(2026, 1, 1)


def test_a_hole_moves_the_centre_and_former_communes_join_that_of_today(places, tmp_path):
    OtherCode.objects.update_or_create(code="05067", defaults={"commune": places[0]})

    load(
        tmp_path,
        feature("05132", square(6.0, 44.0, 0.2), square(6.1, 44.0)),
        feature("05067", square(6.2, 44.0)),
        feature("99999", square(1.0, 44.0)),
    )

    outline = Outline.objects.get()
    east = (0.04 * 6.1 - 0.01 * 6.15 + 0.01 * 6.25) / 0.04
    assert outline.longitude == pytest.approx(east)
    assert len(outline.polygons) == 2


def test_loading_again_replaces(loaded, tmp_path):
    load(tmp_path, feature("05132", square(7.0, 45.0)), date="2027-01-01")

    assert Outline.objects.count() == 3
    assert Outline.objects.get(pk="05132").latitude == pytest.approx(45.05)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "FeatureCollection"),
        ("<html></html>", "FeatureCollection"),
        ('{"features": [', "coupé"),
        (json.dumps({"features": [feature("05132", square(6, 44))]})[:-20], "coupé"),
        ('{"features": [' + "[" * 5_000, "coupé"),
        (json.dumps({"features": [feature("", square(6, 44))]}), "code Insee"),
        (json.dumps({"features": [feature("05132", square(900_000, 6_400_000))]}), "degrés"),
        (json.dumps({"features": [feature("05132", square(6, 44)[:-1])]}), "fermé"),
        (json.dumps({"features": [feature("05132", square(6, 44, 0))]}), "n’entoure rien"),
        (json.dumps({"features": [feature("05132", square(6, 44), kind="Point")]}), "Polygon"),
        (json.dumps({"features": [feature("05132", [[None, "x"]] * 4)]}), "attendue"),
        (json.dumps({"features": [feature("05132", [[math.nan, 1]] * 4)]}), "nᵒ 1"),
        (json.dumps({"features": [None]}), "attendue"),
        (json.dumps({"features": []}), "aucune commune"),
    ],
)
def test_a_malformed_file_is_refused_in_one_sentence_and_changes_nothing(
    loaded, tmp_path, raw, reason
):
    with pytest.raises(CommandError, match=reason):
        load(tmp_path, raw=raw)

    assert Outline.objects.get(pk="05132").latitude == pytest.approx(44.65)


def test_one_bad_outline_among_good_ones_stops_everything(loaded, tmp_path):
    with pytest.raises(CommandError, match="nᵒ 2"):
        load(tmp_path, feature("05132", square(7, 45)), feature("05039", square(7, 45)[:3]))

    assert Outline.objects.get(pk="05132").latitude == pytest.approx(44.65)


def test_a_missing_file_another_encoding_or_a_date_that_is_not_one_is_said(places, tmp_path):
    latin = tmp_path / "latin.geojson"
    latin.write_bytes('{"features": [{"é'.encode("latin-1"))
    for file, day, said in (
        (tmp_path / "absent", "2026-01-01", "ne se lit pas"),
        (latin, "2026-01-01", "UTF-8"),
        (latin, "hier", "AAAA-MM-JJ"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("load_outlines", file, source="IGN", licence="LO", date=day)


@pytest.mark.parametrize(
    ("name", "spoiled"),
    [
        ("directory_outline_has_its_centre_on_earth", {"latitude": 91.0}),
        ("directory_outline_says_where_it_comes_from", {"licence": ""}),
    ],
)
def test_the_database_keeps_outlines_on_earth_and_licensed(loaded, name, spoiled):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Outline.objects.filter(pk="05132").update(**spoiled)


def test_an_outline_is_made_small_but_keeps_its_corners():
    bumpy = [(6 + step / 1000, 44.0) for step in range(101)] + [(6.1, 44.1), (6.0, 44.0)]

    assert outlines.simplified(bumpy) == [
        (6.0, 44.0), (6.051, 44.0), (6.1, 44.0), (6.1, 44.1), (6.0, 44.0)
    ]  # fmt: skip


def test_a_known_distance_is_found_again():
    paris, lyon = (2.3522, 48.8566), (4.8357, 45.7640)
    assert outlines.kilometres(paris, lyon) == pytest.approx(392, abs=2)


# -- the map -------------------------------------------------------------------------------------


def zone_page(client, practice):
    response = client.as_(speaking_as(practice.practitioner)).get("/annuaire/mon-exercice")
    return BeautifulSoup(response.content, "html.parser")


def test_without_outlines_there_is_no_map_and_no_empty_frame(client, places):
    page = zone_page(client, PracticeFactory(communes=["05132"]))

    assert page.select("[name=communes]")
    assert not page.select("figure, .zone, .zone__map")


def test_with_outlines_the_zone_is_drawn_by_the_server_and_said_in_words(client, loaded):
    page = zone_page(client, PracticeFactory(communes=["05132"]))

    assert len(page.select("svg .zone__place")) == 3
    assert [path.title.text for path in page.select(".zone__place--held")] == [
        "Saint-Bonnet-en-Champsaur\u00a0: dans la zone"
    ]
    picture = page.select_one(".zone__map svg")
    said = " ".join(page.find(id=one).text for one in picture["aria-labelledby"].split())
    assert "Dans la zone\u00a0: Saint-Bonnet-en-Champsaur." in said
    caption = page.select_one(".zone__map figcaption").text
    assert "communes sans contour\u00a0: dans la liste seulement" in caption
    assert "IGN, Licence Ouverte 2.0" in caption
    assert not page.select(".zone__map [src], .zone__map [href], .zone__map [style]")
    assert len(page.select(".zone [name=communes]")) > 3


# -- the ranking ---------------------------------------------------------------------------------


def scores():
    found = pools.pool(SolicitationFactory(), NOW)
    return {one.candidate.practitioner_id: one for one in found.ranked}


def two_nurses(places):
    near, far = nurses(2)
    PracticeSiteFactory(practitioner=near, commune=places[1])
    PracticeSiteFactory(practitioner=far, commune=places[2])
    return near, far


def test_the_nearer_nurse_ranks_better_when_centres_are_known(loaded, places):
    near, far = two_nurses(places)

    ranked = scores()

    assert list(ranked) == [near.pk, far.pk]
    assert ranked[near.pk].candidate.distance_km == pytest.approx(7.9, abs=0.1)
    assert ranked[far.pk].candidate.distance_km == pytest.approx(39.6, abs=0.2)
    assert "À environ 8 km." in [reason.text for reason in ranked[near.pk].reasons]


def test_nothing_changes_when_no_centre_is_known(places):
    near, far = two_nurses(places)

    ranked = scores()

    assert {one.candidate.distance_km for one in ranked.values()} == {None}
    assert ranked[near.pk].score == ranked[far.pk].score


def test_the_nearest_of_several_places_counts_and_who_has_none_is_unknown(loaded, places):
    near, far = two_nurses(places)
    PracticeSiteFactory(practitioner=far, commune=places[0])

    found = selectors.distances_km([near.pk, far.pk, *[one.pk for one in nurses(1)]], "05132")

    assert found == {near.pk: pytest.approx(7.9, abs=0.1), far.pk: 0.0}

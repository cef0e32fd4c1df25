"""Communes: every current one, found the way people type them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import Http404
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.access.models import PreviousState
from cordee.directory import communes, selectors, services
from cordee.directory.kinds import CareKind
from cordee.directory.models import Commune, Organization, OtherCode, PostalCode, PracticeSite
from cordee.directory.rules import Window
from cordee.kernel.models import FactHeader
from tests.directory.test_establishments import establishments
from tests.directory.test_extractions import bring, extraction
from tests.factories.directory import (
    OrganizationFactory,
    PracticeFactory,
    PracticeSiteFactory,
    SectorCommuneFactory,
    SectorFactory,
    TerritoryCommuneFactory,
    TerritoryFactory,
)
from tests.factories.people import PersonFactory
from tests.support import NOW, actor

pytestmark = pytest.mark.django_db


def found(text, limit=12):
    return [commune.name for commune in selectors.communes_matching(text, limit)]


def test_every_current_commune_is_there_with_its_residents():
    assert Commune.objects.count() == 34_969
    assert Commune.objects.get(pk="34301").population == 45_337
    valleys = Commune.objects.filter(epci_name="CC Champsaur-Valgaudemar")
    assert valleys.count() == 25


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Sète", "Sète"),
        ("sete", "Sète"),
        ("SETE", "Sète"),
        ("st bonnet en champ", "Saint-Bonnet-en-Champsaur"),
        ("Saint-Bonnet-en-Champsaur", "Saint-Bonnet-en-Champsaur"),
        ("saint bonnet en champsaur", "Saint-Bonnet-en-Champsaur"),
        ("ste-foy-l'a", "Sainte-Foy-l’Argentière"),
        ("orcieres", "Orcières"),
        ("fare en champ", "La Fare-en-Champsaur"),
        ("la fare-en-champ", "La Fare-en-Champsaur"),
        ("l'haÿ", "L’Haÿ-les-Roses"),
        ("hay les roses", "L’Haÿ-les-Roses"),
        ("bouzigues", "Bouzigues"),
        ("paris", "Paris"),
        ("Y", "Y"),
        ("œuilly", "Œuilly"),
        ("oeuilly", "Œuilly"),
        ("34200", "Sète"),
        ("05500 st bonnet", "Saint-Bonnet-en-Champsaur"),
        ("saint bonnet (05)", "Saint-Bonnet-en-Champsaur"),
        ("75018", "Paris"),
    ],
)
def test_a_commune_is_found_as_it_is_typed(typed, first):
    assert found(typed)[0] == first


def test_all_the_communes_of_a_postal_code_are_found():
    names = set(found("05500", 100))

    assert {"Saint-Bonnet-en-Champsaur", "La Fare-en-Champsaur", "Poligny"} <= names


@pytest.mark.parametrize(
    "typed", ["", "   ", "'\"; --", "%", "_", "\\", "🙂", "zzzzzz", "a" * 10_000, "\u202e", "-"]
)
def test_anything_may_be_typed(typed):
    found(typed)


def test_a_percent_sign_finds_nothing_rather_than_everything():
    assert found("%") == found("_") == found("'") == []


def test_a_search_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert selectors.communes_matching("saint")[0].codes


def test_a_search_uses_the_indexes():
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT code FROM directory_commune WHERE search_key LIKE "
            "directory_place_key('Saint-Bonnet') || '%' OR bare_key LIKE "
            "directory_bare_key('Saint-Bonnet') || '%'"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "directory_commune_by_name" in plan
    assert "directory_commune_by_bare_name" in plan


def test_former_communes_lead_to_those_of_today():
    assert selectors.get_commune("05067").code == "05132"
    assert selectors.get_commune("75118").name == "Paris"
    with pytest.raises(Http404):
        selectors.get_commune("00000")


def test_loading_again_changes_nothing():
    before = PostalCode.objects.count()

    assert services.load_communes(actor=SYSTEM, now=NOW) == 34_969

    assert Commune.objects.count() == 34_969
    assert PostalCode.objects.count() == before


def test_a_commune_that_disappears_is_kept_but_no_longer_offered(monkeypatch):
    rows = [row for row in communes.shipped() if row.code != "34301"]
    monkeypatch.setattr(communes, "shipped", lambda: iter(rows))

    services.load_communes(actor=SYSTEM, now=NOW)

    assert Commune.objects.get(pk="34301").is_current is False
    assert "Sète" not in found("sete")


def merge(monkeypatch, former="34301", into="34108"):
    """The next file of communes: one is no more, its code is another code of the one it joined."""
    rows = [
        replace(row, other_codes=f"{row.other_codes} {former}".strip()) if row.code == into else row
        for row in communes.shipped()
        if row.code != former
    ]
    monkeypatch.setattr(communes, "shipped", lambda: iter(rows))


def load():
    return services.load_communes(actor=SYSTEM, now=NOW)


def place(code):
    return Commune.objects.get(pk=code)


def solicitable_at(code):
    asked = Window(NOW, NOW + timedelta(minutes=15))
    return selectors.solicitable("60", ["injection"], code, asked)


def held(drawn):
    return selectors.codes_of(drawn)


def test_a_commune_that_merges_leads_to_that_of_today(monkeypatch):
    merge(monkeypatch)

    load()

    assert selectors.get_commune("34301").code == "34108"
    assert selectors.commune_of("34301").code == "34108"
    assert selectors.commune_codes()["34301"] == "34108"
    assert selectors.commune_codes()["05132"] == "05132"


def test_whoever_comes_to_a_commune_that_merges_comes_to_that_of_today(monkeypatch):
    practice = PracticeFactory(solicitable=True, communes=["34301", "34039"])
    elsewhere = PracticeFactory(solicitable=True, communes=["34039"])
    merge(monkeypatch)

    load()

    practice.refresh_from_db()
    assert practice.communes == ["34039", "34108", "34301"]
    assert solicitable_at("34108") == [practice.practitioner]
    (counted,) = selectors.coverage(CareKind.INJECTION, ["34108"], NOW)
    assert counted.count == 1
    elsewhere.refresh_from_db()
    assert elsewhere.version == 1
    (kept,) = PreviousState.objects.filter(record_id=practice.pk)
    assert kept.gesture["verb"] == "directory.load_communes"
    assert FactHeader.objects.filter(kind="directory.practice_declared").count() == 1


def test_what_was_drawn_with_a_commune_that_merges_holds_that_of_today(monkeypatch, client):
    drawn, closed = TerritoryFactory(), TerritoryFactory()
    sector, administrator = SectorFactory(), actor(Role.ADMINISTRATOR)
    for one in (drawn, closed):
        TerritoryCommuneFactory(territory=one, commune=place("34301"))
    SectorCommuneFactory(sector=sector, commune=place("34301"))
    services.close_territory(actor=administrator, territory=closed, heir=None, now=NOW)
    merge(monkeypatch)

    load()

    assert held(drawn) == held(sector) == ["34108", "34301"]
    assert held(closed) == ["34301"]  # as history
    assert selectors.population_of(held(drawn)) == place("34108").population
    (listed,) = selectors.territories(administrator).filter(pk=drawn.pk)
    assert (listed.commune_count, listed.residents) == (1, place("34108").population)
    assert FactHeader.objects.filter(kind="directory.territory_drawn").count() == 1
    client.as_(administrator)
    for name, one in (("territory", drawn), ("sector", sector)):
        where = reverse(f"directory:{name}", args=[one.pk])
        assert client.post(where, {"place": "saint bonnet en champsaur"}).status_code == 303
        assert {"34108", "05132"} < set(held(one))
        client.post(where, {"communes": ["05132"]})
        assert held(one) == ["05132"]
        load()
        assert held(one) == ["05132"]  # what was untied by hand stays untied


@pytest.mark.parametrize("kind", ["territory", "sector"])
def test_a_commune_of_the_past_is_no_hindrance_to_adding_others_but_is_not_drawn_anew(kind, client):
    drawn = TerritoryFactory() if kind == "territory" else SectorFactory()
    factory = TerritoryCommuneFactory if kind == "territory" else SectorCommuneFactory
    factory(**{kind: drawn}, commune=place("34301"))
    Commune.objects.filter(pk__in=["34301", "34039"]).update(is_current=False)
    where = reverse(f"directory:{kind}", args=[drawn.pk])
    client.as_(actor(Role.ADMINISTRATOR))

    assert client.post(where, {"place": "saint bonnet en champsaur"}).status_code == 303
    assert {"34301", "05132"} < set(held(drawn))
    assert client.post(where, {"communes": ["34039"]}).status_code == 409


def test_a_commune_of_today_that_answers_to_a_sector_goes_on_answering_to_it(monkeypatch):
    organization = OrganizationFactory()
    one, other = (SectorFactory(organization=organization) for _ in range(2))
    SectorCommuneFactory(sector=one, commune=place("34301"))
    SectorCommuneFactory(sector=other, commune=place("34108"))
    merge(monkeypatch)

    load()

    assert (held(one), held(other)) == (["34301"], ["34108"])


def test_who_is_at_a_commune_that_merges_is_at_that_of_today(monkeypatch):
    organization, site = (
        factory(commune=place("34301")) for factory in (OrganizationFactory, PracticeSiteFactory)
    )
    person, neighbour = PersonFactory(commune=place("34301")), PersonFactory()
    merge(monkeypatch)

    load()

    for one in (organization, site, person):
        one.refresh_from_db()
        assert one.commune_id == "34108"
    neighbour.refresh_from_db()
    assert (neighbour.commune_id, neighbour.version) == ("05132", 1)


def test_an_extraction_that_still_says_a_former_code_speaks_of_the_commune_of_today(monkeypatch):
    merge(monkeypatch, former="05132", into="05096")
    load()

    bring(establishments(3), source="finess")
    bring(extraction(3))

    assert set(Organization.objects.values_list("commune", flat=True)) == {"05096"}
    assert set(PracticeSite.objects.values_list("commune", flat=True)) == {"05096"}


def test_a_house_that_an_earlier_load_split_is_mended_by_the_next_and_once(monkeypatch):
    practice = PracticeFactory(solicitable=True, communes=["34301"])
    territory = TerritoryFactory()
    TerritoryCommuneFactory(territory=territory, commune=place("34301"))
    Commune.objects.filter(pk="34301").update(is_current=False)
    OtherCode.objects.create(code="34301", commune=place("34108"))
    merge(monkeypatch)

    load()
    first = PreviousState.objects.count(), FactHeader.objects.count()
    load()

    practice.refresh_from_db()
    assert practice.communes == held(territory) == ["34108", "34301"]
    assert (PreviousState.objects.count(), FactHeader.objects.count()) == first


def test_the_shipped_file_says_where_it_comes_from():
    said = (communes.SHIPPED.parent / "README.md").read_text()

    assert "Licence Ouverte" in said
    assert "6.0.0" in said


def test_a_folder_that_is_not_the_package_changes_nothing(tmp_path):
    with pytest.raises(CommandError, match="n’a pas changé"):
        call_command("refresh_communes", tmp_path, output=tmp_path / "communes.csv.xz")

    for name in ("communes", "departements", "regions", "epci"):
        (tmp_path / f"{name}.json").write_text("[]")
    with pytest.raises(CommandError, match="incomplet"):
        call_command("refresh_communes", tmp_path, output=tmp_path / "communes.csv.xz")
    assert not (tmp_path / "communes.csv.xz").exists()


def test_a_written_file_reads_back_the_same(tmp_path):
    rows = [row for row in communes.shipped() if row.departement == "05"]
    target = tmp_path / "communes.csv.xz"

    communes.write(rows, target)
    first = target.read_bytes()
    communes.write(rows, target)

    assert target.read_bytes() == first

"""Communes: every current one, found the way people type them."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import Http404

from cordee.access.actor import SYSTEM
from cordee.directory import communes, selectors, services
from cordee.directory.models import Commune, PostalCode
from tests.support import NOW

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

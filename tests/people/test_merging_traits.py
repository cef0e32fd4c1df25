"""What one record alone tells of somebody: on the page that compares, and kept by default."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from cordee.people import selectors, services
from cordee.people.models import Person
from cordee.people.rules import identity, merging
from cordee.people.selectors.merging import LABELS
from tests.factories.directory import (
    CommuneFactory,
    PractitionerFactory,
    TerritoryFactory,
)
from tests.factories.people import InformationFactory
from tests.people.two_records import claire, desk, somebody
from tests.support import NOW, arranging, seen_on

__all__ = ["claire", "desk"]
pytestmark = pytest.mark.django_db

TECHNICAL = {
    *("id", "version", "created_at", "updated_at", "merged_into_id", "is_demonstration"),
    "ins_status",  # follows from the traits
    "birth_name",  # never empty: each record tells it
}
INS = {"ins": "241030513200776", "ins_oid": identity.Registry.TEST.value}
GIVEN = {"first_names": "Berthe Marie", "first_name": "Berthe"}
# What the record that is absorbed tells alone: column → what both are given, told and empty.
TOLD = {
    "first_names": (GIVEN, dict.fromkeys(GIVEN, "")),
    "first_name": (GIVEN, dict.fromkeys(GIVEN, "")),
    "ins": (INS, dict.fromkeys(INS, "")),
    "ins_oid": (INS, dict.fromkeys(INS, "")),
    "birth_date": date(1941, 3, 7),
    "sex": "F",
    "birth_place_code": "05132",
    "used_name": "Martin",
    "used_first_name": "Berthe",
    "phone": "+33639980001",
    "other_phone": "+33639980002",
    "email": "b@example.org",
    "address": "3 rue Haute",
    "commune_id": lambda: CommuneFactory(code="59512", name="Roubaix").pk,
    "territory_id": lambda: TerritoryFactory().pk,
    "home_access": "code 12",
    "gp_id": None,  # follows from the circle: tests/people/test_gp.py
    "ald": True,
    "protection": "guarded",
    "unable_since": date(2026, 2, 3),
    "is_homonym": True,
    "is_doubtful": True,
    "is_fictitious": True,
    "deceased_on": date(2026, 2, 3),
}
EMPTY = {
    **dict.fromkeys(("birth_date", "commune_id", "territory_id", "unable_since", "deceased_on")),
    **dict.fromkeys(("ald", "is_homonym", "is_doubtful", "is_fictitious"), False),
    "protection": "none",
}
ALONE = sorted(TOLD.keys() - {"gp_id"})


def two_records(desk, column, *, informed):
    """The one that is kept says nothing in this column; the other one does."""
    told = TOLD[column]
    said, silent = told if isinstance(told, tuple) else (told, EMPTY.get(column, ""))
    if not isinstance(told, tuple):
        said, silent = {column: said() if callable(said) else said}, {column: silent}
    both = (somebody(desk, **silent), somebody(desk, **said))
    for person in both if informed else ():
        InformationFactory(person=person)
    return both


def compared(page, claire, kept, absorbed):
    pair = services.propose_pair(actor=claire, person=kept, other=absorbed, now=NOW)
    return pair, page.get(reverse("people:compare", args=[pair.pk]))


def as_proposed(shown):
    """What the form sends when nothing is touched."""
    radios = BeautifulSoup(shown.text, "html.parser").find_all("input", type="radio", checked=True)
    return {one["name"]: one["value"] for one in radios} | seen_on(shown)


def brought_together(page, pair, shown):
    sent = page.post(reverse("people:merge", args=[pair.pk]), as_proposed(shown))
    assert sent.status_code == 302, sent.text


def test_each_column_of_a_person_is_asked_here():
    columns = {one.attname for one in Person._meta.concrete_fields if not one.generated}
    assert columns - TECHNICAL == set(TOLD)


@pytest.mark.parametrize("column", ALONE)
def test_what_the_other_record_alone_tells_is_shown_and_kept(client, claire, desk, column):
    kept, absorbed = two_records(desk, column, informed=True)
    page = client.as_(claire)
    pair, shown = compared(page, claire, kept, absorbed)
    (group,) = [name for name, group in merging.GROUPS.items() if column in group] or [column]
    assert f">{LABELS[group]}" in shown.text

    brought_together(page, pair, shown)

    now = Person.objects.get(pk=kept.pk)
    assert getattr(now, column) == getattr(absorbed, column)


@pytest.mark.parametrize("column", ["unable_since", "ald"])
def test_a_finding_on_health_is_kept_by_who_may_not_read_it(client, claire, desk, column):
    kept, absorbed = two_records(desk, column, informed=False)
    assert column in selectors.withheld(claire, absorbed)
    page = client.as_(claire)
    pair, shown = compared(page, claire, kept, absorbed)
    assert LABELS[column] not in shown.text
    assert "03/02/2026" not in shown.text

    sent = as_proposed(shown) | {column: "kept"}  # said by a page made by hand
    page.post(reverse("people:merge", args=[pair.pk]), sent)

    assert getattr(Person.objects.get(pk=kept.pk), column) == TOLD[column]


def test_a_day_and_a_measure_told_apart_are_both_kept(client, claire, desk):
    """One notes that she cannot speak, the other who speaks for her."""
    kept = somebody(desk, unable_since=date(2026, 2, 3))
    absorbed = somebody(desk, protection="guarded")
    for person in (kept, absorbed):
        InformationFactory(person=person)
    page = client.as_(claire)
    brought_together(page, *compared(page, claire, kept, absorbed))
    now = Person.objects.get(pk=kept.pk)
    assert (now.unable_since, now.protection) == (date(2026, 2, 3), "guarded")


def test_a_commune_comes_with_its_territory(client, claire, desk):
    """Who wrote the record that is kept had a territory of their own, and no commune to say."""
    roubaix = CommuneFactory(code="59512", name="Roubaix")
    kept = somebody(desk, commune=None)
    absorbed = somebody(desk, commune=roubaix, territory=TerritoryFactory())
    page = client.as_(claire)
    brought_together(page, *compared(page, claire, kept, absorbed))
    now = Person.objects.get(pk=kept.pk)
    assert (now.commune, now.territory) == (roubaix, absorbed.territory)


LILLE, ROUBAIX = "59350", "59512"


def living(desk, street, code):
    names = {LILLE: "Lille", ROUBAIX: "Roubaix"}
    commune = CommuneFactory(code=code, name=names[code]) if code else None
    return somebody(desk, address=street, commune=commune)


@pytest.mark.parametrize(
    ("kept", "absorbed", "lives"),
    [
        (("", LILLE), ("5 rue Basse", ROUBAIX), ("5 rue Basse", ROUBAIX)),
        (("3 rue Haute", None), ("5 rue Basse", ROUBAIX), ("5 rue Basse", ROUBAIX)),
        (("3 rue Haute", LILLE), ("5 rue Basse", ROUBAIX), ("3 rue Haute", LILLE)),
        (("3 rue Haute", LILLE), ("", ROUBAIX), ("3 rue Haute", LILLE)),
        (("3 rue Haute", LILLE), ("5 rue Basse", None), ("3 rue Haute", LILLE)),
        (("", LILLE), ("", ROUBAIX), ("", LILLE)),
        # Nothing said by one is denied by the other: who compares sees what is put together.
        (("3 rue Haute", None), ("", ROUBAIX), ("3 rue Haute", ROUBAIX)),
        (("", LILLE), ("5 rue Basse", LILLE), ("5 rue Basse", LILLE)),
    ],
)
def test_two_places_are_not_one_made_of_halves(client, claire, desk, kept, absorbed, lives):
    one, other = living(desk, *kept), living(desk, *absorbed)
    page = client.as_(claire)
    brought_together(page, *compared(page, claire, one, other))
    now = Person.objects.get(pk=one.pk)
    assert (now.address, now.commune_id) == lives


def test_a_territory_that_misses_takes_no_commune_from_the_other(client, claire, desk):
    kept, absorbed = living(desk, "3 rue Haute", LILLE), living(desk, "5 rue Basse", ROUBAIX)
    with arranging():
        Person.objects.filter(pk=kept.pk).update(territory=None)
    page = client.as_(claire)
    brought_together(page, *compared(page, claire, kept, absorbed))
    now = Person.objects.get(pk=kept.pk)
    assert (now.address, now.commune_id) == ("3 rue Haute", LILLE)


def test_a_territory_told_by_one_alone_is_kept_with_the_commune_of_both(client, claire, desk):
    kept, absorbed = living(desk, "3 rue Haute", LILLE), living(desk, "5 rue Basse", LILLE)
    with arranging():
        Person.objects.filter(pk=kept.pk).update(territory=None)
    page = client.as_(claire)
    brought_together(page, *compared(page, claire, kept, absorbed))
    now = Person.objects.get(pk=kept.pk)
    assert (now.address, now.territory) == ("3 rue Haute", absorbed.territory)


def test_what_one_record_tells_is_kept_where_nobody_compares():
    """The same rule as at night, when nobody looks."""
    empty = merging.columns_of(Person(birth_name="Lefèvre")) | {"created_at": NOW}
    other = empty | {
        "unable_since": date(2026, 2, 3),
        "commune_id": "59512",
        "territory_id": PractitionerFactory.build().pk,
        "is_homonym": True,
    }
    plan = merging.planned(empty, other, merging.told_by_the_other_alone(empty, other)).columns
    told = ("unable_since", "commune_id", "territory_id", "is_homonym")
    assert {name: plan[name] for name in told} == {name: other[name] for name in told}

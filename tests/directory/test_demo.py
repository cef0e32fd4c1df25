"""The demonstration: two real territories, made-up people, the same each time, at once."""

from collections import Counter
from datetime import time

import pytest

from cordee.directory import demo, selectors
from cordee.directory.kinds import OrganizationKind
from cordee.directory.models import (
    Membership,
    Organization,
    Practice,
    Practitioner,
    Sector,
    Shift,
    Territory,
    WeeklyHours,
)
from cordee.directory.rules import window_from
from tests.factories.directory import AccountFactory
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db


def test_the_valleys_and_the_basin_are_to_scale():
    demo.load(NOW)

    champsaur = Territory.objects.get(name="Champsaur-Valgaudemar", kind="sio")
    thau = Territory.objects.get(name="Bassin de Thau", kind="sio")
    assert selectors.population_of(champsaur.communes.values_list("code", flat=True)) > 11_000
    assert selectors.population_of(thau.communes.values_list("code", flat=True)) > 130_000
    doctors = Practitioner.objects.filter(specialty="SM54", sites__commune__departement="05")
    assert doctors.count() == 20
    assert Practitioner.objects.filter(sites__commune__departement="34").count() == 1000
    kinds = Counter(Organization.objects.values_list("kind", flat=True))
    assert (kinds["sio"], kinds["hospital"], kinds["dac"], kinds["cpts"]) == (2, 2, 2, 2)
    assert kinds["home_help"] >= 2


def test_at_any_hour_of_the_day_somebody_can_be_asked():
    """Loaded in the early afternoon, it showed searches that asked nobody."""
    demo.load(NOW)

    nurses = Practitioner.objects.filter(profession="60")
    for departement in ("05", "34"):
        near = nurses.filter(sites__commune__departement=departement).values("pk")
        monday = WeeklyHours.objects.filter(weekday=0, practice__practitioner__in=near)
        stretches = list(monday.values_list("starts", "ends"))
        for hour in (time(one) for one in range(7, 21)):
            there = sum(starts <= hour < ends for starts, ends in stretches)
            assert there > 3, (departement, hour)


def test_everybody_is_made_up_and_says_so():
    demo.load(NOW)

    assert all(one.is_synthetic for one in Practitioner.objects.all())
    assert all(
        mobile.startswith("+3363998")
        for mobile in Practice.objects.values_list("mobile", flat=True)
    )
    assert not Organization.objects.exclude(finess__startswith="99").exists()


def test_somebody_may_be_asked_in_every_commune_this_evening():
    demo.load(NOW)
    evening = window_from(NOW, NOW, within=None)

    for commune in Territory.objects.get(name="Champsaur-Valgaudemar", kind="sio").communes.all():
        found = selectors.solicitable("60", ["injection"], commune.code, evening)
        assert len(found) >= 3, commune


def test_loading_twice_changes_nothing():
    demo.load(NOW)
    before = list(Practitioner.objects.order_by("rpps").values_list("pk", "last_name"))

    demo.load(NOW)

    assert list(Practitioner.objects.order_by("rpps").values_list("pk", "last_name")) == before


def test_sectors_and_roster_follow_the_roles():
    demo.load(NOW)
    dac = Organization.objects.filter(kind=OrganizationKind.DAC).order_by("name").first()
    sio = Organization.objects.filter(kind=OrganizationKind.SIO).order_by("name").first()
    with arranging():
        for organization, role in ((dac, "coordinator"), (sio, "orienteuse")):
            for _ in range(2):
                Membership.objects.create(
                    account=AccountFactory(is_demonstration=True),
                    organization=organization,
                    role=role,
                    since=NOW.date(),
                )

    demo.settle(NOW)
    demo.settle(NOW)

    assert Sector.objects.filter(organization=dac).count() == 2
    held = Sector.objects.filter(organization=dac).values_list("communes", flat=True)
    assert sorted(held) == sorted(dac.territory.communes.values_list("code", flat=True))
    assert [shift.kind for shift in selectors.on_duty(sio, NOW)] == ["desk", "desk"]
    assert Shift.objects.count() == 12 * 3

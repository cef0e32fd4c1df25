"""Poles, territories and sectors renamed and closed: nothing deleted, nothing orphaned."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.access.models import PreviousState, Trace
from cordee.directory import selectors, services
from cordee.directory.models import Organization, Pole, Sector, Shift, Territory
from cordee.directory.services import DeskHours, OrganizationTraits
from cordee.kernel.errors import DomainError
from cordee.kernel.models import FactHeader
from cordee.people.models import Person
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
    SectorCommuneFactory,
    SectorFactory,
    ShiftFactory,
    TerritoryCommuneFactory,
    TerritoryFactory,
)
from tests.factories.people import PersonFactory
from tests.support import NOW, actor, orienteuse_of, simultaneously, until_somebody_waits

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOURS = {"opens": "08:00", "closes": "18:00", "weekdays": ["0", "1"]}


@pytest.fixture
def admin(client):
    return client.as_(actor(Role.ADMINISTRATOR))


def said(kind):
    return FactHeader.objects.filter(kind=kind).count()


# -- poles ---------------------------------------------------------------------------------------


def test_the_name_and_hours_of_a_pole_are_corrected(admin):
    pole = PoleFactory()
    address = reverse("directory:pole", args=[pole.pk])
    assert 'value="09:00"' in admin.get(address).text

    answer = admin.post(address, {"name": "Pôle du soir", **HOURS})

    pole.refresh_from_db()
    assert answer.status_code == 303
    assert (pole.name, pole.opens, pole.closes) == ("Pôle du soir", time(8), time(18))
    assert pole.weekdays == [0, 1]
    assert said("directory.pole_changed") == 1
    assert Trace.objects.filter(verb="directory.change_pole").exists()


def test_a_pole_that_takes_the_name_of_another_is_told_so(admin):
    pole = PoleFactory()
    other = PoleFactory(organization=pole.organization)

    answer = admin.post(reverse("directory:pole", args=[pole.pk]), {"name": other.name, **HOURS})

    assert answer.status_code == 422
    assert "porte déjà ce nom" in answer.text
    assert Pole.objects.get(pk=pole.pk).name == pole.name


def test_the_turns_of_a_closed_pole_go_to_another(admin):
    pole = PoleFactory()
    heir = PoleFactory(organization=pole.organization)
    over = ShiftFactory(pole=pole, starts_at=NOW - 9 * DAY, ends_at=NOW - 8 * DAY)
    to_come = ShiftFactory(pole=pole, starts_at=NOW + 1000 * DAY, ends_at=NOW + 1001 * DAY)
    address = reverse("directory:close_pole", args=[pole.pk])
    assert to_come.account.name in admin.get(reverse("directory:pole", args=[pole.pk])).text

    left = admin.post(address, {})
    answer = admin.post(address, {"heir": heir.pk})

    assert (left.status_code, answer.status_code) == (422, 303)
    assert "choisissez le pôle qui reprend" in left.text
    assert Shift.objects.get(pk=to_come.pk).pole == heir
    assert Shift.objects.get(pk=over.pk).pole == pole
    assert Pole.objects.get(pk=pole.pk).closed_on is not None
    roster = admin.get(reverse("directory:organization_roster", args=[pole.organization_id]))
    assert f"Fermés : {pole.name}" in roster.text.replace("\u00a0", " ")
    assert said("directory.pole_closed") == 1


def test_a_closed_pole_opens_no_desk_and_keeps_its_notes_to_read():
    pole = PoleFactory()
    PoleFactory(organization=pole.organization, weekdays=[])
    reader = orienteuse_of(pole.organization, account_id=AccountFactory().pk)
    note = services.hand_over(actor=reader, pole=pole, note="Rappeler demain.", now=NOW)
    assert selectors.is_desk_open(pole.organization, NOW)

    services.close_pole(actor=SYSTEM, pole=pole, heir=None, now=NOW)

    assert not selectors.is_desk_open(pole.organization, NOW)
    assert selectors.handovers_of(reader, pole.organization) == [note]


def test_the_only_pole_that_a_structure_held_stays():
    pole = PoleFactory()
    ShiftFactory(pole=pole, starts_at=NOW - 9 * DAY, ends_at=NOW - 8 * DAY)

    with pytest.raises(DomainError) as refusal:
        services.close_pole(actor=SYSTEM, pole=pole, heir=None, now=NOW)

    assert refusal.value.code == "directory.pole_still_held"


def test_a_pole_opened_by_mistake_is_closed_and_its_name_serves_again():
    pole = PoleFactory()
    services.close_pole(actor=SYSTEM, pole=pole, heir=None, now=NOW)

    again = services.create_pole(
        actor=SYSTEM, organization=pole.organization, name=pole.name, now=NOW
    )

    assert list(selectors.poles_of(SYSTEM, pole.organization)) == [again]


@pytest.mark.parametrize("where", ["elsewhere", "closed", "itself"])
def test_turns_go_to_no_pole_of_another_structure_or_closed(where):
    pole = PoleFactory()
    heir = {
        "elsewhere": lambda: PoleFactory(),
        "closed": lambda: PoleFactory(organization=pole.organization, closed_on=NOW.date()),
        "itself": lambda: pole,
    }[where]()

    with pytest.raises(DomainError) as refusal:
        services.close_pole(actor=SYSTEM, pole=pole, heir=heir, now=NOW)

    assert refusal.value.code == "directory.unfit_heir"


def test_what_is_closed_stays_as_it_was(admin):
    pole = PoleFactory(closed_on=NOW.date())
    sector = SectorFactory(closed_on=NOW.date())
    territory = TerritoryFactory(closed_on=NOW.date())

    for address, data in (
        (reverse("directory:pole", args=[pole.pk]), {"name": "Autre", **HOURS}),
        (reverse("directory:close_pole", args=[pole.pk]), {}),
        (reverse("directory:rename_sector", args=[sector.pk]), {"name": "Autre"}),
        (reverse("directory:close_sector", args=[sector.pk]), {}),
        (reverse("directory:rename_territory", args=[territory.pk]), {"name": "Autre"}),
        (reverse("directory:close_territory", args=[territory.pk]), {}),
    ):
        answer = admin.post(address, data)
        assert answer.status_code == 422, address
        assert "Il reste tel qu’il a été" in answer.text
    drawn = admin.post(reverse("directory:sector", args=[sector.pk]), {"communes": []})
    again = admin.post(reverse("directory:territory", args=[territory.pk]), {"communes": []})
    assert (drawn.status_code, again.status_code) == (409, 409)


# -- sectors -------------------------------------------------------------------------------------


def test_a_sector_is_renamed(admin):
    sector = SectorFactory()
    other = SectorFactory(organization=sector.organization)
    address = reverse("directory:rename_sector", args=[sector.pk])

    taken = admin.post(address, {"name": other.name})
    answer = admin.post(address, {"name": "Haute vallée"})

    assert (taken.status_code, answer.status_code) == (422, 303)
    assert "porte déjà ce nom" in taken.text
    assert Sector.objects.get(pk=sector.pk).name == "Haute vallée"
    assert said("directory.sector_renamed") == 1


def test_the_communes_of_a_closed_sector_answer_to_another(admin):
    sector = SectorFactory()
    heir = SectorFactory(organization=sector.organization)
    SectorCommuneFactory(sector=sector, commune=CommuneFactory())
    address = reverse("directory:close_sector", args=[sector.pk])

    left = admin.post(address, {})
    answer = admin.post(address, {"heir": heir.pk})

    assert (left.status_code, answer.status_code) == (422, 303)
    assert "choisissez le secteur qui les reprend" in left.text
    assert selectors.sector_of(sector.organization, "05132") == heir
    where = reverse("directory:organization_sectors", args=[sector.organization_id])
    assert f'Fermés : <a href="{reverse("directory:sector", args=[sector.pk])}"' in admin.get(
        where
    ).text.replace("\u00a0", " ")
    assert said("directory.sector_closed") == 1


# -- territories ---------------------------------------------------------------------------------


def test_a_territory_is_renamed(admin):
    territory, other = TerritoryFactory(), TerritoryFactory()
    address = reverse("directory:rename_territory", args=[territory.pk])

    taken = admin.post(address, {"name": other.name})
    answer = admin.post(address, {"name": "Champsaur"})

    assert (taken.status_code, answer.status_code) == (422, 303)
    assert Territory.objects.get(pk=territory.pk).name == "Champsaur"
    assert said("directory.territory_renamed") == 1


def test_structures_communes_and_persons_go_with_their_territory(admin):
    organization = OrganizationFactory()
    closing, heir = organization.territory, TerritoryFactory()
    TerritoryCommuneFactory(territory=closing, commune=CommuneFactory())
    person = PersonFactory(territory=closing)
    address = reverse("directory:close_territory", args=[closing.pk])
    assert organization.name in admin.get(reverse("directory:territory", args=[closing.pk])).text

    left = admin.post(address, {})
    answer = admin.post(address, {"heir": heir.pk})

    assert (left.status_code, answer.status_code) == (422, 303)
    assert "choisissez celui qui les reprend" in left.text
    assert Organization.objects.get(pk=organization.pk).territory == heir
    assert Person.objects.get(pk=person.pk).territory == heir
    assert list(selectors.territories_of_commune("05132")) == [heir]
    assert closing.places.count() == 1
    shown = admin.get(reverse("directory:territories")).text.replace("\u00a0", " ")
    assert f"repris par {heir.name}" in shown
    assert said("directory.territory_closed") == 1
    before = PreviousState.objects.get(record_id=person.pk)
    assert before.gesture["verb"] == "directory.close_territory"
    assert before.state["territory_id"] == str(closing.pk)


def test_persons_alone_hold_their_territory_open():
    person = PersonFactory(territory=TerritoryFactory())

    with pytest.raises(DomainError) as refusal:
        services.close_territory(actor=SYSTEM, territory=person.territory, heir=None, now=NOW)

    assert refusal.value.code == "directory.territory_holds"
    assert Territory.objects.get(pk=person.territory_id).closed_on is None


def test_a_territory_is_not_taken_over_by_one_of_another_kind():
    closing, other = TerritoryFactory(kind="sio"), TerritoryFactory(kind="cpts")

    with pytest.raises(DomainError) as refusal:
        services.close_territory(actor=SYSTEM, territory=closing, heir=other, now=NOW)

    assert refusal.value.code == "directory.unfit_heir"


def test_whoever_is_written_in_a_closed_territory_goes_where_it_went():
    first, second, third = TerritoryFactory(), TerritoryFactory(), TerritoryFactory()
    services.close_territory(actor=SYSTEM, territory=first, heir=second, now=NOW)
    services.close_territory(actor=SYSTEM, territory=second, heir=third, now=NOW)

    person = PersonFactory(territory=first)

    assert Person.objects.get(pk=person.pk).territory == third


# -- at once -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["pole", "sector", "territory"])
def test_two_administrators_give_one_name_and_one_is_told(kind):
    make = {"pole": PoleFactory, "sector": SectorFactory, "territory": TerritoryFactory}[kind]
    first = make()
    beside = {} if kind == "territory" else {"organization": first.organization}
    second = make(**beside)

    def rename(row):
        given = {"hours": DeskHours()} if kind == "pole" else {}
        gesture = getattr(services, "change_pole" if kind == "pole" else f"rename_{kind}")
        return lambda: gesture(actor=SYSTEM, name="Nord", now=NOW, **{kind: row}, **given)

    results = simultaneously(rename(first), rename(second))

    refused = [one for one in results if isinstance(one, DomainError)]
    assert [one.code for one in refused] == [f"directory.{kind}_exists"]
    assert type(first).objects.filter(name="Nord").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_poles_that_close_into_each_other_leave_one_open():
    first = PoleFactory()
    second = PoleFactory(organization=first.organization)
    for pole in (first, second):
        ShiftFactory(pole=pole, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)

    def close(pole, heir):
        return lambda: services.close_pole(actor=SYSTEM, pole=pole, heir=heir, now=NOW)

    results = simultaneously(close(first, second), close(second, first))

    assert sorted(type(one) is DomainError for one in results) == [False, True], results
    open_one = Pole.objects.get(closed_on=None)
    assert open_one.shifts.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_territories_that_close_into_each_other_leave_one_open():
    first, second = OrganizationFactory(), OrganizationFactory()

    def close(closing, heir):
        return lambda: services.close_territory(
            actor=SYSTEM, territory=closing.territory, heir=heir.territory, now=NOW
        )

    results = simultaneously(close(first, second), close(second, first))

    assert sorted(type(one) is DomainError for one in results) == [False, True], results
    assert Organization.objects.filter(territory__closed_on=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_hung_while_it_is_being_closed_is_refused_or_moved():
    """Who comes while the closing is not committed waits for it: never left behind."""
    pole = PoleFactory()
    PoleFactory(organization=pole.organization)
    member = MembershipFactory(organization=pole.organization)
    turn = services.ShiftTraits(account=member.account, starts_at=NOW, ends_at=NOW + DAY)
    closing = TerritoryFactory()
    heir = TerritoryFactory()
    traits = OrganizationTraits(name="Tardive", kind="msp", territory=closing)

    results = simultaneously(
        lambda: services.close_pole(actor=SYSTEM, pole=pole, heir=None, now=NOW),
        lambda: services.plan_shift(actor=SYSTEM, pole=pole, traits=turn, now=NOW),
        lambda: services.close_territory(actor=SYSTEM, territory=closing, heir=heir, now=NOW),
        lambda: services.create_organization(actor=SYSTEM, traits=traits, now=NOW),
    )

    assert not Shift.objects.filter(pole__closed_on__isnull=False, ends_at__gt=NOW).exists()
    assert not Organization.objects.filter(territory__closed_on__isnull=False).exists()
    assert all(one.code for one in results if isinstance(one, Exception))


@pytest.mark.django_db(transaction=True)
def test_a_structure_put_in_a_territory_under_closing_waits_then_is_refused():
    closing, heir = TerritoryFactory(), TerritoryFactory()
    traits = OrganizationTraits(name="Tardive", kind="msp", territory=closing)

    def create():
        return services.create_organization(actor=SYSTEM, traits=traits, now=NOW)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.close_territory(actor=SYSTEM, territory=closing, heir=heir, now=NOW)
            late = pool.submit(simultaneously, create)
            until_somebody_waits()
        (result,) = late.result(30)

    assert isinstance(result, DomainError)
    assert result.code == "directory.is_closed"

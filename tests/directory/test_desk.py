"""Who belongs, who holds the desk, who answers for whom: nothing is orphaned."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.access.policy import get_visible
from cordee.directory import selectors, services
from cordee.directory.models import Cover, Handover, Membership, Pole, Shift
from cordee.directory.services import MembershipTraits, OrganizationTraits, ShiftTraits
from cordee.kernel.errors import DomainError, Forbidden
from tests.factories.directory import (
    AccountFactory,
    CoverFactory,
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
    PractitionerFactory,
    SectorFactory,
    ShiftFactory,
    TerritoryFactory,
)
from tests.support import (
    NOW,
    actor,
    arranging,
    coordinator_of,
    orienteuse_of,
    simultaneously,
    speaking_as,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# -- belonging -----------------------------------------------------------------------------------


def test_a_membership_holds_from_its_first_day_to_its_last():
    today = NOW.date()
    membership = MembershipFactory(since=today, until=today + DAY)

    def held(at):
        return list(selectors.memberships_of(membership.account, at))

    assert held(NOW - DAY) == []
    assert held(NOW) == held(NOW + DAY) == [membership]
    assert held(NOW + 2 * DAY) == []


def test_a_role_revoked_at_once_no_longer_holds():
    membership = MembershipFactory(since=NOW.date() - 10 * DAY)
    yesterday = NOW.date() - DAY

    services.end_membership(actor=SYSTEM, membership=membership, last_day=yesterday, now=NOW)

    assert not selectors.memberships_of(membership.account, NOW).exists()


def test_a_role_given_and_revoked_the_same_day_is_gone_but_remembered():
    membership = MembershipFactory(since=NOW.date())

    services.end_membership(actor=SYSTEM, membership=membership, last_day=NOW.date() - DAY, now=NOW)

    assert not Membership.objects.exists()


@pytest.mark.parametrize("until", [-1, 30])
def test_roles_that_run_backwards_or_twice_are_refused_with_a_sentence(until):
    held = MembershipFactory(since=NOW.date())
    traits = MembershipTraits(
        account=held.account, role=held.role, since=NOW.date(), until=NOW.date() + until * DAY
    )
    with pytest.raises(DomainError):
        services.add_membership(
            actor=SYSTEM, organization=held.organization, traits=traits, now=NOW
        )
    assert Membership.objects.count() == 1


def test_only_administration_sets_up():
    organization = OrganizationFactory()
    someone = coordinator_of(organization)
    traits = OrganizationTraits(name="Nouvelle", kind="msp")
    with pytest.raises(Forbidden):
        services.create_organization(actor=someone, traits=traits, now=NOW)
    with pytest.raises(Forbidden):
        services.create_territory(actor=someone, name="x", kind="sio", communes=[], now=NOW)
    with pytest.raises(Forbidden):
        services.load_communes(actor=someone, now=NOW)


def test_an_account_is_that_of_one_professional():
    first, second, account = PractitionerFactory(), PractitionerFactory(), AccountFactory()
    services.tie_account(actor=SYSTEM, practitioner=first, account=account, now=NOW)
    assert selectors.practising(account.pk).get() == first

    with pytest.raises(DomainError):
        services.tie_account(actor=SYSTEM, practitioner=second, account=account, now=NOW)


def test_an_organization_is_known_by_its_request_code_whatever_the_case():
    organization = OrganizationFactory(request_code="CHVALLEES")
    closed = OrganizationFactory(request_code="FERMEE", closed_on=NOW.date())

    assert selectors.organization_by_request_code(" chvallees ") == organization
    assert selectors.organization_by_request_code(closed.request_code) is None
    assert selectors.organization_by_request_code("") is None


# -- the desk ------------------------------------------------------------------------------------


def test_the_desk_knows_who_is_there():
    shift = ShiftFactory()
    ShiftFactory()

    assert list(selectors.on_duty(shift.pole.organization, NOW)) == [shift]
    assert not selectors.on_duty(shift.pole.organization, shift.ends_at).exists()
    assert selectors.is_desk_open(shift.pole.organization, NOW)
    assert not selectors.is_desk_open(shift.pole.organization, NOW + 6 * DAY)


def test_a_pole_is_held_six_days_a_week_by_default():
    pole = services.create_pole(
        actor=SYSTEM, organization=OrganizationFactory(), name="Pôle des vallées", now=NOW
    )
    pole.refresh_from_db()
    assert (pole.weekdays, str(pole.opens), str(pole.closes)) == (
        [0, 1, 2, 3, 4, 5],
        "09:00:00",
        "19:30:00",
    )


def test_a_stranger_to_the_organization_is_not_put_on_its_roster():
    pole = PoleFactory()
    traits = ShiftTraits(account=AccountFactory(), starts_at=NOW, ends_at=NOW + DAY)
    with pytest.raises(DomainError) as refusal:
        services.plan_shift(actor=SYSTEM, pole=pole, traits=traits, now=NOW)
    assert refusal.value.code == "directory.shift_of_a_stranger"


def test_a_shift_that_runs_backwards_is_refused():
    membership = MembershipFactory()
    pole = PoleFactory(organization=membership.organization)
    traits = ShiftTraits(account=membership.account, starts_at=NOW, ends_at=NOW)
    with pytest.raises(DomainError) as refusal:
        services.plan_shift(actor=SYSTEM, pole=pole, traits=traits, now=NOW)
    assert refusal.value.code == "directory.shift_backwards"


def test_a_shift_under_way_ends_now_and_a_past_one_stays():
    shift = ShiftFactory()
    services.cancel_shift(actor=SYSTEM, shift=shift, now=NOW + timedelta(hours=1))
    shift.refresh_from_db()
    assert shift.ends_at == NOW + timedelta(hours=1)

    with pytest.raises(DomainError):
        services.cancel_shift(actor=SYSTEM, shift=shift, now=NOW + DAY)


def test_a_handover_is_for_the_desk_of_that_organization():
    pole = PoleFactory()
    author = orienteuse_of(pole.organization, account_id=AccountFactory().pk)
    note = services.hand_over(actor=author, pole=pole, note=" rappeler Gap ", now=NOW)
    assert note.note == "rappeler Gap"

    assert get_visible(author, Handover, note.pk) == note
    for other in (
        orienteuse_of(OrganizationFactory()),
        actor(Role.ADMINISTRATOR),
        actor(Role.HOME_HELP, pole.organization),
        speaking_as(PractitionerFactory()),
    ):
        with pytest.raises(Http404):
            get_visible(other, Handover, note.pk)


def test_the_first_reader_of_a_handover_is_kept():
    pole = PoleFactory()
    first = orienteuse_of(pole.organization, account_id=AccountFactory().pk)
    second = orienteuse_of(pole.organization, account_id=AccountFactory().pk)
    note = services.hand_over(actor=first, pole=pole, note="rappeler", now=NOW)

    services.read_handover(actor=second, handover=note, now=NOW)
    services.read_handover(actor=first, handover=note, now=NOW + DAY)

    note.refresh_from_db()
    assert (note.read_by_id, note.read_at) == (second.account_id, NOW)


@pytest.mark.django_db(transaction=True)
def test_two_plannings_at_once_leave_one_shift():
    membership = MembershipFactory()
    poles = [PoleFactory(organization=membership.organization) for _ in range(2)]
    by = orienteuse_of(membership.organization, account_id=membership.account_id)
    traits = ShiftTraits(account=membership.account, starts_at=NOW, ends_at=NOW + DAY)

    def plan(pole):
        return lambda: services.plan_shift(actor=by, pole=pole, traits=traits, now=NOW)

    for _ in range(12):  # each of the two could wait for the other, once in a while
        answers = simultaneously(*(plan(pole) for pole in poles))
        assert sorted(type(answer).__name__ for answer in answers) == ["DomainError", "Shift"]
        (shift,) = Shift.objects.all()
        services.cancel_shift(actor=by, shift=shift, now=NOW - DAY)


@pytest.mark.django_db(transaction=True)
def test_two_covers_at_once_leave_one():
    absent, hugo, karim = (AccountFactory() for _ in range(3))

    def cover(by):
        return lambda: services.set_cover(
            actor=SYSTEM, absent=absent, cover=by, since=NOW, now=NOW, until=NOW + DAY
        )

    for _ in range(12):
        answers = simultaneously(cover(hugo), cover(karim))
        assert sorted(type(answer).__name__ for answer in answers) == ["Cover", "DomainError"]
        with arranging():
            Cover.objects.all().delete()


# -- sectors and cover ---------------------------------------------------------------------------


def test_a_sector_answers_for_its_communes():
    sector = SectorFactory()
    services.draw_sector(
        actor=SYSTEM,
        sector=sector,
        coordinator=sector.coordinator,
        communes=["05132", "05004"],
        now=NOW,
    )

    assert selectors.sector_of(sector.organization, "05004") == sector
    assert selectors.sector_of(sector.organization, "34301") is None
    assert selectors.sectors_of(SYSTEM, sector.organization, NOW).get().commune_count == 2


def test_a_sector_whose_coordinator_left_says_so(client):
    gone = MembershipFactory(role="coordinator", since=NOW.date() - 10 * DAY)
    sector = SectorFactory(organization=gone.organization, coordinator=gone.account)
    client.as_(actor(Role.ADMINISTRATOR, gone.organization))
    screen = reverse("directory:organization_sectors", args=[gone.organization_id])
    assert "à confier" not in client.get(screen).text

    services.end_membership(actor=SYSTEM, membership=gone, last_day=NOW.date() - DAY, now=NOW)

    assert "à confier" in client.get(screen).text
    assert not selectors.sectors_of(SYSTEM, sector.organization, NOW).get().is_held


def test_whoever_leaves_covers_nobody_any_more():
    leaving = MembershipFactory(since=NOW.date() - 10 * DAY)
    other = MembershipFactory(account=leaving.account, since=NOW.date() - 10 * DAY)
    cover = CoverFactory(cover=leaving.account, since=NOW - DAY)
    given = {"actor": SYSTEM, "last_day": NOW.date() - DAY, "now": NOW}

    services.end_membership(membership=leaving, **given)
    assert selectors.accounts_covering(cover.absent, NOW) == [cover.cover]
    services.end_membership(membership=other, **given)
    assert selectors.accounts_covering(cover.absent, NOW) == []


def test_the_cover_of_the_cover_sees_the_work():
    first = CoverFactory()
    second = CoverFactory(absent=first.cover)

    assert selectors.accounts_covering(first.absent, NOW) == [first.cover, second.cover]
    assert selectors.accounts_covered_by(second.cover, NOW) == {first.absent_id, second.absent_id}
    assert selectors.accounts_covering(first.absent, NOW - DAY) == []
    assert selectors.accounts_covered_by(AccountFactory(), NOW) == frozenset()


@pytest.mark.parametrize("covers", [1, 12])
def test_asking_who_covers_costs_the_same(covers, django_assert_num_queries):
    asked = CoverFactory()
    for _ in range(covers - 1):
        CoverFactory()
    with django_assert_num_queries(2):
        selectors.accounts_covering(asked.absent_id, NOW)
    with django_assert_num_queries(1):
        selectors.accounts_covered_by(asked.cover_id, NOW)


def test_a_colleague_sets_a_cover_and_a_stranger_does_not():
    absent = MembershipFactory(role="coordinator")
    cover = MembershipFactory(role="coordinator", organization=absent.organization)
    given = {"absent": absent.account, "cover": cover.account, "since": NOW, "now": NOW}

    with pytest.raises(Forbidden):
        services.set_cover(actor=coordinator_of(OrganizationFactory()), **given)
    services.set_cover(actor=coordinator_of(absent.organization), **given)
    with pytest.raises(DomainError) as refusal:
        services.set_cover(actor=SYSTEM, **given)
    assert refusal.value.code == "directory.cover_overlaps"


@pytest.mark.parametrize(("cover", "until"), [("oneself", 1), ("other", -1)])
def test_a_cover_that_cannot_be_is_refused(cover, until):
    absent = AccountFactory()
    with pytest.raises(DomainError):
        services.set_cover(
            actor=SYSTEM,
            absent=absent,
            cover=absent if cover == "oneself" else AccountFactory(),
            since=NOW,
            until=NOW + until * DAY,
            now=NOW,
        )


def test_a_commune_may_be_in_several_kinds_of_territory():
    made = [
        services.create_territory(
            actor=SYSTEM, name="Vallées", kind=kind, communes=["05132"], now=NOW
        )
        for kind in ("sio", "cpts")
    ]
    assert list(selectors.territories_of_commune("05132")) == sorted(made, key=lambda t: t.kind)
    assert list(selectors.territories_of_commune("05132", "sio")) == [made[0]]
    with pytest.raises(DomainError):
        services.create_territory(
            actor=SYSTEM, name="Vallées", kind="sio", communes=["05132"], now=NOW
        )


def test_a_territory_of_communes_that_do_not_exist_is_refused():
    with pytest.raises(DomainError):
        services.draw_territory(
            actor=SYSTEM, territory=TerritoryFactory(), communes=["99999"], now=NOW
        )


def test_poles_of_others_are_not_seen():
    pole = PoleFactory()
    with pytest.raises(Http404):
        get_visible(coordinator_of(OrganizationFactory()), Pole, pole.pk)

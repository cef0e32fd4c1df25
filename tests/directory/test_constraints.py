"""What the database itself refuses, one constraint at a time."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from cordee.directory import models
from tests.factories import directory as make
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db


def refused(name, attempt):
    """Check that the attempt breaks that very constraint."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        attempt()
    assert refusal.value.__cause__.diag.constraint_name == name


def twice(factory, **fields):
    factory(**fields)
    return lambda: factory(**fields)


def test_places_are_listed_once():
    refused(
        "directory_postal_code_is_given_once",
        lambda: models.PostalCode.objects.create(commune_id="34301", code="34200"),
    )
    refused(
        "directory_territory_is_named_once", twice(make.TerritoryFactory, name="Thau", kind="dac")
    )
    territory = make.TerritoryFactory()

    def draw():
        with arranging():
            models.TerritoryCommune.objects.create(territory=territory, commune_id="34301")

    draw()
    refused("directory_territory_holds_a_commune_once", draw)


def test_a_territory_is_taken_over_by_another_once_it_is_closed():
    heir = make.TerritoryFactory()
    refused(
        "directory_territory_is_taken_over_when_closed", lambda: make.TerritoryFactory(heir=heir)
    )
    closed = make.TerritoryFactory(closed_on=NOW.date())

    def take_over_itself():
        closed.heir = closed
        with arranging():
            closed.save()

    refused("directory_territory_is_taken_over_by_another", take_over_itself)


def test_organizations_have_their_own_numbers():
    refused(
        "directory_organization_has_its_own_finess",
        twice(make.OrganizationFactory, finess="990000002"),
    )
    refused(
        "directory_organization_has_its_own_request_code",
        twice(make.OrganizationFactory, request_code="DEMO"),
    )
    organization = make.OrganizationFactory()

    def list_contact():
        with arranging():
            models.Contact.objects.create(
                organization=organization, label="Accueil", kind="phone", value="15"
            )

    list_contact()
    refused("directory_contact_is_listed_once", list_contact)


def test_memberships_run_forward_and_do_not_overlap():
    refused(
        "directory_membership_ends_after_it_began",
        lambda: make.MembershipFactory(since=date(2026, 2, 2), until=date(2026, 2, 1)),
    )
    held = make.MembershipFactory(since=date(2026, 1, 1), until=date(2026, 6, 30))
    again = {"account": held.account, "organization": held.organization, "role": held.role}
    refused(
        "directory_membership_is_held_once_at_a_time",
        lambda: make.MembershipFactory(**again, since=date(2026, 6, 30)),
    )
    make.MembershipFactory(**again, since=date(2026, 7, 1))
    make.MembershipFactory(**{**again, "role": "coordinator"}, since=date(2026, 6, 1))


def test_a_place_of_practice_is_listed_once():
    site = make.PracticeSiteFactory()
    refused(
        "directory_practice_site_is_listed_once",
        lambda: make.PracticeSiteFactory(practitioner=site.practitioner, structure=site.structure),
    )


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("directory_practice_proves_a_mobile_it_has", {"mobile_proved_at": NOW}),
        ("directory_practice_tie_says_who_and_how", {"mobile": "+336", "tie_confirmed_at": NOW}),
        ("directory_practice_tie_says_who_and_how", {"mobile": "+336", "tie_how": "call"}),
        ("directory_practice_offers_known_care", {"kinds": ["miracle"]}),
        ("directory_practice_cap_lets_somebody_in", {"weekly_cap": 0}),
    ],
)
def test_a_declared_practice_holds_together(name, fields):
    refused(name, lambda: make.PracticeFactory(**fields))


def test_a_tied_mobile_is_that_of_one_professional():
    first = make.PracticeFactory(solicitable=True)
    refused(
        "directory_practice_tied_mobile_is_one_professional",
        lambda: make.PracticeFactory(solicitable=True, mobile=first.mobile),
    )
    make.PracticeFactory(mobile=first.mobile)  # untied: she may have changed her number


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("directory_hours_are_on_a_day_of_the_week", {"weekday": 7}),
        ("directory_hours_end_after_they_start", {"starts": time(9), "ends": time(8)}),
    ],
)
def test_hours_hold_together(name, fields):
    refused(name, lambda: make.WeeklyHoursFactory(**fields))


def test_hours_start_once_and_may_end_at_midnight():
    held = make.WeeklyHoursFactory(weekday=0, starts=time(20), ends=time(0))
    refused(
        "directory_hours_start_once",
        lambda: make.WeeklyHoursFactory(practice=held.practice, weekday=0, starts=time(20)),
    )


def test_an_absence_runs_forward():
    refused(
        "directory_absence_ends_after_it_began",
        lambda: make.AbsenceFactory(begins_at=NOW, ends_at=NOW),
    )


def tie(**fields):
    practice = fields.pop("practice", None) or make.PracticeFactory()
    with arranging():
        return models.PhoneTie.objects.create(
            practice=practice,
            mobile="+33612345678",
            confirmed_by=make.AccountFactory(),
            **{"how": "call", "phone_called": "+33492500000", "confirmed_at": NOW, **fields},
        )


def test_a_tie_says_what_was_called_ends_forward_and_holds_once():
    refused("directory_phone_tie_by_call_names_the_number", lambda: tie(phone_called=""))
    refused(
        "directory_phone_tie_ends_after_it_began",
        lambda: tie(suspended_at=NOW - timedelta(days=1)),
    )
    held = tie()
    refused("directory_phone_tie_holds_once", lambda: tie(practice=held.practice))
    tie(practice=make.PracticeFactory(), how="sign_on", phone_called="")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("directory_pole_closes_after_it_opens", {"opens": time(9), "closes": time(9)}),
        ("directory_pole_is_held_on_days_of_the_week", {"weekdays": [7]}),
    ],
)
def test_a_pole_holds_together(name, fields):
    refused(name, lambda: make.PoleFactory(**fields))


def test_a_pole_is_named_once():
    pole = make.PoleFactory()
    refused(
        "directory_pole_is_named_once",
        lambda: make.PoleFactory(organization=pole.organization, name=pole.name),
    )


def test_nobody_is_on_two_desks_at_once():
    refused("directory_shift_ends_after_it_starts", lambda: make.ShiftFactory(ends_at=NOW))
    shift = make.ShiftFactory()
    refused(
        "directory_shift_nobody_is_on_two_desks_at_once",
        lambda: make.ShiftFactory(account=shift.account),
    )
    make.ShiftFactory(
        account=shift.account, starts_at=shift.ends_at, ends_at=shift.ends_at + timedelta(hours=1)
    )


def test_a_handover_says_something_and_who_read_it():
    pole, account = make.PoleFactory(), make.AccountFactory()

    def write(**fields):
        with arranging():
            models.Handover.objects.create(
                pole=pole, author=account, **{"note": "rappeler", "written_at": NOW, **fields}
            )

    refused("directory_handover_says_something", lambda: write(note=""))
    refused("directory_handover_reading_says_who_and_when", lambda: write(read_at=NOW))


def test_a_commune_answers_to_one_sector_of_an_organization():
    first = make.SectorFactory()
    refused(
        "directory_sector_is_named_once",
        lambda: make.SectorFactory(organization=first.organization, name=first.name),
    )
    second = make.SectorFactory(organization=first.organization)

    def answer(sector):
        with arranging():
            models.SectorCommune.objects.create(
                sector=sector, organization=sector.organization, commune_id="05132"
            )

    answer(first)
    refused("directory_sector_commune_answers_to_one_sector", lambda: answer(second))


def test_a_cover_is_somebody_else_one_at_a_time():
    account = make.AccountFactory()
    refused(
        "directory_cover_is_somebody_else",
        lambda: make.CoverFactory(absent=account, cover=account),
    )
    refused("directory_cover_ends_after_it_began", lambda: make.CoverFactory(until=NOW))
    held = make.CoverFactory(until=NOW + timedelta(days=3))
    refused(
        "directory_cover_is_one_person_at_a_time",
        lambda: make.CoverFactory(absent=held.absent, since=NOW + timedelta(days=2)),
    )
    make.CoverFactory(absent=held.absent, since=NOW + timedelta(days=3))

"""Becoming solicitable: a phone is proved, then tied to the RPPS number by somebody with a name."""

from datetime import date, time, timedelta

import pytest
from django.db import connection

from cordee.access.actor import SYSTEM, Role
from cordee.directory import selectors, services
from cordee.directory.models import Practice
from cordee.directory.rules import Hours
from cordee.kernel.errors import DomainError, Forbidden
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    PracticeFactory,
    PracticeSiteFactory,
    PractitionerFactory,
)
from tests.support import NOW, actor, orienteuse_of, simultaneously, speaking_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def orienteuse():
    membership = MembershipFactory()
    return orienteuse_of(membership.organization, account_id=membership.account_id)


@pytest.fixture
def practice():
    """A nurse who proved her mobile, with a known practice number."""
    site = PracticeSiteFactory(phone="0492500000")
    return PracticeFactory(
        practitioner=site.practitioner, mobile="+33612345678", mobile_proved_at=NOW
    )


def confirm(by, practice, called="04 92 50 00 00", how="call", found=""):
    call = services.Call(called, found)
    return services.confirm_tie(actor=by, practice=practice, how=how, call=call, now=NOW)


def facts():
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM kernel_fact ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_who_how_and_when_are_kept(practice, orienteuse):
    tie = confirm(orienteuse, practice)

    assert (tie.confirmed_by_id, tie.how, tie.confirmed_at) == (orienteuse.account_id, "call", NOW)
    assert (tie.phone_called, tie.number_found) == ("+33492500000", "annuaire national")
    practice.refresh_from_db()
    assert practice.tie_confirmed_by_id == orienteuse.account_id
    assert selectors.practitioner_by_mobile("+33612345678") == practice.practitioner
    assert facts() == ["directory.tie_confirmed"]


@pytest.mark.parametrize("called", ["06 12 34 56 78", "04 92 99 99 99", "", "💉"])
def test_only_a_number_known_elsewhere_confirms(called, practice, orienteuse):
    with pytest.raises(DomainError) as refusal:
        confirm(orienteuse, practice, called)
    assert refusal.value.code == "directory.number_not_independent"
    practice.refresh_from_db()
    assert practice.tie_confirmed_at is None


def test_a_mobile_that_the_national_directory_gives_may_be_called(orienteuse):
    site = PracticeSiteFactory(phone="0612345678")
    practice = PracticeFactory(
        practitioner=site.practitioner, mobile="+33612345678", mobile_proved_at=NOW
    )
    assert confirm(orienteuse, practice, "0612345678").phone_called == "+33612345678"


@pytest.fixture
def unknown():
    """A nurse who proved her mobile, of whom the national directory gives no number."""
    site = PracticeSiteFactory(phone="")
    return PracticeFactory(
        practitioner=site.practitioner, mobile="+33612345678", mobile_proved_at=NOW
    )


@pytest.mark.parametrize(
    ("called", "found"), [("04 92 50 00 00", ""), ("04 92 50 00 00", "  "), ("0612345678", "Ordre")]
)
def test_a_number_the_directory_does_not_know_says_where_it_was_found(
    called, found, unknown, orienteuse
):
    with pytest.raises(DomainError) as refusal:
        confirm(orienteuse, unknown, called, found=found)
    assert refusal.value.code == "directory.number_not_independent"
    unknown.refresh_from_db()
    assert unknown.tie_confirmed_at is None


def test_where_the_number_was_found_is_kept(unknown, orienteuse):
    tie = confirm(orienteuse, unknown, found="  Tableau de l’Ordre ")
    assert (tie.phone_called, tie.number_found) == ("+33492500000", "Tableau de l’Ordre")


def test_an_unproved_mobile_is_not_tied(practice, orienteuse):
    practice = PracticeFactory(practitioner=PracticeSiteFactory().practitioner, mobile="+33612")
    with pytest.raises(DomainError) as refusal:
        confirm(orienteuse, practice)
    assert refusal.value.code == "directory.mobile_unproved"


def test_nobody_confirms_her_own_tie_by_a_call(practice):
    herself = speaking_as(practice.practitioner, account_id=AccountFactory().pk)
    with pytest.raises(DomainError):
        confirm(herself, practice)


def by_sign_on(by, practice, rpps):
    return services.confirm_tie(
        actor=by, practice=practice, how="sign_on", rpps_given=rpps, now=NOW
    )


def test_the_national_sign_on_confirms_by_herself_only(practice, orienteuse):
    rpps = practice.practitioner.rpps
    with pytest.raises(DomainError):
        by_sign_on(orienteuse, practice, rpps)

    herself = speaking_as(practice.practitioner, account_id=AccountFactory().pk)
    assert by_sign_on(herself, practice, rpps).how == "sign_on"


@pytest.mark.parametrize("rpps", ["", "10109999999"])
def test_a_sign_on_that_gives_another_number_or_none_confirms_nothing(rpps, practice):
    herself = speaking_as(practice.practitioner, account_id=AccountFactory().pk)
    with pytest.raises(DomainError) as refusal:
        by_sign_on(herself, practice, rpps)
    assert refusal.value.code == "directory.sign_on_says_another"
    practice.refresh_from_db()
    assert practice.tie_confirmed_at is None


@pytest.mark.parametrize("role", [Role.HOME_HELP, Role.ADMINISTRATOR, Role.HOSPITAL, Role.DPO])
def test_others_confirm_nothing(role, practice):
    with pytest.raises(Forbidden):
        confirm(actor(role), practice)


def test_a_changed_number_suspends_the_tie_and_keeps_its_history(practice, orienteuse):
    confirm(orienteuse, practice)
    herself = speaking_as(practice.practitioner)

    services.give_mobile(actor=herself, practice=practice, mobile="07 61 23 45 67", now=NOW)

    practice.refresh_from_db()
    assert practice.tie_confirmed_at is None
    assert practice.mobile_proved_at is None
    assert practice.ties.get().suspended_at == NOW
    assert practice.ties.get().mobile == "+33612345678"
    assert selectors.practitioner_by_mobile("+33612345678") is None


def test_the_same_number_typed_otherwise_changes_nothing(practice, orienteuse):
    confirm(orienteuse, practice)
    herself = speaking_as(practice.practitioner)

    services.give_mobile(actor=herself, practice=practice, mobile="+33 6 12 34 56 78", now=NOW)

    practice.refresh_from_db()
    assert practice.tie_confirmed_at == NOW


def test_a_code_proves_the_number_it_was_sent_to_and_no_other(practice):
    practice = PracticeFactory(mobile="+33612345678")
    herself = speaking_as(practice.practitioner)
    with pytest.raises(DomainError):
        services.prove_mobile(actor=herself, practice=practice, mobile="+33700000000", now=NOW)

    services.prove_mobile(actor=herself, practice=practice, mobile="+33612345678", now=NOW)

    practice.refresh_from_db()
    assert practice.mobile_proved_at == NOW
    assert facts() == ["directory.mobile_proved"]


def test_two_professionals_do_not_share_a_tied_phone(practice, orienteuse):
    confirm(orienteuse, practice)
    site = PracticeSiteFactory(phone="0492500001")
    other = PracticeFactory(
        practitioner=site.practitioner, mobile=practice.mobile, mobile_proved_at=NOW
    )

    with pytest.raises(DomainError) as refusal:
        confirm(orienteuse, other, "0492500001")

    assert refusal.value.code == "directory.mobile_tied_elsewhere"
    assert not other.ties.exists()


def test_stop_by_text_stops_and_only_she_resumes(practice, orienteuse):
    services.stop_messages(actor=SYSTEM, practice=practice, now=NOW)
    services.stop_messages(actor=SYSTEM, practice=practice, now=NOW + timedelta(days=1))
    practice.refresh_from_db()
    assert practice.stopped_at == NOW
    assert facts() == ["directory.messages_stopped"]

    with pytest.raises(Forbidden):
        services.resume_messages(actor=orienteuse, practice=practice, now=NOW)
    herself = speaking_as(practice.practitioner)
    services.resume_messages(actor=herself, practice=practice, now=NOW)
    practice.refresh_from_db()
    assert practice.stopped_at is None


def test_a_stranger_declares_nothing_for_another(practice):
    stranger = speaking_as(PractitionerFactory())
    with pytest.raises(Forbidden):
        services.declare_zone(actor=stranger, practice=practice, communes=[], now=NOW)


def test_a_closed_professional_opens_nothing():
    gone = PractitionerFactory(closed_on=date(2026, 1, 1))
    with pytest.raises(DomainError):
        services.open_practice(actor=speaking_as(gone), practitioner=gone, now=NOW)


def test_care_of_another_trade_is_refused(practice):
    herself = speaking_as(practice.practitioner)
    for kinds in (["physiotherapy"], ["injection", "n’importe quoi"]):
        with pytest.raises(DomainError):
            services.declare_kinds(actor=herself, practice=practice, kinds=kinds, now=NOW)


def test_touching_stretches_are_joined(practice):
    herself = speaking_as(practice.practitioner)
    week = [Hours(0, time(12), time(14)), Hours(0, time(8), time(12)), Hours(1, time(8), time(9))]

    services.declare_week(actor=herself, practice=practice, week=week, now=NOW)

    assert [(one.weekday, one.starts, one.ends) for one in practice.hours.order_by("weekday")] == [
        (0, time(8), time(14)),
        (1, time(8), time(9)),
    ]


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [(0, -1, "directory.absence_backwards"), (-5, -2, "directory.absence_over")],
)
def test_an_absence_that_cannot_be_is_refused(begins, ends, code, practice):
    with pytest.raises(DomainError) as refusal:
        services.add_absence(
            actor=speaking_as(practice.practitioner),
            practice=practice,
            kind="holiday",
            begins_at=NOW + timedelta(days=begins),
            ends_at=NOW + timedelta(days=ends),
            now=NOW,
        )
    assert refusal.value.code == code


def test_an_absence_under_way_is_ended_now(practice):
    herself = speaking_as(practice.practitioner)
    absence = services.add_absence(
        actor=herself, practice=practice, kind="pause", begins_at=NOW, now=NOW
    )

    later = NOW + timedelta(hours=3)
    services.end_absence(actor=herself, practice=practice, absence=absence, now=later)

    absence.refresh_from_db()
    assert absence.ends_at == later


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_leave_one_tie():
    membership = MembershipFactory()
    by = orienteuse_of(membership.organization, account_id=membership.account_id)
    site = PracticeSiteFactory(phone="0492500000")
    practice = PracticeFactory(
        practitioner=site.practitioner, mobile="+33612345678", mobile_proved_at=NOW
    )

    simultaneously(lambda: confirm(by, practice), lambda: confirm(by, practice))

    assert practice.ties.filter(suspended_at=None).count() == 1
    assert Practice.objects.get(pk=practice.pk).tie_confirmed_at == NOW

"""Who is asked to a meeting no more is told so, by a file that takes it back, and nothing else."""

from datetime import date, datetime, timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.directory import services as directory
from cordee.meetings import jobs, services
from cordee.meetings.models import Meeting, Seat
from cordee.meetings.services import Where
from cordee.people import services as people
from tests.factories.directory import AccountFactory, MembershipFactory, PractitionerFactory
from tests.factories.people import joins_circle
from tests.meetings.scene import AFTER, at, called, held, set_team
from tests.meetings.test_invitation import written
from tests.pathways.test_heard_again import last
from tests.plans.scene import set_around
from tests.support import NOW, PARIS, Browser, run_jobs

pytestmark = pytest.mark.django_db
NURSE = "infirmiere@exemple.fr"
WHERE = {"place": "Salle du DAC", "link": "https://visio.exemple.fr/salle"}
AUTUMN = Where(starts_at=datetime(2027, 10, 1, 9, tzinfo=PARIS), **WHERE)


@pytest.fixture
def around():
    return set_team(set_around(birth_name="Grandidier", used_name="", first_name="Berthe"))


@pytest.fixture
def nurse():
    return PractitionerFactory(account=AccountFactory(email=NURSE))


@pytest.fixture
def stay(around, nurse):
    return joins_circle(around.person, practitioner=nurse)


def asked(around, guest, *, sent=True):
    """A meeting to which somebody was asked, maybe by mail already, and the seat that is theirs."""
    meeting = called(around, **WHERE)
    seat = services.invite(actor=around.coordinator, meeting=meeting, guest=guest, now=NOW)
    page = Browser().as_(around.coordinator)
    if sent:
        assert page.post(at("send", meeting.pk)).status_code == 302
    return meeting, seat, page


def to_the_nurse():
    return [calendar.replace("\r\n ", "") for one, calendar in written() if one.to == NURSE]


def methods():
    return ["CANCEL" if "METHOD:CANCEL" in one else "REQUEST" for one in to_the_nurse()]


@pytest.fixture(params=["of the circle", "from outside"])
def guest(request, stay, nurse):
    if request.param == "of the circle":
        return {"member": stay}
    return {"practitioner": nurse, "is_accepted": True}


def test_who_is_taken_off_is_told_at_once_and_hears_no_more_of_it(around, guest):
    meeting, seat, page = asked(around, guest)
    assert page.post(at("uninvite", meeting.pk, seat.pk)).status_code == 302
    assert methods() == ["REQUEST", "CANCEL"]
    taken_back = to_the_nurse()[1]
    assert f"UID:{meeting.pk}" in taken_back
    assert ("SEQUENCE:1" in taken_back, "STATUS:CANCELLED" in taken_back) == (True, True)
    services.move(actor=around.coordinator, meeting=Meeting.objects.get(), where=AUTUMN, now=NOW)
    services.cancel(actor=around.coordinator, meeting=Meeting.objects.get(), why="Neige", now=NOW)
    assert methods() == ["REQUEST", "CANCEL"]


def test_what_takes_it_back_names_nobody_and_says_neither_where_nor_how(around, stay):
    meeting, seat, page = asked(around, {"member": stay})
    page.post(at("uninvite", meeting.pk, seat.pk))
    message, calendar = next(one for one in reversed(written()) if one[0].to == NURSE)
    assert "plus attendu" in message.text
    left = f"{message.subject} {message.text} {calendar} {message.context}".casefold()
    for secret in ("grandidier", "berthe", "salle du dac", "visio.exemple.fr"):
        assert secret not in left


def test_the_others_are_not_written_to(around, stay):
    meeting, seat, page = asked(around, {"member": stay})
    before = [one for one, _ in written() if one.to != NURSE]
    page.post(at("uninvite", meeting.pk, seat.pk))
    assert [one for one, _ in written() if one.to != NURSE] == before


def test_who_was_never_written_to_is_not(around, stay):
    meeting, seat, page = asked(around, {"member": stay}, sent=False)
    page.post(at("uninvite", meeting.pk, seat.pk))
    assert written() == []


def test_who_keeps_another_seat_is_still_expected(around, stay, nurse):
    meeting, seat, page = asked(around, {"member": stay})
    outside = {"practitioner": nurse, "is_accepted": True}
    services.invite(actor=around.coordinator, meeting=meeting, guest=outside, now=NOW)
    page.post(at("uninvite", meeting.pk, seat.pk))
    assert methods() == ["REQUEST"]


def test_who_is_asked_again_is_written_to_again(around, stay):
    meeting, seat, page = asked(around, {"member": stay})
    page.post(at("uninvite", meeting.pk, seat.pk))
    again = {"member": stay}
    services.invite(actor=around.coordinator, meeting=meeting, guest=again, now=NOW)
    page.post(at("send", meeting.pk))
    assert methods() == ["REQUEST", "CANCEL", "REQUEST"]
    services.cancel(actor=around.coordinator, meeting=Meeting.objects.get(), why="Neige", now=NOW)
    assert methods()[-1] == "CANCEL"


# --- who left the circle -------------------------------------------------------------------------


def test_who_leaves_the_circle_is_told_once_and_hears_no_more_of_it(around, stay):
    asked(around, {"member": stay})
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert methods() == ["REQUEST", "CANCEL"]
    jobs.on_shut_out(fact=last("people.left_circle"))  # heard twice
    services.move(actor=around.coordinator, meeting=Meeting.objects.get(), where=AUTUMN, now=NOW)
    services.send(actor=around.coordinator, meeting=Meeting.objects.get(), now=NOW)
    services.cancel(actor=around.coordinator, meeting=Meeting.objects.get(), why="Neige", now=NOW)
    assert methods() == ["REQUEST", "CANCEL"]


def test_who_left_before_anything_was_sent_is_never_written_to(around, stay):
    meeting, _, page = asked(around, {"member": stay}, sent=False)
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert "à 1\u00a0professionnel" in page.get(at("invite", meeting.pk)).text
    page.post(at("send", meeting.pk))
    assert to_the_nurse() == []
    assert "n’est plus du cercle" in page.get(at("invite", meeting.pk)).text


def test_who_comes_back_to_the_circle_by_another_stay_may_be_asked_again(around, stay, nurse):
    meeting, _, page = asked(around, {"member": stay})
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    back = joins_circle(around.person, practitioner=nurse)
    page.post(at("invite", meeting.pk), {"who": f"member:{back.pk}"})
    page.post(at("send", meeting.pk))
    assert methods() == ["REQUEST", "CANCEL", "REQUEST"]


def test_the_whole_circle_of_a_meeting_held_already_is_left_alone(around, stay):
    meeting, _, _ = asked(around, {"member": stay})
    held(around, Meeting.objects.get())
    people.leave_circle(actor=SYSTEM, member=stay, now=AFTER)
    run_jobs()
    assert methods() == ["REQUEST"]
    assert Seat.objects.filter(meeting=meeting, member=stay).exists()


# --- who left the team ---------------------------------------------------------------------------


def test_a_colleague_who_leaves_the_structure_is_told_once_and_hears_no_more_of_it(around):
    colleague = MembershipFactory(
        account__email=NURSE, organization=around.dac, role="coordinator", since=date(2026, 1, 5)
    )
    asked(around, {"account": colleague.account})
    directory.end_membership(
        actor=SYSTEM, membership=colleague, last_day=NOW.date() - timedelta(days=1), now=NOW
    )
    run_jobs()
    assert methods() == ["REQUEST", "CANCEL"]
    services.move(actor=around.coordinator, meeting=Meeting.objects.get(), where=AUTUMN, now=NOW)
    services.cancel(actor=around.coordinator, meeting=Meeting.objects.get(), why="Neige", now=NOW)
    assert methods() == ["REQUEST", "CANCEL"]


def test_a_colleague_who_leaves_another_structure_is_still_expected(around):
    colleague = MembershipFactory(
        account__email=NURSE, organization=around.dac, role="coordinator", since=date(2026, 1, 5)
    )
    elsewhere = MembershipFactory(account=colleague.account, since=date(2026, 1, 5))
    asked(around, {"account": colleague.account})
    directory.end_membership(
        actor=SYSTEM, membership=elsewhere, last_day=NOW.date() - timedelta(days=1), now=NOW
    )
    run_jobs()
    assert methods() == ["REQUEST"]

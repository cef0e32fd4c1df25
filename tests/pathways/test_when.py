"""When care is wanted: who is asked works then, and nobody is asked for the past."""

from datetime import datetime, time, timedelta
from itertools import count

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.broker.selectors import pool
from cordee.directory.models import Practitioner
from cordee.intake import services as intake
from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7
from cordee.messaging.models import Message
from cordee.pathways import orders
from tests.factories.broker import nurse
from tests.factories.directory import AbsenceFactory, WeeklyHoursFactory
from tests.factories.intake import CareRequestFactory
from tests.pathways.test_conductor import qualify, say_yes, waiting
from tests.support import NOW, PARIS, run_jobs, speaking_as, texts_leave

pytestmark = pytest.mark.django_db
FOUR = datetime(2026, 11, 23, 16, 0, tzinfo=PARIS)  # a Monday
TOMORROW = datetime(2026, 11, 24, tzinfo=PARIS)


def works(starts, ends):
    one = nurse(week=None)
    for day in range(7):
        WeeklyHoursFactory(practice=one.practice, weekday=day, starts=time(starts), ends=time(ends))
    return one


def free(found, now=FOUR):
    """Those asked, and those who would be next."""
    return asked(found) | {
        Practitioner.objects.get(pk=one.candidate.practitioner_id)
        for one in pool(found, now).ranked
    }


def search(now=FOUR, **asked):
    request = CareRequestFactory(
        **{"kind": "injection", "delay": "h72", "received_at": now, **asked},
        due_at=now + timedelta(days=3),
    )
    return broker.launch(actor=SYSTEM, order=orders.order_for(request, now), now=now)


def asked(found):
    return {one.practitioner for one in found.invitations.all()}


def texts_to(one):
    return [m.text for m in Message.objects.filter(to=one.practice.mobile).order_by("pk")]


def test_a_day_is_asked_of_whoever_works_in_it():
    day, evening = works(8, 19), works(16, 21)
    assert free(search(begins_on=TOMORROW.date())) == {day, evening}


def test_evening_visits_are_asked_of_who_works_in_the_evening():
    evening = works(16, 21)
    works(7, 13)
    assert free(search(begins_on=TOMORROW.date(), visit_times=["evening"])) == {evening}


def test_a_call_of_the_afternoon_finds_who_works_in_the_morning():
    morning = works(7, 13)
    assert free(search()) == {morning}


def test_tonight_is_asked_of_who_still_works_tonight():
    works(8, 19)
    until_eight = works(8, 20)
    assert free(search(NOW, delay="tonight"), NOW) == {until_eight}


def test_the_desk_counts_those_whom_the_search_would_ask(client, orienteuse):
    works(7, 13)
    works(16, 21)

    def counted(**typed):
        pk = uuid7()
        said = {
            "draft_id": str(pk),
            "kind": "injection",
            "commune": "saint bonnet en champsaur",
            **typed,
        }
        page = client.as_(orienteuse).htmx(reverse("intake:summary", args=[pk]), said)
        return page.text.partition('desk__count"><strong>')[2].partition("<")[0]

    search(NOW)  # the commune is known
    assert counted(begins_on="+1") == "2"
    assert counted(begins_on="+1", visit_times=["evening"]) == "1"
    assert counted(begins_on="+1", visit_times=["night"]) == "0"


def test_an_hour_that_nobody_said_is_not_told():
    one = nurse()
    found = search(begins_on=TOMORROW.date())
    assert found.begins_at == TOMORROW
    assert "à partir du mar. 24/11." in texts_to(one)[0]


def test_a_search_reopened_days_later_asks_from_now():
    first = nurse()
    found = search(delay="h24")
    invitation = found.invitations.get()
    guest = speaking_as(first, account_id=None)
    broker.accept(actor=guest, invitation=invitation, now=FOUR)
    other, back = nurse(), nurse()
    AbsenceFactory(practice=back.practice, begins_at=FOUR, ends_at=FOUR + timedelta(days=4))
    away = nurse()
    AbsenceFactory(practice=away.practice, begins_at=FOUR + timedelta(days=4), ends_at=None)
    later = FOUR + timedelta(days=5)
    again = broker.withdraw(actor=guest, invitation=invitation, now=later)
    assert again.begins_at == later
    assert asked(again) == {other, back}
    assert "à partir du sam. 28/11 à 16:00" in texts_to(other)[0]


@pytest.mark.parametrize("gesture", [broker.launch_next_wave, broker.widen])
def test_a_search_taken_up_days_later_asks_from_now(gesture):
    found, later = search(delay="h24"), FOUR + timedelta(days=2)
    one = nurse()
    gesture(actor=SYSTEM, solicitation=found, now=later)
    assert "à partir du mer. 25/11 à 16:00" in texts_to(one)[0]


def test_a_wave_of_another_day_asks_from_now():
    nurse()
    found, later = search(), FOUR + timedelta(hours=40)
    texts_leave(FOUR)
    away, other = nurse(), nurse()
    AbsenceFactory(practice=away.practice, begins_at=FOUR + timedelta(hours=39), ends_at=None)
    broker.launch_next_wave(actor=SYSTEM, solicitation=found, now=later)
    assert texts_to(away) == []
    assert "à partir du mer. 25/11 à 8:00" in texts_to(other)[0]


def test_a_search_that_the_night_ends_comes_back_to_the_desk_and_begins_again_at_seven(
    desk, orienteuse, monkeypatch
):
    """« Ce soir », at 21:05, with nobody who agreed to the night: somebody telephones at once."""
    late, seven = FOUR.replace(hour=21, minute=5), TOMORROW.replace(hour=7)
    ticks = count()
    monkeypatch.setattr(timezone, "now", lambda: late + timedelta(milliseconds=next(ticks)))
    one = nurse()
    request = CareRequestFactory(
        organization=desk,
        kind="injection",
        delay="tonight",
        received_at=late,
        due_at=late + timedelta(hours=4),
    )
    found = qualify(request, orienteuse, late)
    assert (found.end_reason, request.state, request.proposals) == ("quiet", "qualified", ["phone"])
    assert waiting(request) == {"choose_alternative"}
    monkeypatch.setattr(timezone, "now", lambda: seven + timedelta(milliseconds=next(ticks)))
    run_jobs(seven)
    request.refresh_from_db()
    assert request.state == "searching"
    assert waiting(request) == {"await_answer", "tell_withdrawal"}
    assert "à partir du mar. 24/11 à 7:00" in texts_to(one)[0]


def test_care_that_begins_in_three_months_can_be_confirmed(desk, orienteuse):
    """Sixty days are counted from when it begins, by who comes and by the desk alike."""
    day = NOW.date() + timedelta(days=90)
    one = nurse()
    request = CareRequestFactory(
        organization=desk, kind="injection", delay="planned", begins_on=day, received_at=NOW
    )
    found = qualify(request, orienteuse, NOW)
    invitation, guest = found.invitations.get(), speaking_as(one, account_id=None)
    broker.later_offer(
        actor=guest, invitation=invitation, offers_from=NOW + timedelta(days=95), now=NOW
    )
    broker.accept(actor=guest, invitation=invitation, now=NOW)
    visit = datetime.combine(day, time(9), PARIS)
    with pytest.raises(DomainError):
        broker.confirm_care(
            actor=guest, invitation=invitation, first_visit_at=visit + timedelta(days=61), now=NOW
        )
    broker.confirm_care(actor=guest, invitation=invitation, first_visit_at=visit, now=NOW)
    run_jobs()
    request.refresh_from_db()
    assert (request.state, request.first_visit_on) == ("confirmed", day)


def test_the_desk_writes_a_first_visit_of_three_months_hence(desk, orienteuse):
    day = NOW.date() + timedelta(days=90)
    nurse()
    request = CareRequestFactory(
        organization=desk, kind="injection", delay="planned", begins_on=day, received_at=NOW
    )
    say_yes(qualify(request, orienteuse, NOW), NOW)
    request.refresh_from_db()
    with pytest.raises(DomainError):
        intake.confirm(
            actor=orienteuse, request=request, first_visit_on=day + timedelta(days=61), now=NOW
        )
    intake.confirm(actor=orienteuse, request=request, first_visit_on=day, now=NOW)
    request.refresh_from_db()
    assert request.first_visit_on == day


def test_cares_that_a_midwife_alone_gives_are_asked_of_midwives(desk, orienteuse):
    nurse()
    midwife = nurse(practitioner__profession="50", kinds=["monitoring", "midwifery"])
    request = CareRequestFactory(
        organization=desk, kind="monitoring", other_kinds=["midwifery"], received_at=NOW
    )
    assert asked(qualify(request, orienteuse, NOW)) == {midwife}

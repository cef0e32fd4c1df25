"""What leaves the house: an invitation that names nobody, and minutes on paper."""

import io
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar
from pypdf import PdfReader

from cordee.access.models import Account
from cordee.meetings import services
from cordee.meetings.models import Meeting
from cordee.meetings.rules.travelling import INSIDE, link_travels, travels
from cordee.meetings.services import TopicSaid, Where
from tests.meetings.scene import AFTER, STARTS, at, called, held, set_team
from tests.plans.scene import set_around
from tests.support import NOW, PARIS, Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_team(set_around(birth_name="Grandidier", used_name="", first_name="Berthe"))


def sent(around, meeting):
    answer = Browser().as_(around.coordinator).get(at("calendar", meeting.pk))
    assert answer["Content-Type"].startswith("text/calendar")
    return answer.content.decode(), Calendar.from_ical(answer.content).walk("VEVENT")[0]


def test_it_says_when_where_and_nobody(around):
    meeting = called(around, link="https://visio.exemple.fr/salle")
    services.add_topic(
        actor=around.coordinator, meeting=meeting, said=TopicSaid("Ses chutes"), now=NOW
    )
    text, event = sent(around, meeting)
    assert "METHOD:REQUEST" in text
    assert "DTSTART;TZID=Europe/Paris:20261203T143000" in text
    assert "BEGIN:VTIMEZONE" in text
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(hours=1)
    assert str(event["summary"]) == f"Concertation {meeting.reference}"
    assert str(event["location"]) == "Salle du DAC"
    mine = Account.objects.get(pk=around.coordinator.account_id).email
    assert str(event["attendee"]) == f"mailto:{mine}"
    for secret in ("Grandidier", "Berthe", "chutes", str(around.person.pk)):
        assert secret.lower() not in text.lower()


def test_moved_then_cancelled_it_is_the_same_and_a_later_word(around):
    meeting = called(around)
    _, first = sent(around, meeting)
    summer = datetime(2027, 7, 1, 9, tzinfo=PARIS)
    where = Where(starts_at=summer, place="Salle du DAC")
    services.move(actor=around.coordinator, meeting=meeting, where=where, now=NOW)
    text, second = sent(around, Meeting.objects.get())
    assert "DTSTART;TZID=Europe/Paris:20270701T090000" in text
    meeting = Meeting.objects.get()
    services.cancel(actor=around.coordinator, meeting=meeting, why="Neige", now=NOW)
    text, third = sent(around, Meeting.objects.get())
    assert "METHOD:CANCEL" in text
    assert str(third["status"]) == "CANCELLED"
    assert "Neige" not in text
    assert len({str(one["uid"]) for one in (first, second, third)}) == 1
    assert [int(one["sequence"]) for one in (first, second, third)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("Chez Mme GRANDIDIER", INSIDE),
        ("Domicile de Berthe, 3e étage", INSIDE),
        ("Salle Saint-Éloi", "Salle Saint-Éloi"),
        ("Maison de santé", "Maison de santé"),
    ],
)
def test_a_place_that_holds_a_name_of_the_person_stays_inside(place, said):
    assert travels(place, ["Grandidier", "Berthe", ""]) == said


def test_a_link_that_holds_a_name_of_the_person_stays_inside(around):
    assert not link_travels("https://visio.exemple.fr/grandidier-4", ["Grandidier"])
    meeting = called(around, link="https://visio.exemple.fr/GRANDIDIER")
    assert "visio.exemple.fr" not in sent(around, meeting)[0]


def test_the_minutes_are_a_pdf_too(around):
    meeting = called(around)
    said = TopicSaid("Les repas du soir")
    services.add_topic(actor=around.coordinator, meeting=meeting, said=said, now=NOW)
    held(around, meeting, topics="Portage trois fois par semaine.")
    client = Browser().as_(around.coordinator)
    client.now = AFTER
    answer = client.get(f"{at('minutes', meeting.pk)}?format=pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "Portage trois fois" in text
    assert STARTS.strftime("%d/%m/%Y") in text

"""What leaves the house: an invitation that names nobody, and minutes on paper."""

import io
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar
from pypdf import PdfReader

from cordee.access.models import Account
from cordee.kernel.errors import DomainError
from cordee.meetings import services
from cordee.meetings.models import Meeting
from cordee.meetings.rules.travelling import INSIDE, link_travels, travels
from cordee.meetings.services import TopicSaid, Where
from cordee.messaging.models import Message
from cordee.messaging.selectors import calendar_of
from cordee.messaging.services import Letter, When, send_calendar
from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.people import joins_circle
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


# --- by mail -------------------------------------------------------------------------------------


def written():
    """What waits to leave: to whom, with which file."""
    rows = Message.objects.filter(channel="email").order_by("pk")
    return [(one, calendar_of(one)) for one in rows]


def test_professionals_are_written_to_and_nothing_that_leaves_names_anybody(around):
    meeting = called(around, place="Service d’oncologie")
    nurse = PractitionerFactory(account=AccountFactory(email="infirmiere@exemple.fr"))
    stay = joins_circle(around.person, practitioner=nurse)
    for guest in ({"member": stay}, {"is_person": True}):
        services.invite(actor=around.coordinator, meeting=meeting, guest=guest, now=NOW)
    page = Browser().as_(around.coordinator)
    assert "Envoyer l’invitation à 2\u00a0professionnels" in page.get(at("invite", meeting.pk)).text
    assert page.post(at("send", meeting.pk)).status_code == 302
    mine = Account.objects.get(pk=around.coordinator.account_id).email
    found = written()
    assert {one.to for one, _ in found} == {mine, "infirmiere@exemple.fr"}
    for one, calendar in found:
        assert f"SUMMARY:Concertation {meeting.reference}" in calendar
        assert f"mailto:{one.to}" in calendar.replace("\r\n ", "")
        left = f"{one.subject} {one.text} {calendar} {one.context} {one.origin}".casefold()
        for secret in ("grandidier", "berthe", "oncologie", str(around.person.pk)):
            assert secret not in left
        assert one.person_id is None


def test_a_meeting_that_moves_or_is_cancelled_is_told_to_who_was_written_to_and_to_no_other(
    around,
):
    meeting = called(around)
    summer = Where(starts_at=datetime(2027, 7, 1, 9, tzinfo=PARIS), place="Salle du DAC")
    services.move(actor=around.coordinator, meeting=meeting, where=summer, now=NOW)
    assert written() == []
    services.send(actor=around.coordinator, meeting=Meeting.objects.get(), now=NOW)
    autumn = Where(starts_at=datetime(2027, 10, 1, 9, tzinfo=PARIS), place="Salle du DAC")
    services.move(actor=around.coordinator, meeting=Meeting.objects.get(), where=autumn, now=NOW)
    services.cancel(actor=around.coordinator, meeting=Meeting.objects.get(), why="Neige", now=NOW)
    files = [calendar for _, calendar in written()]
    assert ["METHOD:REQUEST" in one for one in files] == [True, True, False]
    assert "20271001T090000" in files[1]
    assert "METHOD:CANCEL" in files[2]
    assert "Neige" not in files[2]


def test_a_word_of_care_in_a_file_keeps_it_from_leaving(around):
    meeting = called(around)
    letter = Letter(
        "meetings.invitation", "SUMMARY:Chimiothérapie", meeting.organization_id, "x", When()
    )
    with pytest.raises(DomainError, match="pas parti"):
        send_calendar(actor=around.coordinator, to="a@exemple.fr", letter=letter, now=NOW)
    assert not Message.objects.exists()


def test_a_meeting_without_a_professional_address_says_so(around):
    meeting = called(around)
    Account.objects.filter(pk=around.coordinator.account_id).update(is_active=False)
    with pytest.raises(DomainError, match="prévenez-les autrement"):
        services.send(actor=around.coordinator, meeting=meeting, now=NOW)

"""A protected note corrected by its author: a new one, and never an edit."""

import pytest
from django.urls import reverse

from cordee.people.models import ProtectedNote
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, SharingFactory, joins_circle
from tests.support import Browser, coordinator_of, orienteuse_of, simultaneously, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def person(desk, dac):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    joins_circle(person, organization=dac, role="coordination")
    return person


@pytest.fixture
def author(dac):
    return coordinator_of(dac, account_id=AccountFactory(name="Ahmed Diallo").pk)


@pytest.fixture
def note(client, person, author):
    sent = {"category": "social", "body": "Expulsion annoncée."}
    client.as_(author).post(reverse("people:write_note", args=[person.pk]), sent)
    return ProtectedNote.objects.get()


def at(note):
    return reverse("people:correct_note", args=[note.person_id, note.pk])


def panel(client, note):
    return client.get(reverse("people:notes_panel", args=[note.person_id])).text


def test_the_author_corrects_and_what_was_written_stays_readable(client, author, note):
    client.as_(author)
    assert at(note) in panel(client, note)
    assert "Expulsion annoncée." in client.get(at(note)).text
    client.post(at(note), {"body": "Expulsion évitée."})
    former, latest = ProtectedNote.objects.order_by("written_at", "pk")
    assert (former.body, latest.body) == ("Expulsion annoncée.", "Expulsion évitée.")
    assert (latest.corrects_id, latest.category) == (former.pk, "social")
    shown, _, before = panel(client, note).partition("<details")
    assert "Expulsion évitée." in shown
    assert "annoncée" not in shown
    assert "annoncée" in before
    assert at(latest) in before
    assert at(former) not in before


def test_a_note_is_corrected_once_then_its_correction_is(client, author, note):
    client.as_(author).post(at(note), {"body": "Deux."})
    refused = client.post(at(note), {"body": "Trois."})
    assert refused.status_code == 409
    assert "déjà été corrigée" in refused.text
    client.post(at(ProtectedNote.objects.get(body="Deux.")), {"body": "Trois."})
    assert [one.body for one in ProtectedNote.objects.order_by("pk")] == [
        "Expulsion annoncée.", "Deux.", "Trois.",
    ]  # fmt: skip


def test_another_reader_reads_the_correction_and_corrects_nothing(client, desk, author, note):
    SharingFactory(
        person=note.person, category="social", audience="coordination", choice="consented"
    )
    client.as_(author).post(at(note), {"body": "Expulsion évitée."})
    client.as_(orienteuse_of(desk, account_id=AccountFactory().pk))
    shown = panel(client, note)
    assert "Expulsion évitée." in shown
    assert "/notes/" not in shown
    assert client.get(at(note)).status_code == 404
    assert client.post(at(note), {"body": "Faux."}).status_code == 404
    client.as_(stranger())
    assert client.get(at(note)).status_code == 404


@pytest.mark.parametrize("naughty", ["", "   ", "\x00", "x" * 8001])
def test_a_correction_that_says_nothing_or_too_much_is_explained(client, author, note, naughty):
    answer = client.as_(author).post(at(note), {"body": naughty})
    assert answer.status_code == 422
    assert ProtectedNote.objects.count() == 1


def test_a_correction_is_shown_literally(client, author, note):
    client.as_(author).post(at(note), {"body": "<script>alert(1)</script> 🙂 \u202e'; DROP"})
    shown = panel(client, note)
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_correct_at_once_leave_one_correction(author, note):
    gestures = [
        lambda body=body: Browser().as_(author).post(at(note), {"body": body})
        for body in ("Une.", "Autre.")
    ]
    answers = simultaneously(*gestures)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert ProtectedNote.objects.filter(corrects=note).count() == 1

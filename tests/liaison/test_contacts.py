"""A call, a visit or a message is noted with what came of it, and said to the thread."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.liaison import services
from cordee.liaison.forms import ContactForm
from cordee.liaison.models import Contact
from cordee.liaison.rules import Result, Way, Whom
from tests.liaison.scene import at, set_around
from tests.support import NOW, facts

pytestmark = pytest.mark.django_db
YESTERDAY = (NOW - timedelta(days=1)).strftime("%d/%m/%Y")


@pytest.fixture
def around():
    return set_around()


def test_a_call_without_answer_is_noted_and_heard(client, around):
    page = client.as_(around.coordinator)
    form = page.get(at("contact_with_person", around.person.pk))
    assert "Noter un contact" in form.text
    sent = {"way": "call", "whom": "person", "result": "not_reached"}
    sent |= {"day": YESTERDAY, "hour": "09:15", "words": "Répondeur"}
    answer = page.post(at("contact_with_person", around.person.pk), sent)
    assert answer.status_code == 302, answer.text
    (fact,) = facts("liaison.contact_made")
    assert fact["data"]["who"] == "person"
    assert fact["data"]["result"] == "not_reached"
    assert "Répondeur" not in str(fact)
    shown = page.get(at("person_panel", around.person.pk)).text
    assert "Personne n’a répondu" in shown
    assert "Répondeur" in shown


def test_what_is_missing_or_yet_to_come_is_given_back_with_a_sentence(client, around):
    page, address = client.as_(around.coordinator), at("contact_with_person", around.person.pk)
    sent = {"way": "call", "whom": "person", "day": "32/13/2026", "hour": "25:00"}
    answer = page.post(address, sent)
    assert answer.status_code == 422
    assert "Dites si quelqu’un a répondu." in answer.text
    assert "Écrivez l’heure ainsi\u00a0: 14:30." in answer.text
    late = sent | {"result": "reached", "day": "+3", "hour": "09:00"}
    assert "pas encore venu" in page.post(address, late).text
    assert not Contact.objects.exists()


@pytest.mark.parametrize("typed", ["9h", "9 h", "9", "9h00", "9 h 00", "9:00"])
def test_an_hour_is_read_as_people_type_it(typed):
    sent = {"way": "call", "whom": "person", "result": "reached", "day": YESTERDAY, "hour": typed}
    form = ContactForm(sent, now=NOW)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["hour"].hour == 9


def test_a_contact_noted_late_happened_when_it_did(around):
    from cordee.kernel.models import FactHeader

    before = NOW - timedelta(days=2)
    said = services.ContactSaid(Way.CALL, Whom.RELATIVE, Result.REACHED, before)
    services.note_contact(actor=around.coordinator, person=around.person, said=said, now=NOW)
    assert FactHeader.objects.get(kind="liaison.contact_made").happened_at == before


def noted(around, client, **typed):
    """A contact of the coordinator, as the form sends it."""
    sent = {"way": "call", "whom": "person", "result": "reached", "day": YESTERDAY, "hour": "9h00"}
    page = client.as_(around.coordinator)
    return page.post(at("contact_with_person", around.person.pk), sent | typed)


@pytest.mark.parametrize(
    ("typed", "minutes", "told"),
    [
        ({}, None, ""),
        ({"quick": "15"}, 15, "15\u00a0min"),
        ({"quick": "60"}, 60, "1\u00a0h"),
        ({"minutes": "80"}, 80, "1\u00a0h\u00a020"),
        ({"quick": "5", "minutes": "45"}, 45, "45\u00a0min"),
    ],
)
def test_how_long_a_contact_took_is_chosen_in_one_tap_or_typed(
    client, around, typed, minutes, told
):
    assert noted(around, client, **typed).status_code == 302
    assert Contact.objects.get().minutes == minutes
    assert told in client.get(at("person_panel", around.person.pk)).text


@pytest.mark.parametrize("typed", ["0", "-5", "1441", "99999999999", "un quart d’heure"])
def test_a_length_that_none_has_is_given_back(client, around, typed):
    assert noted(around, client, minutes=typed).status_code == 422
    assert noted(around, client, quick="7").status_code == 422
    assert not Contact.objects.exists()


def test_a_contact_noted_by_mistake_is_taken_back_kept_and_told(client, around):
    noted(around, client, words="Répondeur")
    made = Contact.objects.get()
    address = at("take_back_contact", made.pk)
    assert address in client.get(at("person_panel", around.person.pk)).text
    assert client.post(address, {"why": " "}).status_code == 422
    assert client.post(address, {"why": "Noté deux fois"}).status_code == 302
    made.refresh_from_db()
    assert (made.withdrawn_at, made.words) == (NOW, "Répondeur")
    assert "Répondeur" not in client.get(at("person_panel", around.person.pk)).text
    assert "Noté deux fois" in client.get(address).text
    (fact,) = facts("liaison.contact_withdrawn")
    assert fact["data"] == {"person_id": str(around.person.pk), "contact_id": str(made.pk)}
    client.post(address, {"why": "Encore"})
    assert len(facts("liaison.contact_withdrawn")) == 1
    made.refresh_from_db()
    assert made.withdrawn_why == "Noté deux fois"


def test_a_colleague_of_the_same_structure_takes_a_contact_back_and_nobody_else(client, around):
    from tests.factories.directory import OrganizationFactory
    from tests.support import coordinator_of

    noted(around, client)
    made = Contact.objects.get()
    address = at("take_back_contact", made.pk)
    for other in (around.desk, around.helper, around.nurse):
        assert client.as_(other).post(address, {"why": "Erreur"}).status_code == 403
        assert address not in client.get(at("person_panel", around.person.pk)).text
    assert client.as_(coordinator_of(OrganizationFactory())).get(address).status_code == 404
    colleague = coordinator_of(around.dac)
    assert client.as_(colleague).post(address, {"why": "Erreur"}).status_code == 302
    made.refresh_from_db()
    assert made.is_withdrawn


def test_a_home_help_notes_a_visit_and_a_stranger_finds_no_person(client, around):
    from tests.factories.directory import OrganizationFactory
    from tests.support import coordinator_of

    address = at("contact_with_person", around.person.pk)
    sent = {"way": "visit", "whom": "person", "result": "reached", "day": YESTERDAY, "hour": "9h00"}
    assert client.as_(around.helper).post(address, sent).status_code == 302
    stranger = coordinator_of(OrganizationFactory())
    assert client.as_(stranger).get(address).status_code == 404


def test_what_was_said_several_times_in_a_row_is_one_knot_on_the_page_of_the_person(client, around):
    page = client.as_(around.coordinator)
    sent = {"way": "call", "whom": "person", "result": "not_reached", "day": YESTERDAY}
    for hour in ("09:15", "11:15", "14:15"):
        page.post(at("contact_with_person", around.person.pk), sent | {"hour": hour})
    panel = reverse("people:thread_panel", args=[around.person.pk])
    shown = page.get(panel).text
    assert (shown.count("(3\u00a0fois)"), ". (3" in shown) == (1, False)
    whole = page.get(reverse("people:thread", args=[around.person.pk])).text
    assert "fois)" not in whole
    assert whole.count("knot--in-liaison") == 3

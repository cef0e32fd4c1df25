"""« Ce qui est affiché peut être partiel »: a choice, and no shadow of what is hidden."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.kernel.errors import DomainError
from cordee.people import services
from cordee.people.models import HintChoice, ProtectedNote
from cordee.people.rules.sharing import Speaker
from cordee.people.services import Told
from tests.factories.directory import (
    AccountFactory,
    ContactFactory,
    MembershipFactory,
    OrganizationFactory,
    PracticeSiteFactory,
    PractitionerFactory,
)
from tests.factories.people import (
    MemberFactory,
    PersonFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.support import NOW, actor, arranging, coordinator_of, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db
PARTIAL = "peut être partiel"


@pytest.fixture
def desk():
    return OrganizationFactory(phone="")


@pytest.fixture
def person(desk):
    person = PersonFactory(territory=desk.territory, phone="+33639981234")
    joins_circle(person, organization=desk)
    return person


def panel_of(person):
    return reverse("people:identity_panel", args=[person.pk])


def hint_in(page):
    """The notice, without the badge of the choices nor anything else."""
    found = re.findall(r'<div class="notice notice--neutral".*?</div>\s*</div>', page, re.DOTALL)
    return next((one for one in found if PARTIAL in one), "")


def allows(person, allowed=True, **told):
    services.choose_hint(actor=SYSTEM, person=person, allowed=allowed, told=Told(**told), now=NOW)


def test_by_default_nothing_says_so(client, desk, person):
    shown = client.as_(coordinator_of(desk)).get(panel_of(person)).text
    assert PARTIAL not in shown


def test_it_names_the_coordination_of_reference_and_the_numbers_to_call(client, desk, person):
    dac = OrganizationFactory(kind="dac", name="DAC du Champsaur", phone="+33492000001")
    joins_circle(person, organization=dac, role="coordination", is_reference=True)
    allows(person)
    hint = hint_in(client.as_(coordinator_of(desk)).get(panel_of(person)).text)
    assert "DAC du Champsaur" in hint
    assert re.findall(r'href="tel:(\S+)"', hint) == ["+33639981234", "+33492000001"]


def test_whoever_is_of_reference_is_named_with_a_number_when_there_is_one(client, desk, person):
    doctor = PractitionerFactory(first_name="Anne", last_name="Roux")
    PracticeSiteFactory(practitioner=doctor, phone="+33492000002")
    worker = AccountFactory(name="Claire Bonnet")
    MembershipFactory(account=worker, organization=OrganizationFactory(phone="+33492000003"))
    service = OrganizationFactory(name="Service sans numéro", phone="")
    ContactFactory(organization=service, kind="phone", value="+33492000004")
    allows(person)
    speaking = client.as_(coordinator_of(desk))
    for who, name, number in (
        ({"practitioner": doctor}, "Anne Roux", "+33492000002"),
        ({"practitioner": None, "account": worker}, "Claire Bonnet", "+33492000003"),
        ({"practitioner": None, "organization": service}, "Service sans", "+33492000004"),
    ):
        stay = MemberFactory(person=person, role="coordination", is_reference=True, **who)
        hint = hint_in(speaking.get(panel_of(person)).text)
        assert name in hint
        assert f'href="tel:{number}"' in hint
        with arranging():
            type(stay).objects.filter(pk=stay.pk).update(is_reference=False)
    assert "référence" not in hint_in(speaking.get(panel_of(person)).text)


def hides_much(person):
    """A protected note, an opposition to the social worker, a line that the person alone reads."""
    with arranging():
        ProtectedNote.objects.create(
            person=person, category="mental_health", body="x", author=AccountFactory(),
            written_at=NOW,
        )  # fmt: skip
    SharingFactory(person=person, category="care", audience="coordination", choice="opposed")


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("reader", ["nurse", "orienteuse", "coordinator", "home help"])
def test_it_is_the_same_whether_or_not_something_is_hidden(client, desk, person, allowed, reader):
    """The same words, for the same statements asked of the database."""
    nurse = PractitionerFactory()
    joins_circle(person, practitioner=nurse)
    speaker = {
        "nurse": lambda: speaking_as(nurse),
        "orienteuse": lambda: orienteuse_of(desk),
        "coordinator": lambda: coordinator_of(desk),
        "home help": lambda: actor(Role.HOME_HELP, desk),
    }[reader]()
    allows(person, allowed)
    speaking = client.as_(speaker)

    def seen():
        with CaptureQueriesContext(connection) as asked:
            page = speaking.get(panel_of(person)).text
        about_hint = [one["sql"] for one in asked.captured_queries if "hintchoice" in one["sql"]]
        return hint_in(page), len(asked.captured_queries), len(about_hint)

    seen()  # what is remembered from a first time is remembered for both
    nothing_hidden = seen()
    assert bool(nothing_hidden[0]) is allowed
    hides_much(person)
    assert seen() == nothing_hidden


def test_it_is_chosen_on_the_page_of_choices_with_its_proof(client, desk, person):
    claire = orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)
    daughter = RelativeFactory(person=person, is_trusted=True)
    sent = {"allowed": "oui", "speaker": "person", "how": "phone", "document": "Appel du 23"}
    address = reverse("people:hint_choice", args=[person.pk])
    speaking = client.as_(claire)
    assert speaking.post(address, sent).status_code == 302
    row = HintChoice.objects.current().get(person=person)
    proof = (row.allowed, row.speaker, row.how, row.document, row.collected_by_id)
    assert proof == (True, "person", "phone", "Appel du 23", claire.account_id)
    assert PARTIAL in hint_in(speaking.get(panel_of(person)).text)
    assert speaking.post(address, {**sent, "allowed": "non"}).status_code == 302
    assert HintChoice.objects.filter(person=person).count() == 2
    assert PARTIAL not in speaking.get(panel_of(person)).text
    by_another = {**sent, "speaker": f"trusted:{daughter.pk}"}
    assert speaking.post(address, by_another).status_code == 409  # she reports, she permits nothing
    assert speaking.post(address, {"speaker": "person"}).status_code == 422


def test_the_person_chooses_it_in_their_own_space_and_alone_reads_it_on_the_thread(
    client, desk, person
):
    account = AccountFactory().pk
    herself = actor(Role.PERSON, account_id=account, person_ids=frozenset({person.pk}))
    speaking = client.as_(herself)
    assert "Dire que l’affichage peut être partiel" in (
        speaking.get(reverse("people:choices", args=[person.pk])).text
    )
    speaking.post(reverse("people:hint_choice", args=[person.pk]), {"allowed": "oui"})
    assert HintChoice.objects.current().get(person=person).how == "online"
    thread = reverse("people:thread", args=[person.pk])
    assert "affiché en partie" in speaking.get(thread).text
    assert "affiché en partie" not in client.as_(coordinator_of(desk)).get(thread).text


def test_what_a_parent_allowed_ends_with_minority(client, desk, person):
    with arranging():
        type(person).objects.filter(pk=person.pk).update(birth_date="2015-05-05")
    person.refresh_from_db()
    mother = RelativeFactory(person=person, has_parental_authority=True)
    with pytest.raises(DomainError):
        allows(person)  # a minor permits nothing alone
    allows(person, speaker=Speaker.PARENT, relative=mother)
    speaking = client.as_(coordinator_of(desk))
    assert hint_in(speaking.get(panel_of(person)).text)
    with arranging():
        type(person).objects.filter(pk=person.pk).update(birth_date="2001-05-05")
    assert not hint_in(speaking.get(panel_of(person)).text)

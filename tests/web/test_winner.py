"""The prescription is for the one who said yes, and once it is known that it is them."""

import hashlib

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.intake import services as intake
from cordee.intake.models import Document, Draft
from tests.broker.test_link import SECRET, identified, invitation  # noqa: F401
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.support import NOW, arranging, speaking_as, traces

pytestmark = pytest.mark.django_db
CONTENT = b"%PDF-1.4 ordonnance"


@pytest.fixture
def prescription(invitation):
    search = invitation.solicitation
    request = CareRequestFactory(
        organization=search.organization, person=search.person, state="searching"
    )
    with arranging():
        search.origin = f"intake/request/{request.pk}"
        search.save()
        return Document.objects.create(
            request=request,
            name="ordonnance",
            media_type="application/pdf",
            pages=1,
            size=len(CONTENT),
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            content=CONTENT,
            added_by=AccountFactory(),
        )


def addresses(document):
    return [
        reverse("web:winner_documents", args=[SECRET]),
        reverse("web:winner_document", args=[SECRET, document.pk]),
    ]


def won(invitation, document):
    broker.accept(actor=speaking_as(invitation.practitioner), invitation=invitation, now=NOW)
    intake.mark_found(
        actor=SYSTEM,
        request=document.request,
        practitioner_id=invitation.practitioner_id,
        now=NOW,
    )


def test_the_winner_reads_it_byte_for_byte_and_it_is_traced(client, invitation, prescription):
    identified(client, invitation)
    won(invitation, prescription)
    listing, one = addresses(prescription)

    assert "ordonnance" in client.get(listing).content.decode()
    answer = client.get(one)

    assert answer.content == CONTENT
    assert "no-store" in answer.headers["Cache-Control"]
    assert traces("read")[-1]["subject_id"] == str(prescription.pk)
    assert prescription.request.person_id in traces("read")[-1]["persons"]


def given_during_the_call(document):
    """Hang it from the call that made the request, as every file given on the phone or online."""
    with arranging():
        Draft.objects.create(
            organization=document.request.organization,
            account=document.added_by,
            person=document.request.person,
            request=document.request,
            opened_at=NOW,
            ended_at=NOW,
        )
        document.draft, document.request = document.request.draft, None
        document.save()


@pytest.mark.parametrize("reader", ["the desk", "the winner"])
def test_given_during_the_call_its_reader_is_a_line_for_the_person(
    client, invitation, prescription, reader
):
    request = prescription.request
    identified(client, invitation)
    won(invitation, prescription)
    given_during_the_call(prescription)
    if reader == "the desk":
        client.as_(desk_of(request.organization))
        answer = client.get(reverse("intake:document", args=[prescription.pk]))
    else:
        answer = client.get(reverse("web:winner_document", args=[SECRET, prescription.pk]))

    assert answer.content == CONTENT
    assert traces("read")[-1]["subject_id"] == str(prescription.pk)
    assert traces("read")[-1]["persons"] == [request.person_id]


def test_nobody_reads_it_before_their_identity_is_known(client, invitation, prescription):
    won(invitation, prescription)

    assert [client.get(one).status_code for one in addresses(prescription)] == [404, 404]


def test_who_was_asked_but_did_not_win_reads_nothing(client, invitation, prescription):
    identified(client, invitation)

    assert [client.get(one).status_code for one in addresses(prescription)] == [404, 404]


def test_access_closes_with_the_withdrawal(client, invitation, prescription):
    identified(client, invitation)
    won(invitation, prescription)
    broker.withdraw(actor=speaking_as(invitation.practitioner), invitation=invitation, now=NOW)

    assert [client.get(one).status_code for one in addresses(prescription)] == [404, 404]


# --- signed in, on her own page ------------------------------------------------------------------


def own(invitation, document):
    place = reverse("broker:won", args=[invitation.pk])
    listing = reverse("web:own_documents", args=[invitation.pk])
    return place, listing, reverse("web:own_document", args=[invitation.pk, document.pk])


def test_the_winner_signed_in_finds_it_on_her_own_page(client, invitation, prescription):
    won(invitation, prescription)
    place, listing, one = own(invitation, prescription)
    client.as_(speaking_as(invitation.practitioner))

    assert listing in client.get(place).content.decode()
    assert one in client.get(listing).content.decode()
    answer = client.get(one)

    assert answer.content == CONTENT
    assert "no-store" in answer.headers["Cache-Control"]
    assert traces("read")[-1]["subject_id"] == str(prescription.pk)


def test_signed_in_but_not_the_winner_she_is_refused_and_it_is_traced(
    client, invitation, prescription
):
    _, *addresses = own(invitation, prescription)
    client.as_(speaking_as(invitation.practitioner))

    assert [client.get(one).status_code for one in addresses] == [403, 403]
    assert traces("refused")[-1]["verb"] == "broker.read_place"


def test_a_colleague_signed_in_finds_nothing_at_her_address(client, invitation, prescription):
    won(invitation, prescription)
    client.as_(speaking_as(nurse()))

    assert {client.get(one).status_code for one in own(invitation, prescription)} == {404}


def test_once_she_has_withdrawn_her_account_opens_it_no_more(client, invitation, prescription):
    won(invitation, prescription)
    speaker = speaking_as(invitation.practitioner)
    broker.withdraw(actor=speaker, invitation=invitation, now=NOW)
    client.as_(speaker)

    assert {client.get(one).status_code for one in own(invitation, prescription)} == {403}


@pytest.mark.parametrize("door", ["own", "link"])
def test_a_place_opens_the_documents_of_its_own_request_only(
    client, invitation, prescription, door
):
    won(invitation, prescription)
    other = CareRequestFactory(
        organization=prescription.request.organization,
        person=prescription.request.person,
        kind="pansement",
    )
    with arranging():
        prescription.request = other
        prescription.save()
    if door == "own":
        client.as_(speaking_as(invitation.practitioner))
        one = own(invitation, prescription)[2]
    else:
        identified(client, invitation)
        one = addresses(prescription)[1]

    assert client.get(one).status_code == 404

"""The prescription is for the one who said yes, and once it is known that it is them."""

import hashlib

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.intake import services as intake
from cordee.intake.models import Document
from tests.broker.test_link import SECRET, identified, invitation  # noqa: F401
from tests.factories.directory import AccountFactory
from tests.factories.intake import CareRequestFactory
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

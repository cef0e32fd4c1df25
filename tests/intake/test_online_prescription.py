"""A prescription joined to the public form: judged by its content, read by few."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cordee.intake import models, services
from cordee.intake.models import CareRequest
from cordee.intake.services.handing import HandOn
from tests.factories.directory import MembershipFactory, PractitionerFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.factories.people import joins_circle
from tests.intake.test_service import (
    ASKED,
    partner,
    sent_code,
    service,
    territory_holds,
    through_the_door,
)
from tests.intake.test_upload_rules import picture
from tests.support import NOW, Browser, arranging, speaking_as

__all__ = ["partner", "service"]
pytestmark = pytest.mark.django_db


def proved(client):
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})


def joined(content, name="ordonnance.jpg"):
    return ASKED | {"ordonnance": SimpleUploadedFile(name, content)}


def test_a_prescription_joined_online_is_read_by_the_desk_then_by_the_winner_only(
    client, service, partner
):
    territory_holds(service)
    proved(client)
    assert client.post(reverse("intake:online_form"), joined(picture())).status_code == 302
    (kept,) = models.Document.objects.all()
    assert (bytes(kept.content), kept.media_type, kept.added_by) == (picture(), "image/jpeg", None)
    address = reverse("intake:document", args=[kept.pk])
    assert Browser().get(address).status_code == 302
    request = CareRequest.objects.get()
    desk = client.as_(desk_of(service))
    draft = desk.get(reverse("intake:draft", args=[request.draft.pk])).text
    assert address in draft
    shown = desk.get(address)
    assert shown.content == picture()
    call = ASKED | {"draft_id": str(request.draft.pk), "weight": "full", "delay": "h24"}
    assert desk.post(reverse("intake:desk"), call).status_code == 302
    assert address in desk.get(reverse("intake:request", args=[request.pk])).text
    nurse = PractitionerFactory()
    winner = speaking_as(nurse)
    assert client.as_(winner).get(address).status_code == 404
    with arranging():
        CareRequest.objects.update(state="found", practitioner=nurse)
    joins_circle(CareRequest.objects.get().person, practitioner=nurse)
    assert client.as_(winner).get(address).content == picture()


def test_what_came_online_and_is_handed_on_says_for_whom_to_the_other_service(
    client, service, partner
):
    territory_holds(service)
    proved(client)
    assert client.post(reverse("intake:online_form"), joined(picture())).status_code == 302
    request = CareRequest.objects.get()
    there = MembershipFactory(organization__kind=service.kind).organization
    handed = HandOn(there, "territory", spoken_with="Lucie")
    copy = services.hand_on(actor=desk_of(service), request=request, to=handed, now=NOW)

    other = client.as_(desk_of(there))
    page = other.get(reverse("intake:request", args=[copy.pk])).text
    assert reverse("intake:draft", args=[copy.draft.pk]) in page
    said = ASKED | {"draft_id": str(copy.draft.pk), "weight": "full", "delay": "h24"}
    assert other.post(reverse("intake:desk"), said).status_code == 302
    copy.refresh_from_db()
    request.refresh_from_db()
    assert copy.person is not None
    assert (request.state, request.person, request.draft.is_open_online) == (
        "handed_on",
        None,
        False,
    )


def test_what_a_colleague_refused_meanwhile_is_not_completed(client, service, partner):
    territory_holds(service)
    proved(client)
    assert client.post(reverse("intake:online_form"), joined(picture())).status_code == 302
    request = CareRequest.objects.get()
    with arranging():
        CareRequest.objects.update(state="refused", end_reason="other", ended_at=NOW)
    call = ASKED | {"draft_id": str(request.draft.pk), "weight": "full", "delay": "h24"}
    answer = client.as_(desk_of(service)).post(reverse("intake:desk"), call)
    assert answer.status_code != 302
    request.refresh_from_db()
    assert (request.state, request.person_id) == ("refused", None)


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"<script>alert(1)</script>", "ni une photo"), (b"%PDF-1.4 coup", "PDF"), (b"", "vide")],
)
def test_what_is_not_a_prescription_is_refused_next_to_its_field_and_nothing_is_sent(
    client, service, partner, content, word
):
    territory_holds(service)
    proved(client)
    answer = client.post(reverse("intake:online_form"), joined(content, "ordonnance.pdf"))
    assert answer.status_code == 422
    assert word in answer.text
    assert not CareRequest.objects.exists()
    assert not models.Document.objects.exists()


def test_a_form_to_correct_says_that_the_file_is_to_be_chosen_again(client, service, partner):
    territory_holds(service)
    proved(client)
    answer = client.post(reverse("intake:online_form"), joined(picture()) | {"caller_name": ""})
    assert answer.status_code == 422
    assert "Choisissez de nouveau" in answer.text


def test_files_at_the_public_door_are_counted(client, service, partner):
    proved(client)
    answers = [
        client.post(reverse("intake:online_form"), joined(b"x")).status_code for _ in range(31)
    ]
    assert answers[0] == 422
    assert answers[-1] == 409


def test_past_the_limit_of_files_the_form_stays_and_leaves_without_it(client, service, partner):
    territory_holds(service)
    proved(client)
    address = reverse("intake:online_form")
    said = joined(picture()) | {"access_notes": "Code 12B, 2e étage"}
    for _ in range(30):
        client.post(address, joined(b"x"))
    shut = client.post(address, said)
    assert shut.status_code == 409
    assert "Trop de fichiers depuis une heure" in shut.text
    assert "Code 12B, 2e étage" in shut.text
    assert "tel:" in shut.text
    assert not CareRequest.objects.exists()
    said.pop("ordonnance")
    assert client.post(address, said).status_code == 302
    assert CareRequest.objects.get().access_notes == "Code 12B, 2e étage"


def test_a_commune_that_nobody_answers_for_asks_for_the_file_again(client, service, partner):
    proved(client)
    answer = client.post(reverse("intake:online_form"), joined(picture()))
    assert answer.status_code == 422
    assert "Aucun service d’orientation ne répond" in answer.text
    assert "Choisissez de nouveau l’ordonnance" in answer.text


# --- a name that says nothing ------------------------------------------------------------------


def sent_as(client, address, name, content, said=None):
    """Send a form with a file whose name is written as given: no browser's library in between."""
    parts = {**(ASKED if said is None else said)}
    pieces = [
        f'--bord\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in parts.items()
    ]
    head = f'--bord\r\nContent-Disposition: form-data; name="ordonnance"; filename="{name}"\r\n'
    pieces += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", content, b"\r\n--bord--\r\n"]
    return client.generic(
        "POST", address, b"".join(pieces), content_type="multipart/form-data; boundary=bord"
    )


NAMELESS = [".", "..", "../", "a/..", "&#46;", "\u200b\u202e", "/"]


@pytest.mark.parametrize("name", NAMELESS, ids=ascii)
def test_a_prescription_whose_name_says_nothing_is_kept(client, service, partner, name):
    territory_holds(service)
    proved(client)
    answer = sent_as(client, reverse("intake:online_form"), name, picture())
    assert answer.status_code == 302
    (kept,) = models.Document.objects.all()
    assert bytes(kept.content) == picture()


def test_a_file_without_a_name_is_told(client, service, partner):
    territory_holds(service)
    proved(client)
    answer = sent_as(client, reverse("intake:online_form"), "", picture())
    assert answer.status_code == 422
    assert "Ce fichier n’a pas de nom" in answer.text
    assert not CareRequest.objects.exists()


def test_no_file_at_all_is_no_fault(client, service, partner):
    territory_holds(service)
    proved(client)
    assert sent_as(client, reverse("intake:online_form"), "", b"").status_code == 302
    assert not models.Document.objects.exists()


@pytest.mark.parametrize("name", [".", ""])
def test_the_desk_is_told_of_a_file_without_a_name_or_keeps_it(client, service, name):
    request = CareRequestFactory(organization=service)
    client.as_(desk_of(service))
    address = reverse("intake:add_document", args=[request.pk])
    answer = sent_as(client, address, name, picture(), {})
    assert models.Document.objects.count() == (1 if name else 0)
    assert answer.status_code == (302 if name else 409)

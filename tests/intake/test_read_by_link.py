"""The requester says by their link that they read the answer; a text that arrived is not read."""

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.intake import services
from cordee.intake.models import CareRequest
from cordee.intake.services.outside import new_secret
from cordee.kernel.errors import DomainError
from cordee.messaging.models import Message
from tests.factories.directory import PractitionerFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.support import NOW, Browser, arranging, facts

pytestmark = pytest.mark.django_db
READ = "J’ai lu cette réponse"
FOUND = {"state": "found", "found_at": NOW, "outcome_at": NOW}
REFUSED = {"state": "refused", "ended_at": NOW, "outcome_at": NOW, "end_reason": "duplicate"}


def answered(outcome=FOUND, **more):
    """A request to which there is an answer, that its requester does not know."""
    somebody = {"practitioner": PractitionerFactory()} if "found_at" in outcome else {}
    return CareRequestFactory(**outcome, **somebody, **more)


def link_to(request):
    with arranging():
        return new_secret(request, NOW)


def shown(secret):
    return Browser().get(reverse("intake:status", args=[secret]))


def read(secret, state):
    return Browser().post(reverse("intake:status_read", args=[secret]), {"shown": state})


@pytest.mark.parametrize("outcome", [FOUND, REFUSED], ids=["found", "refused"])
def test_opening_the_page_tells_nobody_and_saying_it_was_read_does(outcome):
    request = answered(outcome)
    secret = link_to(request)
    assert READ in shown(secret).text
    request.refresh_from_db()
    assert request.told_at is None  # filters and previews open links too

    assert read(secret, outcome["state"]).status_code == 302
    request.refresh_from_db()
    assert request.told_at == NOW
    (telling,) = request.tellings.all()
    assert (telling.how, telling.result, telling.by_account) == ("link", "reached", None)
    assert facts("intake.requester_told")[-1]["data"]["result"] == "reached"
    assert READ not in shown(secret).text


def test_it_is_written_once_and_the_desk_reads_how(client):
    request = answered()
    secret = link_to(request)
    for _ in range(2):
        assert read(secret, "found").status_code == 302
    assert request.tellings.count() == 1
    page = client.as_(desk_of(request.organization)).get(
        reverse("intake:request", args=[request.pk])
    )
    assert "Demandeur par le lien de suivi\u00a0: informé" in page.text


def test_a_confirmed_request_closes_once_it_was_read():
    confirmed = {"state": "confirmed", "confirmed_at": NOW, "first_visit_on": NOW.date()}
    request = answered(FOUND | confirmed)
    desk = desk_of(request.organization)
    with pytest.raises(DomainError):
        services.close(actor=desk, request=request, now=NOW)
    read(link_to(request), "confirmed")
    request.refresh_from_db()
    services.close(actor=desk, request=request, now=NOW)
    assert CareRequest.objects.get(pk=request.pk).state == "closed"


def test_what_the_page_no_longer_shows_was_not_read():
    """Found when the page was opened, refused since: they are still to be told of that."""
    request = answered(REFUSED)
    assert read(link_to(request), "found").status_code == 302
    request.refresh_from_db()
    assert request.told_at is None


@pytest.mark.parametrize("state", ["received", "qualified", "searching"])
def test_what_is_not_an_answer_is_not_read(state):
    request = CareRequestFactory(state=state)
    secret = link_to(request)
    assert READ not in shown(secret).text
    read(secret, state)
    assert not request.tellings.exists()


@pytest.mark.parametrize("spoiled", ["revoked", "expired", "unknown"])
def test_a_link_that_opens_nothing_writes_nothing(spoiled):
    request = answered()
    secret = link_to(request)
    with arranging():
        if spoiled == "revoked":
            request.links.update(revoked_at=NOW)
        if spoiled == "expired":
            request.links.update(expires_at=NOW)
    assert read("x" * 32 if spoiled == "unknown" else secret, "found").status_code == 404
    assert not request.tellings.exists()


def test_a_link_revoked_while_the_page_was_open_writes_nothing():
    request = answered()
    link_to(request)
    with arranging():
        request.links.update(revoked_at=NOW)
    link = request.links.get()
    assert not services.read_status(actor=SYSTEM, link=link, shown="found", now=NOW)


def test_the_desk_cannot_say_it_in_the_name_of_the_requester(client):
    request = answered()
    said = {"how": "link", "result": "reached", "seen": request.version}
    address = reverse("intake:act", args=[request.pk, "rappeler"])
    assert client.as_(desk_of(request.organization)).post(address, said).status_code == 422
    assert not request.tellings.exists()


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("delivered", "SMS remis à son téléphone"),
        ("failed", "Message non remis au demandeur"),
        ("sent", ""),
    ],
)
def test_the_history_says_what_became_of_the_text_and_it_tells_nobody(client, state, line):
    request = answered(caller__phone="+33612345678")
    desk = desk_of(request.organization)
    services.tell(actor=desk, request=request, said=services.Told("text", "reached"), now=NOW)
    ended = {} if state == "sent" else {"settled_at": NOW}
    with arranging():
        left = {"state": state, "sent_at": NOW, "next_attempt_at": None}
        Message.objects.update(**left, reason="messaging.undelivered", **ended)
    page = client.as_(desk).get(reverse("intake:request", args=[request.pk])).text
    for one in ("SMS remis à son téléphone", "Message non remis au demandeur"):
        assert (one in page) is (one == line)
    request.refresh_from_db()
    assert request.told_at is None

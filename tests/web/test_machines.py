"""The way of the machine's door is short, and every protection of a page that it wants stands."""

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from cordee.access.sight import reader
from cordee.kernel.http import WroteWhileReading
from cordee.web import machines, room
from tests.factories.directory import OrganizationFactory
from tests.support import coordinator_of

pytestmark = pytest.mark.django_db

PATIENTS = "/fhir/Patient"
SENT = {"content_type": "application/fhir+json"}
PROTECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
FOR_PAGES_ALONE = {  # what the machine's door has no use for: ADR 48
    "cordee.web.machines.Machines",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cordee.kernel.http.EveryFileIsKept",
    "cordee.web.middleware.Csrf",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "cordee.web.middleware.SetActor",  # `Moment` is what is left of it
    "cordee.web.middleware.SameHand",
    "cordee.web.guesses.SlowGuesses",
    "cordee.web.middleware.HumanErrors",
}
ADDRESSES = ("/fhir", "/fhir/metadata", PATIENTS, f"{PATIENTS}/inconnu", "/fhir/nulle-part")


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_answer_says_what_a_browser_may_not_do_with_it(client, address):
    answer = client.get(address)
    assert {name: answer.headers[name] for name in PROTECTED} == PROTECTED
    assert answer.headers["Content-Length"] == str(len(answer.content))


def test_what_protects_pages_protects_the_door_in_the_same_order_unless_it_is_named_here():
    shared = [one for one in settings.MIDDLEWARE if one not in FOR_PAGES_ALONE]
    assert [one for one in settings.MACHINES_CROSS if one in settings.MIDDLEWARE] == shared


def test_another_host_is_refused(client):
    answer = client.get("/fhir/metadata", headers={"Host": "ailleurs.example"})
    assert answer.status_code == 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_in_clear_it_sends_to_https_and_over_it_says_to_stay(client, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    answer = client.get("/fhir/metadata")
    assert (answer.status_code, answer.headers["Location"][:8]) == (301, "https://")
    assert "max-age=60" in client.get("/fhir/metadata", secure=True)["Strict-Transport-Security"]


def test_a_full_disk_refuses_writings_in_fhir_and_lets_looks_through(client, monkeypatch):
    monkeypatch.setattr(room, "has_room", lambda: False)
    client.as_(coordinator_of(OrganizationFactory()))
    answer = client.post(PATIENTS, b"{}", **SENT)
    assert (answer.status_code, answer.json()["resourceType"]) == (503, "OperationOutcome")
    assert client.get(PATIENTS).status_code == 200


def asked(view, monkeypatch):
    """Go the whole way to a view of one's own."""
    match = ResolverMatch(view, (), {})
    monkeypatch.setattr(machines, "resolve", lambda path: match)
    return machines.Way(settings.MACHINES_CROSS)(RequestFactory().get("/fhir/essai"))


def test_a_look_may_write_nothing(monkeypatch):
    def view(request):
        with pytest.raises(WroteWhileReading), connection.cursor() as cursor:
            cursor.execute("DELETE FROM people_person")
        return HttpResponse(reader().role.value)

    view.__module__ = "cordee.fhir.router"
    assert asked(view, monkeypatch).content == b"anonymous"


def test_a_fault_is_an_answer(monkeypatch):
    def view(request):
        raise RuntimeError("essai")

    answer = asked(view, monkeypatch)
    assert answer.status_code == 500
    assert b"essai" not in answer.content


def test_no_page_goes_that_way():
    paths = ("/", "/fhirs", "/personnes/", "/administration/exports/", "/compte/login/")
    assert not any(machines.is_for_machines(RequestFactory().get(one)) for one in paths)

"""Administration registers, suspends and gives other keys; a partner's keys turn by themselves."""

import json
import socket
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from threading import Thread
from time import monotonic, sleep

import pytest
from django.db import connection

from cordee.access.actor import Role
from cordee.access.models import Account
from cordee.partners.gateways import keys as gateway
from cordee.partners.gateways.keys import fetch_keys
from cordee.partners.gateways.outside import Unreachable, is_public
from cordee.partners.models import Client
from cordee.partners.oauth import keys
from cordee.partners.selectors import holder_of
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.partners import BACK, SystemFactory, asks, key, proof, shown
from tests.support import NOW, Browser, actor, serve

pytestmark = pytest.mark.django_db
LIST, NEW, TOKEN = (
    "/administration/applications/",
    "/administration/applications/nouvelle",
    "/fhir/oauth/token",
)


@pytest.fixture
def admin(client):
    client.as_(actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk))
    return client


def typed(**changed):
    """What administration types of a system."""
    said = {"name": "Logiciel du SSIAD", "publisher": "Éditeur du Drac", "kind": "system"}
    said |= {"scopes": "system/Patient.rs", "role": "coordinator", "per_minute": "600"}
    said |= {"organization": OrganizationFactory().pk, "jwks": json.dumps(shown(key()))}
    return said | changed


def test_a_system_is_registered_on_a_page_and_comes_in(admin):
    assert "Aucun partenaire encore" in admin.get(LIST).content.decode()
    made = admin.post(NEW, typed())
    assert made.status_code == 302, made.content.decode()
    system = Client.objects.get()
    page = admin.get(made["Location"]).content.decode()
    assert str(system.pk) in page
    assert "http://127.0.0.1:8000/fhir/oauth/token" in page
    said = Browser().post(TOKEN, asks(system)).json()
    assert holder_of(said["access_token"], NOW).actor.role is Role.COORDINATOR
    assert system.membership.account.is_machine
    assert "Logiciel du SSIAD" in admin.get(LIST).content.decode()


def test_the_account_of_a_system_signs_in_by_no_page(admin):
    admin.post(NEW, typed())
    account = Account.objects.get(name="Logiciel du SSIAD")
    assert not account.has_usable_password()
    assert account.email.endswith(".invalid")


def test_an_application_is_registered_with_its_addresses(admin):
    said = typed(kind="device", scopes="user/Patient.rs", jwks="", role="", organization="")
    assert admin.post(NEW, said | {"redirect_uris": BACK}).status_code == 302
    app = Client.objects.get()
    assert (app.redirect_uris, app.membership) == ([BACK], None)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"scopes": "user/Patient.rs"}, "Un système a des portées system/"),
        ({"scopes": "Patient.read"}, "portée n’est pas comprise"),
        ({"role": ""}, "À remplir pour cette nature"),
        ({"organization": ""}, "À remplir pour cette nature"),
        ({"role": "administrator"}, "Sélectionnez un choix valide"),
        ({"jwks": ""}, "l’une ou l’autre"),
        ({"jwks_url": "https://a.exemple.fr/jwks"}, "l’une ou l’autre"),
        ({"jwks": "{}"}, "Ces clés ne peuvent pas être prises"),
        ({"jwks": "", "jwks_url": "http://a.exemple.fr/jwks"}, "https://"),
        ({"redirect_uris": BACK}, "Un système n’en a pas"),
        ({"kind": "device", "scopes": "user/Task.r", "redirect_uris": BACK}, "pas de clé à garder"),
        ({"kind": "server", "scopes": "user/Task.r"}, "À remplir pour cette nature"),
        (
            {"kind": "server", "scopes": "user/Task.r", "redirect_uris": "javascript:alert(1)"},
            "Adresse de retour refusée",
        ),
        ({"contact": "personne@exemple.fr"}, "Aucun compte ouvert"),
    ],
)
def test_what_cannot_be_registered_is_said_beside_its_field(admin, changed, words):
    answer = admin.post(NEW, typed(**changed))
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not Client.objects.exists()


def test_a_suspension_says_why_and_is_lifted(admin):
    system = SystemFactory()
    where = f"{LIST}{system.pk}/"
    assert admin.post(f"{where}suspendre", {"why": "é" * 201}).status_code == 409
    admin.post(f"{where}suspendre", {"why": "Contrat terminé"})
    assert "Contrat terminé" in admin.get(where).content.decode()
    assert Browser().post(TOKEN, asks(system)).status_code == 400
    admin.post(f"{where}reprendre")
    assert Browser().post(TOKEN, asks(system)).status_code == 200


def test_other_keys_are_believed_at_once_and_the_former_ones_no_more(admin):
    system, fresh = SystemFactory(), key("neuve")
    said = {"jwks": json.dumps(shown(fresh))}
    assert admin.post(f"{LIST}{system.pk}/cles", said).status_code == 302
    assert Browser().post(TOKEN, asks(system, proof(system, fresh))).status_code == 200
    assert Browser().post(TOKEN, asks(system)).status_code == 400


def test_a_contact_is_named_by_the_address_of_an_account(admin):
    system, contact = SystemFactory(), AccountFactory()
    admin.post(f"{LIST}{system.pk}/contact", {"contact": contact.email.upper()})
    system.refresh_from_db()
    assert system.contact == contact


# --- keys shown at an address ------------------------------------------------------------------


@pytest.fixture
def elsewhere():
    """A partner's own server, which shows its keys."""

    class Shows(BaseHTTPRequestHandler):
        answer = (200, json.dumps(shown(key())))
        asked = 0

        def do_GET(self):  # noqa: N802 — the name is the library's
            type(self).asked += 1
            status, body = self.answer
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *said):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Shows)
    serve(server)
    Shows.url = f"http://127.0.0.1:{server.server_port}/jwks"
    yield Shows
    server.shutdown()
    server.server_close()


def test_keys_are_asked_at_the_address_once_for_some_minutes(elsewhere, db):
    system = SystemFactory(jwks={}, jwks_url=elsewhere.url)
    for _ in range(3):
        assert Browser().post(TOKEN, asks(system)).status_code == 200
    assert elsewhere.asked == 1


def test_a_partner_that_turns_its_keys_is_believed_without_administration(elsewhere, db):
    system, fresh = SystemFactory(jwks={}, jwks_url=elsewhere.url), key("neuve")
    assert Browser().post(TOKEN, asks(system)).status_code == 200
    elsewhere.answer = (200, json.dumps(shown(fresh)))
    later = Browser()
    later.now = NOW.replace(minute=NOW.minute + 1)
    at = {"exp": int(later.now.timestamp()) + 60}
    assert later.post(TOKEN, asks(system, proof(system, fresh, **at))).status_code == 200
    assert later.post(TOKEN, asks(system, proof(system, **at))).status_code == 400


@pytest.mark.parametrize(
    "answer", [(404, ""), (302, ""), (200, "rien"), (200, "a" * 30_000), (200, '{"keys": []}')]
)
def test_an_address_that_shows_no_keys_opens_nothing(elsewhere, db, answer):
    elsewhere.answer = answer
    system = SystemFactory(jwks={}, jwks_url=elsewhere.url)
    assert Browser().post(TOKEN, asks(system)).status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/jwks",
        "http://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/",
        "file:///etc/passwd",
        "http://",
        "http://127.0.0.1:99999/",
    ],
)
def test_the_house_knocks_at_no_door_of_its_own_network(url):
    with pytest.raises(Unreachable):
        fetch_keys(url)


def test_a_slow_address_holds_no_transaction_and_no_other_call(transactional_db, monkeypatch):
    system, seen = SystemFactory(jwks={}, jwks_url="http://127.0.0.1:1/"), []

    def slow(url):
        seen.append(connection.in_atomic_block)
        seen.append(Browser().post(TOKEN, asks(system)).status_code)
        return json.dumps(shown(key()))

    monkeypatch.setattr(keys, "fetch_keys", slow)
    assert Browser().post(TOKEN, asks(system)).status_code == 200
    assert seen == [False, 400]


def test_an_address_whose_words_drip_is_left_in_time(monkeypatch):
    monkeypatch.setattr(gateway, "SECONDS", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drips():
            line, _ = server.accept()
            with line, suppress(OSError):
                for letter in "HTTP/1.1 200 OK":
                    line.send(letter.encode())
                    sleep(0.2)

        Thread(target=drips, daemon=True).start()
        began = monotonic()
        with pytest.raises(Unreachable):
            fetch_keys(f"http://127.0.0.1:{server.getsockname()[1]}/")
        assert monotonic() - began < 1.5


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("224.0.1.1", False),
        ("ff0e::1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:a00:1::1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_an_address_that_leads_to_another_is_not_public(address, public):
    assert is_public(ip_address(address)) is public


def test_the_address_that_was_judged_is_the_one_that_is_gone_to(elsewhere, monkeypatch):
    asked, truly = [], socket.getaddrinfo

    def moves(host, *about, **more):
        asked.append(host)
        return truly("127.0.0.1" if len(asked) == 1 else "10.0.0.1", *about, **more)

    monkeypatch.setattr(socket, "getaddrinfo", moves)
    fetch_keys(elsewhere.url.replace("127.0.0.1", "moves.exemple.fr"))
    assert (asked, elsewhere.asked) == (["moves.exemple.fr"], 1)

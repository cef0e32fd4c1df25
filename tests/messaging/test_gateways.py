"""One contract for every carrier, each against a real peer on loopback: SMPP, HTTP, SMTP, essai."""

import asyncio
import json
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import smpp34
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from cordee.messaging.gateways import (
    DoubtfulError,
    FailingError,
    Fate,
    LinkChanged,
    Outgoing,
    PostponedError,
    Receipt,
    RefusedError,
    TextReceived,
    ThrottledError,
    UnreachableError,
    http,
    mail,
    smpp,
)
from cordee.messaging.gateways.http import read_call
from cordee.messaging.gateways.test_phone import TestPhone
from tests.messaging.centre import MessageCentre, free_port
from tests.support import serve

TEXT = "SIO : répondez OUI 4821 à l'appel"


class SmppPeer:
    """The message centre."""

    to = "+33612345678"
    refusals = {"throttled": smpp34.ESME_RTHROTTLED, "refused": smpp34.ESME_RINVDSTADR}
    refusals |= {"failing": smpp34.ESME_RSYSERR, "unreachable": smpp34.ESME_RINVSRCADR}

    def __init__(self):
        self.centre = MessageCentre()

    def __enter__(self):
        self.centre.__enter__()
        return self

    def __exit__(self, *args):
        self.centre.__exit__(*args)

    def gateway(self, port=None):
        account = smpp.Account("127.0.0.1", port or self.centre.port, "cordee", "secret", "38600")
        return smpp.SmppGateway(account)

    def refuse(self, kind):
        self.centre.policy = lambda event: self.refusals[kind]

    def texts(self):
        return [taken.text for taken in self.centre.submitted]


class HttpPeer:
    """A carrier's HTTP server."""

    to = "+33612345678"
    refusals = {"throttled": 429, "refused": 400, "postponed": 408, "failing": 503}
    refusals |= {"moved": 302, "unpaid": 402}

    def __enter__(self):
        self.calls, self.status = [], 200
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                peer.calls.append((dict(self.headers), json.loads(body)))
                answer = json.dumps({"ref": "h0001"}).encode()
                self.send_response(peer.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        serve(self.server)
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def gateway(self, port=None):
        names = {"to": "numero", "text": "contenu", "id": "ref"}
        url = f"http://127.0.0.1:{port or self.server.server_port}/sms"
        return http.HttpGateway(http.Account(url, "jeton", "38600", names))

    def refuse(self, kind):
        self.status = self.refusals[kind]

    def texts(self):
        return [body["contenu"] for _, body in self.calls]


class MailPeer:
    """A mail server."""

    to = "cabinet@exemple.fr"
    refusals = {"refused": "550 inconnu", "failing": "451 plus tard"}

    def __enter__(self):
        self.letters, self.answer = [], ""
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.factory = lambda: SMTP(self, enable_SMTPUTF8=True)
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    async def handle_DATA(self, server, session, envelope):
        if self.answer:
            return self.answer
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def gateway(self, port=None):
        url = f"smtp://127.0.0.1:{port or self.controller.port}"
        return mail.MailGateway(mail.Account(url, "cordee@exemple.fr", timeout=5))

    def refuse(self, kind):
        self.answer = self.refusals[kind]

    def texts(self):
        return [letter.get_content().strip() for letter in self.letters]


class PhonePeer:
    """The test phone: nobody on the other side."""

    to = "+33612345678"
    refusals: dict[str, object] = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def gateway(self, port=None):
        return TestPhone()

    def texts(self):
        return []


PEERS = [SmppPeer, HttpPeer, MailPeer, PhonePeer]
ERRORS = {"throttled": ThrottledError, "refused": RefusedError, "postponed": PostponedError}
ERRORS |= {"failing": FailingError}
ERRORS |= dict.fromkeys(("unreachable", "moved", "unpaid"), UnreachableError)
REFUSALS = [(peer, kind) for peer in PEERS for kind in peer.refusals]


def outgoing(peer, key="m1", **more):
    more = {"text": TEXT, "reference": 7, "to": peer.to, "subject": "SIO : à lire"} | more
    return Outgoing(key=key, **more)


@asynccontextmanager
async def opened(gateway):
    events, up = [], asyncio.Event()

    async def listen(event):
        events.append(event)
        if isinstance(event, LinkChanged) and event.up:
            up.set()

    await gateway.open(listen)
    try:
        await asyncio.wait_for(up.wait(), 10)
        yield gateway
    finally:
        await gateway.close()


@contextmanager
def a(peer):
    with peer() as there:
        yield there


@pytest.mark.parametrize("peer", PEERS)
async def test_a_carrier_says_it_is_up_and_takes_a_message_whole(peer):
    with a(peer) as there:
        async with opened(there.gateway()) as gateway:
            accepted = await gateway.send(outgoing(there))
    assert all(accepted.carrier_ids)
    assert accepted.carrier_ids
    assert there.texts() == ([] if peer is PhonePeer else [TEXT])


@pytest.mark.parametrize("peer", PEERS)
async def test_a_carrier_takes_one_message_after_another(peer):
    with a(peer) as there:
        async with opened(there.gateway()) as gateway:
            for number in range(3):
                assert (await gateway.send(outgoing(there, f"m{number}"))).carrier_ids
    assert len(there.texts()) in (0, 3)


@pytest.mark.parametrize(("peer", "kind"), REFUSALS)
async def test_each_refusal_has_its_kind_and_the_next_message_passes(peer, kind):
    with a(peer) as there:
        async with opened(there.gateway()) as gateway:
            there.refuse(kind)
            with pytest.raises(ERRORS[kind]) as refusal:
                await gateway.send(outgoing(there))
            assert refusal.value.reason
            assert TEXT not in refusal.value.reason


@pytest.mark.parametrize("peer", [HttpPeer, MailPeer])
async def test_nobody_there_is_unreachable_and_not_a_doubt(peer):
    with a(peer) as there:
        gateway = there.gateway(port=free_port())
        async with opened(gateway):
            with pytest.raises(UnreachableError):
                await gateway.send(outgoing(there))


async def test_an_http_carrier_gets_its_own_names_a_token_and_the_same_key_again():
    with a(HttpPeer) as there:
        async with opened(there.gateway()) as gateway:
            first = await gateway.send(outgoing(there))
            await gateway.send(outgoing(there, again=True))
    (headers, body), (again, _) = there.calls
    assert first.carrier_ids == ("h0001",)
    assert body == {"numero": there.to, "contenu": TEXT, "ref": "m1", "sender": "38600"}
    assert headers["Authorization"] == "Bearer jeton"
    assert headers["Idempotency-Key"] == again["Idempotency-Key"] == "m1"


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_wrong_account_is_no_fault_of_the_message(status):
    with a(HttpPeer) as there:
        there.status = status
        async with opened(there.gateway()) as gateway:
            with pytest.raises(UnreachableError):
                await gateway.send(outgoing(there))


async def test_an_http_carrier_that_hangs_up_in_the_middle_is_a_doubt():
    async def hang_up(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        account = http.Account(f"http://127.0.0.1:{port}/", "jeton", timeout=2)
        async with opened(http.HttpGateway(account)) as gateway:
            with pytest.raises(DoubtfulError):
                await gateway.send(outgoing(HttpPeer))


async def test_a_mail_is_plain_says_who_writes_and_is_recognisable_when_doubled():
    with a(MailPeer) as there:
        async with opened(there.gateway()) as gateway:
            for _ in range(2):
                await gateway.send(outgoing(there))
    first, second = there.letters
    assert first["Message-ID"] == second["Message-ID"] == "<m1@exemple.fr>"
    assert (first["From"], first["To"]) == ("cordee@exemple.fr", there.to)
    assert first["Subject"] == "SIO : à lire"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content_type() == "text/plain"


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
async def test_an_invitation_travels_with_a_mail_as_calendars_take_it(method):
    calendar = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nSUMMARY:Réunion\r\nEND:VCALENDAR\r\n"
    with a(MailPeer) as there:
        async with opened(there.gateway()) as gateway:
            await gateway.send(replace(outgoing(there), calendar=calendar))
    words, joined = there.letters[0].iter_parts()
    assert words.get_content_type() == "text/plain"
    assert joined.get_content_type() == "text/calendar"
    assert joined["Content-Type"].params["method"] == method
    assert joined.get_filename() == "concertation.ics"
    assert joined.get_content().split() == calendar.split()


async def test_a_mail_server_that_dies_in_the_middle_is_a_doubt_then_found_again():
    with a(MailPeer) as there:
        async with opened(there.gateway()) as gateway:
            await gateway.send(outgoing(there))
            port = there.controller.port
            there.controller.stop()
            with pytest.raises((DoubtfulError, UnreachableError)):
                await gateway.send(outgoing(there, "m2"))
            there.controller = Controller(there, hostname="127.0.0.1", port=port)
            there.controller.start()
            assert (await gateway.send(outgoing(there, "m3"))).carrier_ids


@pytest.mark.parametrize(
    ("url", "encrypted"),
    [
        ("smtp://u:p%40ss@mail.exemple.fr", (False, True)),
        ("smtps://mail.exemple.fr:465", (True, False)),
        ("smtp://127.0.0.1:1025", (False, False)),
        ("smtp://localhost", (False, False)),
    ],
)
def test_mail_beyond_this_machine_is_always_encrypted(url, encrypted):
    options = mail.Account(url, "x@y.fr").options
    assert (options["use_ssl"], options["use_tls"]) == encrypted
    assert options["password"] in ("", "p@ss")


@pytest.mark.parametrize(
    ("payload", "event"),
    [
        (
            {"from": "33612345678", "text": "oui", "id": "k"},
            TextReceived("33612345678", "oui", "", "k"),
        ),
        ({"from": "336", "text": ""}, TextReceived("336", "")),
        ({"from": 33612345678, "text": "x\x00y"}, TextReceived("33612345678", "xy")),
        ({"id": "h1", "status": "DELIVRD"}, Receipt(Fate.DELIVERED, "h1")),
        (
            {"id": "h1", "status": "failed", "reason": "EXPIRED"},
            Receipt(Fate.FAILED, "h1", None, "EXPIRED"),
        ),
        ({"id": "h1", "status": "buffered"}, Receipt(Fate.UNDERWAY, "h1", None, "buffered")),
        ({"id": "h1"}, None),
        ({}, None),
        ([], None),
        (None, None),
        ("oui", None),
        ({"from": ["x"], "text": "oui"}, None),
    ],
)
def test_what_an_http_carrier_posts_is_read_or_refused(payload, event):
    assert read_call(payload, http.Account("", "")) == event

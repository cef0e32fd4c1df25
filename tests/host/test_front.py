"""One port: streams stay streams, pages stay pages, and no header passes for another."""

import asyncio
import http.client
import json
import os
import socket
import subprocess
import sys
import textwrap
from io import BytesIO
from threading import Event
from time import sleep

import psycopg
import pytest
from django.conf import settings

from host.front import SENDINGS, Front, Pages
from host.setup import ROOT

SERVER = """
import json, os, socket, sys
from dataclasses import replace
from config.environment import read
from host import front

def pages(environ, start_response):
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError("a fault of ours")
    seen = {name: value for name, value in environ.items() if isinstance(value, str)}
    seen["to the database"] = os.environ.get("PGOPTIONS", "")
    seen["body"] = len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(seen).encode()]

async def streams(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        return await send({"type": "lifespan.startup.complete"})
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"text/event-stream")]})
    for number in range(2):
        await send({"type": "http.response.body", "body": b"data: %d\\n\\n" % number,
                    "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass

front.application = lambda environment: front.Front(front.Pages(pages, 4), streams)
front.serve(read(os.environ), socket.socket(fileno=int(sys.argv[1])))
"""


@pytest.fixture(params=["non", "oui"], ids=["alone", "behind TLS"])
def port(request, tmp_path):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    environ = {name: value for name, value in os.environ.items() if "CORDEE" not in name}
    environ |= {"CORDEE_DATA": str(tmp_path), "CORDEE_BEHIND_TLS": request.param}
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SERVER), str(listener.fileno())],
        cwd=ROOT,
        env=environ,
        pass_fds=(listener.fileno(),),
    )
    number = listener.getsockname()[1]
    listener.close()
    yield number
    process.terminate()
    process.wait(20)  # an open stream does not hold the stop


@pytest.fixture
def ask(port):
    """A browser: its connections are closed when the test ends, not before."""
    opened = []

    def ask(path, *, method="GET", body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        opened.extend([response, connection])
        return response

    yield ask
    for one in opened:
        one.close()


def test_pages_go_to_wsgi_whole(ask):
    response = ask("/personnes/?page=2", method="POST", body=b"x" * 3_000_000)
    seen = json.loads(response.read())
    assert seen["REQUEST_METHOD"] == "POST"
    assert seen["PATH_INFO"] == "/personnes/"
    assert seen["QUERY_STRING"] == "page=2"
    assert seen["body"] == 3_000_000


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_look_goes_as_a_gesture_does(ask, method):
    response = ask("/personnes/?page=2", method=method, body=b"x" * 70_000)
    seen = json.loads(response.read())
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    assert (seen["REQUEST_METHOD"], seen["QUERY_STRING"]) == (method, "page=2")
    assert seen["body"] == 70_000


def test_what_a_machine_brings_goes_whole_whatever_its_length(ask):
    for size in (0, 70_000, 2_500_000, 2_600_000):
        response = ask("/fhir/Patient", method="POST", body=b"x" * size)
        seen = json.loads(response.read())
        assert (response.status, seen["body"]) == (200, size)
    pieces = iter([b"x" * 40_000, b"x" * 2])
    response = ask("/fhir/Patient", method="POST", body=pieces)
    assert json.loads(response.read())["body"] == 40_002


def test_a_page_that_breaks_is_an_error_and_the_next_one_is_served(ask):
    assert ask("/broken").status == 500
    assert ask("/").status == 200


def test_open_streams_do_not_hold_the_pages(ask):
    streams = [ask("/direct") for _ in range(12)]
    assert [stream.readline() for stream in streams] == [b"data: 0\n"] * 12
    assert ask("/").status == 200


@pytest.mark.django_db
def test_pages_have_their_statements_planned_once(ask):
    said = json.loads(ask("/").read())["to the database"]
    url = settings.SERVER.app_url(settings.TEST_DATABASE)
    with psycopg.connect(url, options=said) as session:
        assert session.execute("SHOW plan_cache_mode").fetchone() == ("force_generic_plan",)


def test_a_header_with_an_underscore_cannot_pass_for_a_trusted_one(ask):
    response = ask("/", headers={"X_Forwarded_Proto": "https", "X_Real_Name": "x"})
    seen = json.loads(response.read())
    assert "HTTP_X_FORWARDED_PROTO" not in seen
    assert "HTTP_X_REAL_NAME" not in seen


@pytest.mark.parametrize(("port", "believed"), [("non", False), ("oui", True)], indirect=["port"])
def test_the_address_of_a_reader_is_that_of_the_proxy_only_when_there_is_one(ask, believed):
    response = ask("/", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    seen = json.loads(response.read())
    assert (seen["REMOTE_ADDR"] == "203.0.113.9") is believed
    assert (seen["wsgi.url_scheme"] == "https") is believed


async def asked(front, method, path):
    """The status of what is answered to an empty question."""
    told = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        told.append(message)

    about = {"http_version": "1.1", "query_string": b"", "headers": []}
    await front({"type": "http", "method": method, "path": path, **about}, receive, send)
    return told[0]["status"]


def test_phones_that_come_back_together_leave_room_for_who_looks_at_a_screen():
    go_on = Event()

    def pages(environ, start_response):
        environ["wsgi.input"].read()
        assert environ["PATH_INFO"] != SENDINGS or go_on.wait(20)
        start_response("200 OK", [])
        return [b"a page"]

    async def come_back():
        front = Pages(pages, 4)
        sendings = [asyncio.create_task(asked(front, "POST", SENDINGS)) for _ in range(12)]
        try:
            for method in ("GET", "POST"):
                assert await asyncio.wait_for(asked(front, method, "/a-faire"), 15) == 200
        finally:
            go_on.set()
        assert await asyncio.gather(*sendings) == [200] * 12

    asyncio.run(come_back())


@pytest.mark.parametrize("path", [SENDINGS, "/fhir/Patient"])
@pytest.mark.parametrize(("piece", "refused"), [(b"x", 408), (b"x" * 3_000_000, 413)])
def test_those_whose_network_dies_hold_no_thread_of_those_that_send(
    monkeypatch, piece, refused, path
):
    """Many stall in the middle of a body, or never end it: the next one is served meanwhile."""
    monkeypatch.setattr("host.front.SILENCE", 1.0)

    def pages(environ, start_response):
        environ["wsgi.input"].read()
        start_response("200 OK", [])
        return [b"taken"]

    async def sent(front, messages):
        left, told = list(messages), []

        async def receive():
            return left.pop(0) if left else await asyncio.Event().wait()

        async def send(message):
            told.append(message)

        about = {"http_version": "1.1", "query_string": b"", "headers": []}
        await front({"type": "http", "method": "POST", "path": path, **about}, receive, send)
        return told[0]["status"]

    async def come_back():
        front = Pages(pages, 4)
        begun = {"type": "http.request", "body": piece, "more_body": True}
        ended = {"type": "http.request", "body": b"x", "more_body": False}
        stalled = [asyncio.create_task(sent(front, [begun])) for _ in range(6)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(sent(front, [ended]), 10) == 200
        assert await asyncio.wait_for(asyncio.gather(*stalled), 10) == [refused] * 6

    asyncio.run(come_back())


def test_what_machines_bring_is_held_once_whole_as_long_as_there_is_room(monkeypatch):
    monkeypatch.setattr("host.front.HELD_AT_MOST", 100)
    monkeypatch.setattr("host.front.SILENCE", 0.2)

    def pages(environ, start_response):
        held = isinstance(environ["wsgi.input"], BytesIO)
        start_response("200 OK", [])
        return [b"held" if held else b"by pieces"]

    async def sent(front, path, *messages):
        left, told = list(messages), []

        async def receive():
            return left.pop(0) if left else await asyncio.Event().wait()

        async def send(message):
            told.append(message)

        about = {"http_version": "1.1", "query_string": b""}
        headers = [(b"content-length", b"60")]
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers, **about}
        await front(scope, receive, send)
        return b"".join(one.get("body", b"") for one in told)

    async def come():
        front = Pages(pages, 4)
        whole = {"type": "http.request", "body": b"x" * 60, "more_body": False}
        for path in ("/fhir", "/fhir/Patient"):
            assert await sent(front, path, whole) == b"held"
        assert await sent(front, "/fhirs", whole) == b"by pieces"
        stalled = asyncio.create_task(sent(front, "/fhir"))
        await asyncio.sleep(0)
        assert await sent(front, "/fhir/Patient", whole) == b"by pieces"
        await stalled
        assert await sent(front, "/fhir/Patient", whole) == b"held"

    asyncio.run(come())


def test_looks_are_made_one_after_the_other_in_the_order_in_which_they_came(monkeypatch):
    monkeypatch.setattr("host.front.MOMENT", 60)  # a slow machine takes nobody's turn
    under_way, most, order = [], [], []

    def pages(environ, start_response):
        under_way.append(environ["PATH_INFO"])
        most.append(len(under_way))
        sleep(0.005)
        order.append(environ["PATH_INFO"])
        under_way.pop()
        if environ["PATH_INFO"] == "/3":
            raise RuntimeError("one that fails gives its turn back")
        start_response("200 OK", [])
        return [b"seen"]

    async def come():
        front = Pages(pages, 4)
        looks = [asked(front, "GET", f"/{number}") for number in range(9)]
        told = await asyncio.gather(*looks, return_exceptions=True)
        assert [one for one in told if one == 200] == [200] * 8
        assert await asked(front, "GET", "/9") == 200

    asyncio.run(come())
    assert set(most) == {1}
    assert order == [f"/{number}" for number in range(10)]


def test_nobody_waits_behind_a_look_that_lasts():
    go_on, order = Event(), []

    def pages(environ, start_response):
        if environ["PATH_INFO"].startswith("/slow"):
            assert go_on.wait(60)
        order.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b"seen"]

    async def come():
        front = Pages(pages, 4)
        slow = [asyncio.create_task(asked(front, "GET", f"/slow/{number}")) for number in range(3)]
        await asyncio.sleep(0)
        for number in range(5):  # each finds the turn free: those that last gave theirs back once
            assert await asyncio.wait_for(asked(front, "GET", f"/{number}"), 30) == 200
        go_on.set()
        assert await asyncio.gather(*slow) == [200] * 3

    asyncio.run(come())
    assert order[:5] == [f"/{number}" for number in range(5)]


def test_the_front_knows_a_stream_by_its_path_alone():
    went = []

    def application(name):
        async def note(scope, receive, send):
            went.append(name)

        return note

    front = Front(application("page"), application("stream"))
    for path in ("/direct", "/direct/fil", "/directement", "/", "/annuaire/direct"):
        asyncio.run(front({"type": "http", "path": path, "headers": []}, None, None))
    asyncio.run(front({"type": "lifespan"}, None, None))
    assert went == ["stream", "stream", "page", "page", "page", "stream"]

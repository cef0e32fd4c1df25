"""Calls of machines, by the straight way and by the ordinary one."""

from contextlib import contextmanager
from io import BytesIO
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from config.straight import Straight
from cordee.access import sight
from cordee.access.actor import ANONYMOUS
from tests.factories.partners import asks
from tests.partners.dance import TOKEN
from tests.support import NOW, Browser

FORM = "application/x-www-form-urlencoded"


@contextmanager
def as_a_process_of_pages():
    """Nobody is named to the session; it stays open, as it does for the client of tests."""
    signals = request_started, request_finished
    for signal in signals:
        signal.disconnect(close_old_connections)
    with sight.seen_by(ANONYMOUS):
        yield
    for signal in signals:
        signal.connect(close_old_connections)


def token_of(system, scope="system/*.cruds"):
    return Browser().post(TOKEN, asks(system, scope=scope)).json()["access_token"]


def environ(token, key, **more):
    """A call of WSGI, as the house makes it of what a machine asks."""
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/fhir/Patient/{key}",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT": "application/fhir+json",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "cordee.now": NOW,
        **more,
    }


def answer(way, asked):
    """The status, the headers in their order and the body of an answer."""
    said = []
    with as_a_process_of_pages():
        response = way(read_again(asked), lambda *told: said.append(told[:2]))
        body = b"".join(response)
        getattr(response, "close", lambda: None)()
    status, headers = said[-1]
    return status, [(str(name), str(value)) for name, value in headers], body


def counted(asked, door):
    """How many calls of that door each way counts, the straight one first."""
    from prometheus_client.core import REGISTRY

    named = {"door": door, "method": asked["REQUEST_METHOD"], "status": "2xx"}
    told = lambda: REGISTRY.get_sample_value("cordee_requests_total", named) or 0  # noqa: E731
    seen = []
    for way in (Straight(nowhere), ORDINARY):
        before = told()
        answer(way, asked)
        seen.append(told() - before)
    return seen


def searching(token, words, **more):
    """A search by POST, as most partners send it."""
    said = urlencode(words).encode()
    asked = environ(token, "_search", REQUEST_METHOD="POST", CONTENT_TYPE=FORM)
    told = {"CONTENT_LENGTH": str(len(said)), "wsgi.input": BytesIO(said)}
    return asked | told | more


def read_again(asked):
    """The same call, whose body was not read yet."""
    return asked | {"wsgi.input": BytesIO(asked["wsgi.input"].getvalue())}


ORDINARY = WSGIHandler()


def nowhere(environ, start):
    """What the straight way leaves to others."""
    start("000 left", [])
    return []


def is_left(asked):
    """Whether the straight way leaves a call to the ordinary way."""
    return answer(Straight(nowhere), asked)[0] == "000 left"


def both(asked):
    """The answer of the straight way alone, and that of the ordinary way."""
    return answer(Straight(nowhere), asked), answer(ORDINARY, asked)

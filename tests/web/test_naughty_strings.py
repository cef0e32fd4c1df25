"""Every field of every form of every room, filled with what nobody should type.

Each is stored as it was typed and shown as such, or refused with a sentence; nothing breaks.
"""

import html as markup
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from cordee.access.actor import ANONYMOUS
from cordee.directory.kinds import CareKind
from tests.access.scene import set_scene
from tests.access.test_permission_matrix import addresses, identifiers
from tests.factories.intake import CareRequestFactory
from tests.support import NOW, Browser
from tests.web.forms_on_pages import Form, forms_in

READERS = ("orienteuse", "coordinator", "circle", "home_help", "person", "dpo", "admin", "guest")
MARK = "Zq7"
EVIL = (
    f"{MARK} 👩🏽‍⚕️ \u202eعكس\u202c '\";-- <script>alert('{MARK}')</script> ${{{{7*13371337}}}} 𠜎"
)
STRINGS = {
    "markup and quotes": EVIL.encode(),
    "ten kilobytes": f"{MARK}{'é' * 10_000}".encode(),
    "nothing but spaces": "\u00a0 \u2003\t ".encode(),
    "a NUL": f"{MARK}\0fin".encode(),
    "a lone surrogate": MARK.encode() + b"\xed\xa0\x80fin",
    "half a letter": MARK.encode() + b"\xc3",
    "very long digits": b"9" * 400,
    "below zero": b"-99999999999",
    "not a number": b"NaN",
    "digits of elsewhere": "٣٤٥".encode(),
    "a day that does not exist": b"2026-02-30",
    "the end of time": b"9999-12-31",
    "before time": b"0001-01-01",
    "a format": b"%s%n{0.__class__}",
    "a path": b"../../etc/passwd",
    "combining letters": (MARK + "Z" + "\u0301" * 200).encode(),
}
ALONE = ("markup and quotes", "a NUL", "the end of time")

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def pages(scene) -> Iterator[tuple[str, str, str]]:
    """Every page and fragment that some reader opens: reader, address, text."""
    yield from pages_of(scene, READERS)
    for request in scene.under_way:
        scene.things["request"] = request
        yield from pages_of(scene, ("orienteuse",), "intake:")


def pages_of(scene, readers, room: str = "") -> Iterator[tuple[str, str, str]]:
    for reader in readers:
        client = Browser(raise_request_exception=False)
        if scene.actors[reader] is not ANONYMOUS:
            client.as_(scene.actors[reader])
        for name, wanted in sorted(set(addresses())):
            if not name.startswith(room):
                continue
            try:
                address = reverse(name, kwargs=identifiers(name, wanted, scene, reader))
            except NoReverseMatch:
                continue
            answer = client.get(address)
            if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
                yield reader, address, answer.content.decode()


def forms(scene) -> Iterator[tuple[str, str, Form]]:
    """Each form once, with a reader who may open its page."""
    seen = set()
    for reader, address, text in pages(scene):
        for form in forms_in(text):
            target = urlsplit(form.action or address).path
            try:
                where = resolve(target).view_name
            except Resolver404:
                raise AssertionError(f"{address} has a form to nowhere: {target}") from None
            what = (where, form.method, *sorted({*form.typed, *form.rest}))
            if form.typed and what not in seen:
                seen.add(what)
                yield reader, target, form


def sent(form: Form, naughty: dict[str, bytes]) -> bytes:
    """The body that a browser makes of a form, some fields of it filled with bytes of ours."""
    whole = {name: [value.encode() for value in values] for name, values in form.rest.items()}
    whole |= {name: [value.encode()] for name, value in form.typed.items()}
    whole |= {name: [value] for name, value in naughty.items()}
    pairs = [(name, value) for name, values in whole.items() for value in values]
    return "&".join(
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in pairs
    ).encode()


@contextmanager
def watching(written: list[str]):
    """Note every text that goes into the database meanwhile."""

    def watch(execute, sql, params, many, context):
        if re.match(r"\s*(INSERT|UPDATE)", str(sql), re.I):
            for value in params or ():
                value = getattr(value, "obj", value)  # JSON travels wrapped
                written.append(json.dumps(value, ensure_ascii=False, default=str))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


def send(client, target: str, form: Form, naughty: dict[str, bytes]):
    body = sent(form, naughty)
    if form.method == "get":
        return client.get(target, QUERY_STRING=body.decode())
    return client.post(target, body, content_type="application/x-www-form-urlencoded")


def faults(client, target: str, form: Form, naughty: dict[str, bytes]) -> Iterator[str]:
    """What is wrong with the answer to one form, in words."""
    cache.clear()
    written: list[str] = []
    with transaction.atomic():
        with watching(written):
            answer = send(client, target, form, naughty)
        shown = [answer]
        if answer.status_code in (302, 303) and answer.url.startswith("/"):
            shown.append(client.get(answer.url))
        transaction.set_rollback(True)
    for one in shown:
        text = one.content.decode(errors="replace") if not one.streaming else ""
        if one.status_code >= 500:
            yield f"{one.status_code}"
        if f"<script>alert('{MARK}" in text or "93599359" in text and "7*13371337" not in text:
            yield "taken for markup or for a program"
        if one.status_code in (400, 409, 422) and not re.search(r"[a-zà-ÿ]{3,}.*[.:!]", text):
            yield f"{one.status_code} without a sentence"
    yield from mangled(written, naughty)


def mangled(written: list[str], naughty: dict[str, bytes]) -> Iterator[str]:
    """What was stored otherwise than it was typed (spaces and capitals aside)."""
    for value in set(naughty.values()):
        typed = value.decode(errors="replace")
        if MARK not in typed or "\0" in typed:
            continue
        wanted = _plain(json.dumps(typed, ensure_ascii=False)[1:-1])
        for text in written:
            if MARK.casefold() in text.casefold() and wanted not in _plain(text):
                yield f"stored otherwise: {text[:90]}"


def _plain(text: str) -> str:
    return " ".join(markup.unescape(text).split()).casefold()


def stage():
    """The scene of the permissions, with a practice to describe and requests at every step."""
    scene = set_scene()
    found = {"practitioner": scene.nurse}
    seen = found | {"first_visit_on": NOW.date()}
    steps = {"qualified": {}, "searching": {}, "found": found, "confirmed": seen}
    scene.things["under_way"] = [
        CareRequestFactory(
            organization=scene.sio, person=scene.person, state=state, kind=kind, **more
        )
        for kind, (state, more) in zip(list(CareKind)[2:], steps.items(), strict=False)
    ]
    return scene


def test_no_field_of_any_form_breaks_or_twists_what_is_typed():
    scene = stage()
    found, wrong = 0, []
    for reader, target, form in list(forms(scene)):
        client = Browser(raise_request_exception=False)
        if scene.actors[reader] is not ANONYMOUS:
            client.as_(scene.actors[reader])
        trials = [(kind, dict.fromkeys(form.typed, value)) for kind, value in STRINGS.items()]
        trials += [
            (f"{kind} in {name}", {name: STRINGS[kind]}) for name in form.typed for kind in ALONE
        ]
        everywhere = [*form.typed, *form.rest]
        trials += [
            (f"{kind} everywhere", dict.fromkeys(everywhere, STRINGS[kind])) for kind in ALONE
        ]
        for kind, naughty in trials:
            found += 1
            wrong += [
                f"{form.method} {resolve(target).view_name} ({reader}), {kind}: {fault}"
                for fault in faults(client, target, form, naughty)
            ]
    assert found > 800
    assert not wrong, f"{len(wrong)} of {found}\n" + "\n".join(wrong)

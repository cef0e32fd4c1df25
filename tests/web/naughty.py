"""What nobody should type, who meets which of it, and what an answer to it must not be."""

import html as markup
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from urllib.parse import quote_from_bytes

from django.core.cache import cache
from django.db import connection, transaction

from tests.web.forms_on_pages import Form

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
FAMILIES = {
    "nothing": ("a NUL",),
    "words": ("markup and quotes", "ten kilobytes", "nothing but spaces", "combining letters"),
    "numbers": ("very long digits", "below zero", "not a number", "digits of elsewhere"),
    "moments": ("the end of time", "before time", "a day that does not exist"),
    "octets": ("a lone surrogate", "half a letter", "a format", "a path"),
}
"""Strings by the fault that they look for; the worst of each first."""
OWN = {"number": "numbers", **dict.fromkeys(("date", "time", "datetime-local"), "moments")}
WHOLE = ("markup and quotes", "a NUL", "the end of time")


class Deal:
    """Who meets what. A widget is written and read by one code, wherever it stands: hence every
    field meets every family, all of what its widget is read as, one of each other, in turn; and
    every widget meets every string. A widget that is seldom seen has all of them in each field.
    """

    def __init__(self, forms: Iterable[Form]):
        seen = Counter(widget for form in forms for widget in form.widgets.values())
        self.seldom = {w for w, times in seen.items() if times < max(map(len, FAMILIES.values()))}
        self.turns: Counter[str] = Counter()

    def hand(self, widget: str) -> list[str]:
        """The strings that the next field of a widget meets."""
        turn, own = self.turns[widget], OWN.get(widget, "words")
        self.turns[widget] += 1
        return [
            kind
            for family, kinds in FAMILIES.items()
            for place, kind in enumerate(kinds)
            if family == own or widget in self.seldom or place == turn % len(kinds)
        ]

    def trials(self, form: Form) -> Iterator[dict[str, str]]:
        """What to type in the fields of a form, request after request.

        Alone, beside what is likely, the NUL and the worst of what the field is read as: a gesture
        may get that far. The rest together, each field another. At last everything, hidden too.
        """
        hands, siblings = {}, set()
        for name, widget in form.widgets.items():
            hands[name] = self.hand(widget)
            row = re.sub(r"[0-9a-f]{8,}|\d+", "#", name)  # a field of each line of a list
            if row not in siblings:
                siblings.add(row)
                for kind in ("a NUL", FAMILIES[OWN.get(widget, "words")][0]):
                    hands[name].remove(kind)
                    yield {name: kind}
        for together in zip_longest(*hands.values()):
            yield {name: kind for name, kind in zip(hands, together, strict=True) if kind}
        for kind in WHOLE:
            yield dict.fromkeys([*form.typed, *form.rest], kind)


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
    typed = {value.decode(errors="replace") for value in naughty.values()}
    typed |= {one.replace("\0", "") for one in typed}
    kept = sorted((_plain(json.dumps(one, ensure_ascii=False)[1:-1]) for one in typed), key=len)
    for text in written:
        left = _plain(text)
        for one in reversed([one for one in kept if MARK.casefold() in one]):
            left = left.replace(one, "")
        if MARK.casefold() in left:
            yield f"stored otherwise: {text[:90]}"


def _plain(text: str) -> str:
    return " ".join(markup.unescape(text).split()).casefold()

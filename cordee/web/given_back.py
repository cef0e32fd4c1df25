"""A form that comes back filled, when its session or its proof was of before: nothing of it is
done, nothing that was written is lost, and whoever wrote it presses again.

The page carries a note of who may send it in one press (`hands.py`)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from cordee.kernel.typography import full_day
from cordee.web.hands import NOTE, SIGN_IN, note_of, note_of_before, sender

PROOF = "csrfmiddlewaretoken"
SECRET = re.compile(r"password|^(code|otp)$")  # the name of a field that opens a door
NEVER = {"partners:authorize", "web:accept_invitation"}  # whose answer is worth its whole page
LONGEST = 2_000_000  # octets that are read of somebody who is not signed in

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TOKEN = re.compile(r"(?=.*\d)[\w:=-]{24,}", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OF_THE_PAGE = re.compile(  # fields by which our pages say what they showed, and which version
    r"^_|seen$|shown$|_id$|^(key|kept|geste|times|edition|empreinte|fenetre|lu|after|sur|origin)$"
)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form holds: each value by its field, and the files to choose again."""

    values: list[tuple[str, str]]
    files: list[tuple[str, list[str]]]

    @property
    def is_bare(self) -> bool:
        """Whether it was a button and nothing else."""
        return not (self.values or self.files)

    @property
    def words(self) -> list[str]:
        """What was written and chosen, to be read again; not what the page says to itself."""
        read = [
            _said(name, value.strip())
            for name, value in self.values
            if not OF_THE_PAGE.search(name)
        ]
        return [one for one in read if one]


def _said(name: str, value: str) -> str:
    """What somebody would read on the page; nothing for what a page says to itself."""
    if value in ("", "on") or UUID.fullmatch(value) or TOKEN.fullmatch(value):
        return ""
    if words := _choices().get(value):
        here = words.get(name) or {one for some in words.values() for one in some}
        return min(here) if len(here) == 1 else ""  # which one is not known: none is said
    try:
        return full_day(date.fromisoformat(value)) if DAY.fullmatch(value) else value
    except ValueError:  # a day that no calendar has
        return value


@cache
def _choices() -> dict[str, dict[str, set[str]]]:
    """How what is chosen is said, by what it is kept as, then by the name of the field."""
    told: dict[str, dict[str, set[str]]] = {}
    for field in (one for model in apps.get_models() for one in model._meta.get_fields()):
        for value, words in getattr(field, "flatchoices", None) or []:
            told.setdefault(str(value), {}).setdefault(field.name, set()).add(str(words))
    return told


# --- what may come back ------------------------------------------------------------------------


def came_from_here(request: HttpRequest) -> bool:
    """Tell whether a page of ours sent it: browsers say so, in a header that no page can forge.
    What another site wrote is never given back, for somebody would press for it."""
    return request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin"


def filled(request: HttpRequest) -> Filled | None:
    """Give what a form of ours holds; nothing of a form of elsewhere, nor of one with a secret."""
    if not (came_from_here(request) and _may_come_back(request) and _may_be_read(request)):
        return None
    values = [
        (name, one)
        for name, some in request.POST.lists()
        for one in some
        if name not in (PROOF, NOTE)
    ]
    files = [(name, [str(one.name) for one in some]) for name, some in request.FILES.lists()]
    has_a_secret = any(SECRET.search(name) for name, _ in values)
    return None if has_a_secret else Filled(values, files)


def _may_come_back(request: HttpRequest) -> bool:
    """Whether a page of ours reads it, which is none of the sign-in nor of a consent."""
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return False
    is_ours = match.func.__module__.startswith("cordee.") and not takes_no_proof(match.func)
    is_sign_in = request.path_info.split("/")[1] == SIGN_IN
    return is_ours and not is_sign_in and match.view_name not in NEVER


def takes_no_proof(view: Callable[..., Any]) -> bool:
    """Whether it asks for no proof (CSRF): no page of ours sends to it."""
    return getattr(view, "csrf_exempt", False)


def _may_be_read(request: HttpRequest) -> bool:
    """Whether it is signed in, or short and says so: nobody makes us read what is long."""
    length = request.META.get("CONTENT_LENGTH") or ""
    is_short = length.isdecimal() and int(length) <= LONGEST
    return request.actor.account_id is not None or is_short


# --- and to whom -------------------------------------------------------------------------------


def given_back(
    request: HttpRequest, form: Filled, message: str, *, status: int, sign_in: str = ""
) -> HttpResponse:
    """Answer with the page that holds the form, a proof of now, and who may press. `sign_in`:
    where to, first."""
    note = note_of_before(request) if sign_in else note_of(request.actor)
    context: dict[str, Any] = {"form": form, "message": message, "sign_in": sign_in}
    context |= {"note": note, "sender": sender(request)}
    return render(request, "web/given_back.jinja", context, status=status)

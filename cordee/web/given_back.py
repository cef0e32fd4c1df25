"""A form that comes back filled, when its session or its proof was of before: nothing of it is
done, nothing that was written is lost, and whoever wrote it presses again.

The page carries a note of who may send it in one press. Under another account, or another hat of
the same one, it comes back once more and says in whose name it would leave."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare, salted_hmac

from cordee.access.actor import ANONYMOUS, Actor
from cordee.kernel.typography import full_day
from cordee.web.identity import last_actor_of

PROOF = "csrfmiddlewaretoken"
NOTE = "_sender"
SALT = "cordee.web.given_back"
LASTS = timedelta(hours=12)  # as a session; then one more press
SECRET = re.compile(r"password|^(code|otp)$")  # the name of a field that opens a door
SIGN_IN = "compte"
NEVER = {"partners:authorize", "web:accept_invitation"}  # whose answer is worth its whole page
LONGEST = 2_000_000  # octets that are read of somebody who is not signed in

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TOKEN = re.compile(r"(?=.*\d)[\w:=-]{24,}", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OF_THE_PAGE = re.compile(  # fields by which our pages say what they showed, and which version
    r"^_|seen$|shown$|_id$|^(key|kept|times|edition|empreinte|fenetre|lu|after|sur|origin)$"
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
        return [
            _said(value)
            for name, value in self.values
            if not OF_THE_PAGE.search(name) and _is_read(value.strip())
        ]


def _is_read(value: str) -> bool:
    return value not in ("", "on") and not (UUID.fullmatch(value) or TOKEN.fullmatch(value))


def _said(value: str) -> str:
    try:
        return full_day(date.fromisoformat(value)) if DAY.fullmatch(value) else value
    except ValueError:  # a day that no calendar has
        return value


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
    is_ours = match.func.__module__.startswith("cordee.") and not _is_for_machines(match.func)
    is_sign_in = request.path_info.split("/")[1] == SIGN_IN
    return is_ours and not is_sign_in and match.view_name not in NEVER


def _is_for_machines(view: Callable[..., Any]) -> bool:
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
    hand = _hand_before(request) if sign_in else _hand_of(request.actor)
    context: dict[str, Any] = {"form": form, "message": message, "sign_in": sign_in}
    context |= {"note": TimestampSigner(salt=SALT).sign(hand), "sender": _sender(request)}
    return render(request, "web/given_back.jinja", context, status=status)


def _hand_of(actor: Actor) -> str:
    """Tell an account under a hat from any other, without a word of it for who reads the page."""
    hat = (actor.role, actor.organization_id, actor.practitioner_id, *sorted(actor.person_ids))
    return salted_hmac(SALT, f"{actor.account_id} {' '.join(map(str, hat))}").hexdigest()


def _hand_before(request: HttpRequest) -> str:
    """Of a visitor’s form: who had the session that ended, unless it waits since an earlier one.
    Nobody, when that is not known: whoever signs in is then told first."""
    if NOTE in request.POST:
        return _noted(request) or _hand_of(ANONYMOUS)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return _hand_of(last_actor_of(key, request.now) if key.isalnum() else ANONYMOUS)


def _noted(request: HttpRequest) -> str:
    try:
        return TimestampSigner(salt=SALT).unsign(request.POST[NOTE], max_age=LASTS)
    except BadSignature:
        return ""


def _sender(request: HttpRequest) -> str:
    """In whose name it would leave: who, in which role, for which structure."""
    actor = request.actor
    if actor.account_id is None:
        return ""
    places = [one for one in request.hats if one.organization_id == actor.organization_id]
    place = places[0].organization_name if places else ""
    return " · ".join(filter(None, [actor.name, actor.role.label, place]))


class SameHand:
    """Middleware: what was given back leaves in one press by who wrote it; views see no note."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """After the proof (CSRF), which has read the form. Raises PermissionDenied for a note in
        what was never given back."""
        if request.method != "POST" or _is_for_machines(view) or NOTE not in request.POST:
            return None
        if constant_time_compare(_noted(request), _hand_of(request.actor)):
            typed = request.POST.copy()
            del typed[NOTE]
            request.POST = typed  # type: ignore[assignment]  # the stub knows one kind of two
            return None
        if (form := filled(request)) is None:
            raise PermissionDenied
        return given_back(request, form, OTHER_HAND, status=409)


OTHER_HAND = (
    "Cette page attendait depuis une autre session, peut-être celle de quelqu’un d’autre, ou un "
    "autre de vos rôles\u00a0: rien n’a été fait. Relisez, voyez au nom de qui elle partirait, "
    "puis envoyez de nouveau si c’est bien à vous."
)

"""Whose hand sends: a page tells for whom it was written, in a note that its scripts give back.

The proof against forgery is the cookie of now, so that a page which stays open still serves once
one has signed in again. Somebody else may have signed in meanwhile in that browser, or the same
person under another hat: what was written there must not be kept in their name by one press.
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from cordee.access.actor import ANONYMOUS, Actor
from cordee.web.identity import last_actor_of

NOTE, HEADER = "_sender", "X-Sender"
SALT = "cordee.web.hands"
LASTS = timedelta(hours=12)  # as a session; then one more press
SIGN_IN = "compte"  # where one signs in, signs out and chooses a hat, whoever had the page


def note_of(actor: Actor) -> str:
    """The note of a page that is written for somebody."""
    return TimestampSigner(salt=SALT).sign(_hand_of(actor))


def note_of_before(request: HttpRequest) -> str:
    """Of a visitor’s form: who had the session that ended, unless it waits since an earlier one.
    Nobody, when that is not known: whoever signs in is then told first."""
    if told := _told(request):
        return TimestampSigner(salt=SALT).sign(_read(told) or _hand_of(ANONYMOUS))
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return note_of(last_actor_of(key, request.now) if key.isalnum() else ANONYMOUS)


def is_of_another(request: HttpRequest) -> bool:
    """Whether a gesture comes from a page that was written for somebody else, or another hat."""
    told = _told(request)
    return bool(told) and not constant_time_compare(_read(told), _hand_of(request.actor))


def sender(request: HttpRequest) -> str:
    """In whose name a gesture would be: who, in which role, for which structure."""
    actor = request.actor
    if actor.account_id is None:
        return ""
    places = [one for one in request.hats if one.organization_id == actor.organization_id]
    place = places[0].organization_name if places else ""
    return " · ".join(filter(None, [actor.name, actor.role.label, place]))


def _hand_of(actor: Actor) -> str:
    """Tell an account under a hat from any other, without a word of it for who reads the page."""
    hat = (actor.role, actor.organization_id, actor.practitioner_id, *sorted(actor.person_ids))
    return salted_hmac(SALT, f"{actor.account_id} {' '.join(map(str, hat))}").hexdigest()


def _told(request: HttpRequest) -> str:
    return request.POST.get(NOTE) or request.headers.get(HEADER, "")


def _read(note: str) -> str:
    try:
        return TimestampSigner(salt=SALT).unsign(note, max_age=LASTS)
    except BadSignature:
        return ""

"""From the bytes of a request to a resource: nothing is guessed, nothing is lost on the way.

Numbers keep the digits that were sent (1.10 is not 1.1). What two readers could understand
differently is refused: the same key twice, half a character, a depth that only an attack reaches.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest

from cordee.fhir.outcome import Issue, Json, Refusal, invalid

JSON_TYPES = frozenset({"application/fhir+json", "application/json", "text/json"})
PATCH_TYPES = frozenset({"application/json-patch+json"})
FORM_TYPES = frozenset({"application/x-www-form-urlencoded"})
DEEPEST = 64  # levels of a resource; a questionnaire in a bundle reaches thirty
LARGEST = 100  # powers of ten of a number, and digits after its point
NAME_OF_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
NOT_A_SHORT_WHOLE = re.compile(rb"\d[.eE]|-0|\d{17}")
NO_NUMBER = b"{}[]: \t\r\n"  # nor any comma: between two numbers there is one
AS_BRACES = bytes.maketrans(b"[]", b"{}")
NO_BRACE = bytes(one for one in range(256) if one not in b"{}[]")


class _Twice(ValueError):
    """A key that stands twice in one object."""


class _Immense(ValueError):
    """A number that no sum nor column could hold."""


def body_of(request: HttpRequest, wanted: frozenset[str]) -> bytes:
    """The bytes of a request. Raises Refusal: another type or writing (415), too big (413)."""
    kind = (request.content_type or "").lower()
    if kind not in wanted:
        raise Refusal(415, [_another_type(kind, wanted)])
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal(415, [_another_type(f"{kind}; charset={charset}", wanted)])
    most = settings.CORDEE.fhir_largest
    raw: bytes = request.read(most + 1)
    if len(raw) > most:
        raise Refusal(413, [too_big(most)])
    return raw


def resource_of(request: HttpRequest, expected: str = "") -> Json:
    """The resource that a request carries. Raises Refusal: unreadable, or another type."""
    return typed(parsed(body_of(request, JSON_TYPES)), expected)


def typed(resource: Any, expected: str = "") -> Json:
    """The same, once it is known to be a resource of the expected type. Raises Refusal."""
    if not isinstance(resource, dict):
        raise invalid(
            "reading.not_a_resource",
            "Le corps n’est pas une ressource : un objet JSON est attendu.",
            "The body is not a resource: a JSON object is expected.",
        )
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or (expected and kind != expected):
        raise invalid(
            "reading.resource_type",
            f"« resourceType » ne dit pas « {expected} », que cette adresse attend.",
            f"resourceType does not say {expected or 'a type'}, which this address expects.",
            "resourceType",
        )
    return resource


def parsed(raw: bytes) -> Any:
    """JSON as written, decimals kept to the digit. Raises Refusal (400)."""
    try:
        found = orjson.loads(raw)  # strict where Python’s is lax: UTF-8, NaN, halves of characters
        if _is_plain(raw, found):
            return found
        found = json.loads(raw, object_pairs_hook=_once, parse_float=_decimal, parse_int=_whole)
    except _Twice as twice:
        raise invalid(
            "reading.duplicate_key",
            f"La clé « {twice} » est écrite deux fois dans le même objet : laquelle croire ?",
            f"The key {twice} stands twice in one object.",
        ) from None
    except _Immense:
        raise invalid(
            "reading.number",
            "Un nombre est trop grand, trop petit ou trop long pour être tenu ici.",
            "A number is too large, too small or too long to be held.",
        ) from None
    except RecursionError:
        raise _too_deep() from None
    except (ValueError, UnicodeError):
        raise _unreadable(raw) from None
    refuse_deep(found)
    return found


def _is_plain(raw: bytes, found: Any) -> bool:
    """Whether a quick reading lost nothing: no number but short whole ones, no null character, no
    key twice, no depth to refuse. What stands outside of the texts says it: none is read."""
    bare = _outside_of_texts(raw)
    if b"\\u0000" in raw or NOT_A_SHORT_WHOLE.search(bare.translate(None, NO_NUMBER)):
        return False
    if not _is_shallow(bare.translate(AS_BRACES, NO_BRACE)):
        return False
    return bare.count(b":") == _outside_of_texts(orjson.dumps(found)).count(b":")


def _outside_of_texts(raw: bytes) -> bytes:
    """JSON that was read, without its texts. Once what is escaped is gone, each quote begins a text
    or ends one: a pattern that finds them costs four times as much."""
    return b"".join(raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])


def _is_shallow(braces: bytes) -> bool:
    """Whether pairs of braces hold less than the levels that are refused: those that hold nothing
    are taken out, a level at a time."""
    if b"{" * DEEPEST in braces:
        return False  # at once: a body made to be deep is long to take apart
    for _ in range(DEEPEST):
        if not braces:
            return True
        braces = braces.replace(b"{}", b"")
    return False


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Twice(twice if NAME_OF_KEY.fullmatch(twice) else "…")
    return found


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) < 18 else _decimal(text)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Immense from None
    exponent = int(number.as_tuple().exponent)
    if max(abs(exponent), abs(number.adjusted())) > LARGEST:
        raise _Immense
    return number


def refuse_deep(value: Any, depth: int = 1) -> None:
    """Refuse what is too deep, or holds the null character. Raises Refusal (400)."""
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, dict):
        for key, one in value.items():
            _said(key)
            refuse_deep(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            refuse_deep(one, depth + 1)
    elif isinstance(value, str):
        _said(value)


def _said(text: str) -> None:
    if "\0" in text:
        raise invalid(
            "reading.null_character",
            "Un texte contient le caractère nul, que FHIR n’admet pas.",
            "A string holds the null character, which FHIR does not allow.",
        )


def _unreadable(raw: bytes) -> Refusal:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return invalid(
            "reading.utf8",
            "Le corps n’est pas écrit en UTF-8.",
            "The body is not valid UTF-8.",
        )
    return invalid(
        "reading.json",
        "Le corps n’est pas du JSON bien formé. Rien n’a été enregistré.",
        "The body is not well-formed JSON. Nothing was stored.",
    )


def _too_deep() -> Refusal:
    return invalid(
        "reading.too_deep",
        f"Cette ressource compte plus de {DEEPEST} niveaux : elle n’est pas lue.",
        f"The resource has more than {DEEPEST} levels and is not read.",
    )


def too_big(most: int) -> Issue:
    """What is longer than this instance reads."""
    return Issue(
        "too-long",
        "reading.too_big",
        f"Le corps dépasse {most} octets, la limite de cette instance (CORDEE_FHIR_LARGEST).",
        f"The body exceeds {most} bytes, the limit of this instance.",
    )


def _another_type(kind: str, wanted: frozenset[str]) -> Issue:
    first = sorted(wanted)[0]
    shown = "application/fhir+json" if "application/fhir+json" in wanted else first
    if "xml" in kind:
        french = f"Cette porte ne lit pas le XML : envoyez du JSON ({shown})."
        english = f"XML is not read here: send JSON ({shown})."
    else:
        french = f"Le type du contenu n’est pas lu ici : envoyez « {shown} », en UTF-8."
        english = f"The content type is not read here: send {shown}, in UTF-8."
    return Issue("not-supported", "reading.content_type", french, english)

"""The primitive types of R4: their JSON kind, their format, and dates that exist.

The patterns are HL7's (`tables.formats`), but where HL7's takes a time without bound on what does
not match (base64Binary), or lets through what neither XML nor a database holds (text, code, uri).
"""

import binascii
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from cordee.fhir.shape.tables import formats
from cordee.fhir.shape.trouble import Finding, Found

Check = Callable[[Any], Found]
LONGEST = 1024 * 1024  # FHIR R4, datatypes, string: "SHALL NOT exceed 1MB in size"
# FHIR R4, datatypes, string: no point below 32 but tab, line feed and carriage return; and no half
# of a surrogate pair, which is no text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]").search
_SPACES = re.compile(r"[ \t\r\n]+")
BIGGEST = 2**31 - 1
_TAKEN_FROM_HL7 = ("oid", "uuid", "id", "date", "dateTime", "instant", "time")
_HELD = r"[^\s\x00-\x1f\ud800-\udfff]"  # HL7 writes [^\s] and \S, which let through what XML cannot
_PATTERNS = {name: re.compile(formats()[name], re.ASCII).fullmatch for name in _TAKEN_FROM_HL7}
_PATTERNS["code"] = re.compile(rf"{_HELD}+(\s{_HELD}+)*", re.ASCII).fullmatch
_PATTERNS["uri"] = re.compile(rf"{_HELD}+", re.ASCII).fullmatch
# Codes that no list holds whole. RFC 6838 for media types (and the short words of R4's own
# examples), ISO 4217 for currencies.
FORMS = {
    "http://hl7.org/fhir/ValueSet/mimetypes": re.compile(
        r"(json|xml|ttl|html|[A-Za-z0-9][\w!#$&^.+-]{0,126}/[\w!#$&^.+*-]{1,127}(\s*;.*)?)"
    ).fullmatch,
    "http://hl7.org/fhir/ValueSet/currencies": re.compile(r"[A-Z]{3}").fullmatch,
}


def _wrong(expected: str) -> list[Finding]:
    return [Finding("wrong_type", expected)]


def _not_a_text(value: Any) -> list[Finding]:
    if value.__class__ is list:
        return [Finding("a_list")]
    if value is None:
        return [Finding("null")]
    return _wrong("string") if value.__class__ is not str else [Finding("empty")]


def text(value: Any) -> Found:
    """Check a string or markdown: some text, not too long, that can be kept."""
    if value.__class__ is not str or not value:
        return _not_a_text(value)
    if _UNPRINTABLE(value):
        return [Finding("bad_format", "string")]
    if len(value) > LONGEST:
        return [Finding("too_long")]
    return [Finding("blank", severity="warning")] if value.isspace() else None


def patterned(name: str) -> Check:
    """Return the check of a type that its pattern alone describes."""
    matches = _PATTERNS[name]

    def check(value: Any) -> Found:
        if value.__class__ is str and matches(value):
            return None
        return _not_a_text(value) if value.__class__ is not str or not value else _bad(name)

    return check


def _bad(name: str) -> list[Finding]:
    return [Finding("bad_format", name)]


def address(name: str) -> Check:
    """Return the check of a uri, url or canonical: without spaces; one within may be local."""
    matches = _PATTERNS["uri"]

    def check(value: Any) -> Found:
        if value.__class__ is not str or not value:
            return _not_a_text(value)
        if value[0] == "#":
            return [Finding("local_address", value, severity="warning")]
        return None if matches(value) else _bad(name)

    return check


def dated(name: str) -> Check:
    """Return the check of a date, dateTime or instant: its format, then the calendar."""
    matches = _PATTERNS[name]

    def check(value: Any) -> Found:
        if value.__class__ is not str or not value:
            return _not_a_text(value)
        if not matches(value):
            return _bad(name)
        if len(value) >= 10 and value[8:10] > "28" and not _exists(value):
            return [Finding("no_such_date")]
        return None

    return check


def _exists(value: str) -> bool:
    try:
        date(int(value[:4]), int(value[5:7]), int(value[8:10]))
    except ValueError:
        return False
    return True


def boolean(value: Any) -> Found:
    """Check true or false."""
    return None if value is True or value is False else _not(value, "boolean")


def whole(least: int) -> Check:
    """Return the check of an integer of 32 bits, not below `least`."""
    name = {0: "unsignedInt", 1: "positiveInt"}.get(least, "integer")

    def check(value: Any) -> Found:
        if value.__class__ is int:
            return None if least <= value <= BIGGEST else _bad(name)
        return _not(value, "integer")

    return check


def decimal(value: Any) -> Found:
    """Check a number. Read it as a Decimal to keep its digits: 1.50 is not 1.5 (FHIR, decimal)."""
    kind = value.__class__
    if kind is int or kind is Decimal:
        return None
    if kind is float:
        return None if value - value == 0 else _bad("decimal")  # neither infinite nor unknown
    return _not(value, "number")


def _not(value: Any, expected: str) -> list[Finding]:
    if value.__class__ is list:
        return [Finding("a_list")]
    return [Finding("null")] if value is None else _wrong(expected)


def base64(value: Any) -> Found:
    """Check a base64Binary, which may hold spaces between its groups."""
    if value.__class__ is not str or not value:
        return _not_a_text(value)
    try:
        found = binascii.a2b_base64(_SPACES.sub("", value).encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        return _bad("base64Binary")
    return None if found else _bad("base64Binary")


def among(codes: frozenset[str], value_set: str) -> Check:
    """Return the check of a code that a list must hold."""

    def check(value: Any) -> Found:
        if value.__class__ is not str or not value:
            return _not_a_text(value)
        return None if value in codes else [Finding("not_in_value_set", named(value_set))]

    return check


def formed(value_set: str) -> Check:
    """Return the check of a code whose list has no end, by its form."""
    matches = FORMS[value_set]

    def check(value: Any) -> Found:
        if value.__class__ is str and matches(value):
            return None
        return _not_a_text(value) if value.__class__ is not str or not value else _bad("code")

    return check


def named(value_set: str) -> str:
    """Return the short name of a value set."""
    return value_set.rpartition("/")[2]


PRIMITIVES: dict[str, Check] = {
    "http://hl7.org/fhirpath/System.String": text,
    "string": text,
    "markdown": text,
    "boolean": boolean,
    "integer": whole(-BIGGEST - 1),
    "unsignedInt": whole(0),
    "positiveInt": whole(1),
    "decimal": decimal,
    "base64Binary": base64,
    "uri": address("uri"),
    "url": address("url"),
    "canonical": address("canonical"),
    "code": patterned("code"),
    "oid": patterned("oid"),
    "uuid": patterned("uuid"),
    "id": patterned("id"),
    "time": patterned("time"),
    "date": dated("date"),
    "dateTime": dated("dateTime"),
    "instant": dated("instant"),
}

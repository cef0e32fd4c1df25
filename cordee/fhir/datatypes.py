"""The small shapes that every mapping writes: a coding, an identifier, a reference, a period."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cordee.fhir.outcome import Json
from cordee.fhir.writing import instant


def filled(resource: Mapping[str, Any]) -> Json:
    """The same without what is empty: FHIR has no empty string, list nor object."""
    return {name: one for name, one in resource.items() if one or not isinstance(one, EMPTY)}


def in_words(name: str) -> list[Json]:
    """Somebody told by a name alone; nobody where there is none: R4 has no empty string."""
    return [{"display": name}] if name else []


EMPTY = (type(None), str, list, dict)
"""What says nothing where it holds nothing: zero and « false » do say something."""


def texts(holder: Mapping[str, Any], name: str) -> list[str]:
    """The values of a list, but for those that only an extension stands for."""
    return [one for one in holder.get(name, []) if one is not None]


def coding(system: str, code: str, display: str = "") -> Json:
    """A code of a system, with how it is said."""
    return filled({"system": system, "code": code, "display": display})


def concept(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept of one coding; nothing without a code."""
    return {"coding": [coding(system, code, display)]} if code else {}


def identifier(system: str, value: str, use: str = "", kind: Json | None = None) -> Json:
    """An identifier in a system; nothing without a value."""
    if not value:
        return {}
    return filled({"use": use, "type": kind, "system": system, "value": value})


def reference(type_name: str, pk: UUID | None, display: str = "") -> Json:
    """A reference to a resource of this door; nothing to nobody."""
    if not pk:
        return {}
    told = {"reference": f"{type_name}/{pk}"}
    return told | {"display": display} if display else told


def period(start: date | datetime | None, end: date | datetime | None) -> Json:
    """From a day or a moment to another; an open end is not said."""
    return filled({"start": said(start), "end": said(end)})


def said(when: date | datetime | None) -> str:
    """A day (2026-11-27) or a moment, as FHIR writes it."""
    if when is None:
        return ""
    return instant(when) if isinstance(when, datetime) else when.isoformat()


def telecom(system: str, value: str, use: str = "") -> Json:
    """A way to reach somebody; nothing without a value."""
    return filled({"system": system, "value": value, "use": use}) if value else {}


def extension(url: str, kind: str, value: Any) -> Json:
    """An extension of one value; nothing without a value."""
    return {"url": url, f"value{kind}": value} if value not in (None, "", {}, []) else {}

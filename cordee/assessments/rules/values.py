"""Between a `value[x]` of FHIR and a Python value. Numbers are Decimal, dates are ISO text.

Source of the forms: https://hl7.org/fhir/R4/datatypes.html.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cordee.assessments.rules.definition import Coding, Constant, Quantity, Value

Json = Any
"""What `json.loads` gives; shapes are checked where it is read."""

DIGITS = 15
"""As many significant digits as a number of JSON keeps everywhere."""
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?")
_HALF = re.compile("[\ud800-\udfff]")
_CODING = {"code", "system", "display"}
_QUANTITY = {"value", "unit", "system", "code"}


def number(json: Json) -> Decimal:
    """Read a number; ValueError when it is none, is not finite, or has too many digits."""
    if isinstance(json, bool) or not isinstance(json, int | float | Decimal):
        raise ValueError("un nombre est attendu")
    read = Decimal(str(json))
    if not read.is_finite() or len(read.normalize().as_tuple().digits) > DIGITS:
        raise ValueError(f"un nombre de {DIGITS} chiffres au plus est attendu")
    if abs(read.adjusted()) > 2 * DIGITS:
        raise ValueError("ce nombre est trop grand ou trop petit")
    return read


def number_out(value: Decimal) -> int | float:
    """Write a number as JSON has them; exact for those that `number` reads."""
    return int(value) if value == value.to_integral_value() else float(value)


def day(json: Json) -> str:
    """Read a date, or a month, or a year; ValueError when there is no such day."""
    if not isinstance(json, str) or not _DAY.fullmatch(json):
        raise ValueError("une date est attendue, comme 2026-11-27")
    date.fromisoformat((json + "-01-01")[:10])
    return json


def moment(json: Json) -> str:
    """Read a day and an hour, or a date alone; ValueError when there is no such moment."""
    if isinstance(json, str) and _MOMENT.fullmatch(json):
        datetime.fromisoformat(json)
        return json
    return day(json)


def _hour(json: Json) -> str:
    if not isinstance(json, str) or not _HOUR.fullmatch(json):
        raise ValueError("une heure est attendue, comme 14:05:00")
    return json


def _text(json: Json) -> str:
    if not isinstance(json, str) or not json.strip():
        raise ValueError("un texte est attendu")
    if not legible(json):
        raise ValueError("ce texte contient un caractère illisible")
    return json


def legible(text: str) -> bool:
    """Say whether a text can be kept: a database takes neither a null nor half a character."""
    return "\x00" not in text and not _HALF.search(text)


def _boolean(json: Json) -> bool:
    if not isinstance(json, bool):
        raise ValueError("true ou false est attendu")
    return json


def _integer(json: Json) -> Decimal:
    read = number(json)
    if read != read.to_integral_value():
        raise ValueError("un nombre entier est attendu")
    return read


def _of_keys(json: Json, known: set[str]) -> Mapping[str, Json]:
    if not isinstance(json, Mapping):
        raise ValueError("un objet est attendu")
    if strange := sorted(set(json) - known):
        raise ValueError(f"« {strange[0]} » n’est pas pris en charge ici")
    return json


def coding(json: Json) -> Coding:
    """Read a Coding; ValueError when it has no code."""
    read = _of_keys(json, _CODING)
    if not read.get("code"):
        raise ValueError("un code est attendu")
    return Coding(
        *(_text(read[key]) if key in read else "" for key in ("code", "system", "display"))
    )


def _quantity(json: Json) -> Quantity:
    read = _of_keys(json, _QUANTITY)
    words = [_text(read[key]) if key in read else "" for key in ("code", "system", "unit")]
    return Quantity(number(read.get("value")), Coding(*words))


_READERS: dict[str, Callable[[Json], Value]] = {
    "valueBoolean": _boolean,
    "valueDecimal": number,
    "valueInteger": _integer,
    "valueDate": day,
    "valueDateTime": moment,
    "valueTime": _hour,
    "valueString": _text,
    "valueUri": _text,
    "valueCoding": coding,
    "valueQuantity": _quantity,
}
KINDS = tuple(_READERS)


def read_value(kind: str, json: Json) -> Constant:
    """Read what stands in the element `kind`; ValueError, in French, when it cannot be that."""
    if kind not in _READERS:
        raise ValueError(f"« {kind} » n’est pas pris en charge")
    return Constant(kind, _READERS[kind](json))


def coding_out(value: Coding) -> dict[str, str]:
    """Write a Coding, without the parts it does not have."""
    parts = {"system": value.system, "code": value.code, "display": value.display}
    return {key: part for key, part in parts.items() if part}


def value_out(value: Value) -> Json:
    """Write a value as JSON."""
    if isinstance(value, Decimal):
        return number_out(value)
    if isinstance(value, Coding):
        return coding_out(value)
    if isinstance(value, Quantity):
        unit = value.unit
        parts = {"unit": unit.display, "system": unit.system, "code": unit.code}
        return {"value": number_out(value.value)} | {key: one for key, one in parts.items() if one}
    return value


def constant_out(constant: Constant, prefix: str = "value") -> dict[str, Json]:
    """Write a constant under its own name; `prefix` is `answer` in enableWhen."""
    return {prefix + constant.kind.removeprefix("value"): value_out(constant.value)}

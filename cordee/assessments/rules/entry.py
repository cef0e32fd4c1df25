"""What was typed in a form, turned into QuestionnaireResponse.item, or said to be unreadable.

A field is named by its path: linkIds joined by « / », the instances of a group that repeats
numbered after its linkId, as in `chutes:0/lieu`. A quantity has `path.unit` too, an open choice
`path.other` for the free text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from cordee.assessments.rules.definition import (
    KIND_OF,
    Coding,
    Constant,
    Definition,
    Item,
    Option,
    Quantity,
    Value,
)
from cordee.assessments.rules.limits import LONGEST
from cordee.assessments.rules.tree import MAX_INSTANCES
from cordee.assessments.rules.values import DIGITS, legible, number, value_out
from cordee.kernel.typography import grouped, plural, typo

Fields = Mapping[str, Sequence[str]]
PARIS = ZoneInfo("Europe/Paris")
"""Of an hour that is typed without saying where."""
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_FRENCH_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_HOUR = re.compile(r"(\d{1,2})\s?[:hH]\s?(\d\d)?(?::(\d\d)(?:\.\d+)?)?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_YES = {"true", "on", "1", "oui", "o"}
_NO = {"false", "off", "0", "non", "n"}


@dataclass(frozen=True)
class Typed:
    """`items` as FHIR has them, without what could not be read; `errors` by path, in French."""

    items: list[dict[str, Any]]
    errors: Mapping[str, str]


def typed(definition: Definition, fields: Fields) -> Typed:
    """Read a posted form. Fields of no question are left aside, those of a calculated one too.

    Instances are numbered again from 0, in `items` as in `errors`, as the rows will be.
    """
    form = _Form(fields)
    return Typed(form.items(definition.items, "", ""), form.errors)


class _Form:
    """The fields, and what is to be said of them. `base`: as posted; `said`: as numbered again."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.errors: dict[str, str] = {}

    def items(self, items: tuple[Item, ...], base: str, said: str) -> list[dict[str, Any]]:
        """Read the lines of one level."""
        return [one for item in items for one in self._item(item, base, said)]

    def _item(self, item: Item, base: str, said: str) -> list[dict[str, Any]]:
        path, shown = base + item.link_id, said + item.link_id
        if item.is_question:
            answers = self._answers(item, path, shown)
            if inside := self.items(item.items, f"{path}/", f"{shown}/"):
                answers = answers or [{}]
                answers[0]["item"] = inside
            return [{"linkId": item.link_id, "answer": answers}] if answers else []
        if item.type == "group" and item.repeats:
            return [
                {
                    "linkId": item.link_id,
                    "item": self.items(item.items, f"{path}:{instance}/", f"{shown}:{number}/"),
                }
                for number, instance in enumerate(_instances(path, self.fields))
            ]
        inside = self.items(item.items, f"{path}/", f"{shown}/")
        return [{"linkId": item.link_id, "item": inside}] if inside else []

    def _answers(self, item: Item, path: str, shown: str) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        if item.calculated or item.read_only or item.hidden:
            return answers
        for text in _texts(item, path, self.fields):
            try:
                constant = _constant(item, text, self.fields.get(f"{path}.unit", ()))
            except ValueError as failure:
                self.errors[shown] = typo(str(failure))
            else:
                answers.append({constant.kind: value_out(constant.value)})
        return answers


def _instances(path: str, fields: Fields) -> list[int]:
    numbered = re.compile(re.escape(path) + r":(\d{1,4})(/|$)")
    found = {int(match[1]) for name in fields if (match := numbered.match(name))}
    return sorted(found)[:MAX_INSTANCES]


def _texts(item: Item, path: str, fields: Fields) -> list[str]:
    names = (path, f"{path}.other") if item.type == "open-choice" else (path,)
    found = [text.strip() for name in names for text in fields.get(name, ()) if text.strip()]
    return list(dict.fromkeys(found)) if item.repeats else found[:1]


def _constant(item: Item, text: str, units: Sequence[str]) -> Constant:
    """Read one field; ValueError says what to type."""
    if not legible(text):
        raise ValueError("Ce texte contient un caractère illisible : tapez-le de nouveau.")
    if len(text) > (most := max(LONGEST, item.max_length or 0)):
        raise ValueError(
            f"Ce texte a {plural(len(text), 'caractère')}, {grouped(most)} au plus sont gardés : "
            "raccourcissez-le."
        )
    if item.answers_from and item.type in ("choice", "open-choice"):
        return Constant("valueCoding", Coding(text))
    if item.options:
        return _chosen(item, text)
    if item.type == "quantity":
        return Constant("valueQuantity", _quantity(item, text, units))
    kind = KIND_OF[item.type] if item.type != "open-choice" else "valueString"
    return Constant(kind, _READERS[kind](text))


def _chosen(item: Item, text: str) -> Constant:
    option: Option | None = next((one for one in item.options if one.code == text), None)
    if option:
        return Constant(option.kind, option.value)
    if item.type == "open-choice":
        return Constant("valueString", text)
    raise ValueError("Choisissez une des réponses proposées.")


def _quantity(item: Item, text: str, units: Sequence[str]) -> Quantity:
    value = read_number(text)
    if len(item.all_units) < 2:
        return Quantity(value, *item.all_units)
    chosen = [unit for unit in item.all_units if unit.code in units]
    if not chosen:
        raise ValueError("Choisissez l’unité à côté du nombre.")
    return Quantity(value, chosen[0])


def read_number(text: str) -> Decimal:
    """Read a number as French people type it: « 1 234,5 »."""
    bare = _SPACES.sub("", text)
    if not _NUMBER.fullmatch(bare):
        raise ValueError("Tapez un nombre, par exemple 12,5.")
    try:
        return number(Decimal(bare.replace(",", ".")))
    except ValueError as failure:
        raise ValueError(f"Tapez un nombre de {DIGITS} chiffres au plus.") from failure


def _integer(text: str) -> Decimal:
    bare = _SPACES.sub("", text)
    if not re.fullmatch(r"[+-]?\d+", bare):
        raise ValueError("Tapez un nombre entier, par exemple 3.")
    return read_number(bare)


def _boolean(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise ValueError("Choisissez oui ou non.")


def read_day(text: str) -> date:
    """Read a day: « 27/11/2026 » or « 2026-11-27 »."""
    if found := _FRENCH_DAY.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        raise ValueError("Tapez une date comme 27/11/2026.")
    try:
        return date(year, month, day)
    except ValueError as failure:
        raise ValueError(f"Ce jour n’existe pas : « {text} ». Vérifiez la date.") from failure


def _hour(text: str) -> str:
    found = _HOUR.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59 or int(found[3] or 0) > 59:
        raise ValueError("Tapez une heure comme 14:05.")
    return f"{int(found[1]):02}:{int(found[2] or 0):02}:{int(found[3] or 0):02}"


def _moment(text: str) -> str:
    day_text, _space, hour_text = re.sub(r"\s+(à\s+)?|T", "T", text).partition("T")
    day = read_day(day_text)
    if not hour_text:
        return day.isoformat()
    found = datetime.fromisoformat(f"{day.isoformat()}T{_hour(hour_text)}")
    return found.replace(tzinfo=PARIS).isoformat()


def _address(text: str) -> str:
    if not re.fullmatch(r"(https?|urn|mailto|tel):\S+", text):
        raise ValueError("Tapez une adresse complète, comme https://exemple.fr.")
    return text


_READERS: dict[str, Callable[[str], Value]] = {
    "valueBoolean": _boolean,
    "valueDecimal": read_number,
    "valueInteger": _integer,
    "valueDate": lambda text: read_day(text).isoformat(),
    "valueDateTime": _moment,
    "valueTime": _hour,
    "valueString": str,
    "valueUri": _address,
}

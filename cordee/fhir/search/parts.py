"""The part of a scope (`Observation.rs?category=survey`): which searches may be one, and in French.

What is searched by a code, a date or a reference may be a part. A chain may not: what it leads to
changes while the resource does not. Nor what names somebody, for a scope is shown, kept and told.
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from cordee.fhir.contract import Mapping
from cordee.fhir.definitions.vocabularies import codes_in
from cordee.fhir.outcome import Refusal
from cordee.fhir.registry import mappings
from cordee.fhir.search import dates
from cordee.fhir.search.compiler import told_of
from cordee.fhir.search.either import Either
from cordee.fhir.search.french import CODES, NOUNS, PREFIXES
from cordee.fhir.search.parameters import Parameter, token_of
from cordee.fhir.search.words import OF_THE_PAGE, Asked, understood

KINDS = ("token", "date", "reference")
NAMING = frozenset({"_id", "identifier", "birthdate", "death-date", "phone", "email", "telecom"})


def possible(mapping: Mapping) -> dict[str, Parameter]:
    """The parameters of a type that may narrow a scope."""
    return {
        name: one
        for name, one in told_of(mapping).items()
        if one.type in KINDS and name not in NAMING
    }


def fault_of(type_name: str, part: str) -> str:
    """Why a part is not understood, in English; nothing when it is."""
    mapping = mappings().get(type_name)
    if mapping is None:
        return f"Scopes of {type_name} have no part here: this type is not held, or only defined"
    pairs = parse_qsl(part, keep_blank_values=True)
    try:
        asked = understood(pairs).asked
    except Refusal:
        return "The part of a scope is not readable as a search"
    if any(name in OF_THE_PAGE for name, _ in pairs):
        return "The part of a scope holds no parameter of a page (_sort, _count, _include...)"
    return next(filter(None, (_fault(mapping, one) for one in asked)), "")


def _fault(mapping: Mapping, asked: Asked) -> str:
    parameter = possible(mapping).get(asked.name)
    if parameter is None or asked.chain or asked.modifier not in ("", "not"):
        shown = "".join(
            one if " " < one < "\x7f" and one not in '"\\' else "?" for one in asked.said
        )
        return f"The part {shown[:60]} is not understood for {mapping.type}: ask for the whole type"
    if asked.modifier and asked.modifier not in parameter.modifiers:
        return f"{asked.name} takes no modifier"
    if parameter.type == "date" and not all(map(_is_readable, asked.values)):
        return f"The date of {asked.name} is not readable: 2026, 2026-11 or 2026-11-27"
    return ""


def _is_readable(value: str) -> bool:
    try:
        dates.interval(dates.split(value)[1])
    except (ValueError, OverflowError):
        return False
    return True


# --- in French ---------------------------------------------------------------------------------


def said(type_name: str, part: str) -> str:
    """A part as the end of a sentence: « , seulement si la catégorie est « questionnaire » »."""
    asked = understood(parse_qsl(part, keep_blank_values=True)).asked
    known = possible(mappings()[type_name])
    return ", seulement si " + " et si ".join(_clause(known.get(one.name), one) for one in asked)


def _clause(parameter: Parameter | None, asked: Asked) -> str:
    if parameter is None:  # what a client was registered for, and this door no longer knows
        return f"{_quoted(asked.said)} est {_quoted(', '.join(asked.values))}"
    verb = "n’est pas" if asked.modifier else "est"
    return f"{NOUNS[asked.name]} {verb} {' ou '.join(_values(parameter, asked))}"


def _values(parameter: Parameter, asked: Asked) -> Iterator[str]:
    for value in asked.values:
        if parameter.type == "date":
            prefix, day = dates.split(value)
            yield PREFIXES[prefix] + _quoted(_day(day))
        elif parameter.type == "token":
            yield _quoted(_code(parameter, value))
        else:
            yield _quoted(value)


def _quoted(text: str) -> str:
    return f"«\u00a0{text}\u00a0»"


def _day(text: str) -> str:
    whole = len(text) == 10
    return "/".join(reversed(text.split("-"))) if whole else text


def _code(parameter: Parameter, value: str) -> str:
    """How a code is said: in the words of the house, or as it is written."""
    system, code = token_of(value)
    choices = parameter.choices if isinstance(parameter, Either) else (parameter,)
    known = [getattr(one, "system", "") for one in choices]
    for one in known if system is None else [system]:
        if word := codes_in(one).get(code):
            return word
    return CODES.get(code, code)

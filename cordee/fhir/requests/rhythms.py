"""How often a request says that care is given → a rhythm of the house, and the rest in French.

A rhythm is known when it says that and nothing else; what the house has no box for is written out,
for the desk and for whoever comes: never heard wider than it was said.
Source: FHIR R4, datatypes.html (« Timing »); règle de la maison, « rien de ce qu’un partenaire
envoie n’est perdu ».
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cordee.fhir.outcome import Json
from cordee.fhir.requests.words import RHYTHMS, WHEN, text_of
from cordee.fhir.search.dates import PARIS, interval

OTHER = "other"
IN_A_RHYTHM = (
    *("count", "countMax", "frequency", "frequencyMax"),
    *("period", "periodMax", "periodUnit", "dayOfWeek"),
)
MINUTES = {"s": 1 / 60, "min": 1, "h": 60}
VISIT = range(5, 481)  # what the house holds as the minutes of a visit
UNITS = {
    "s": ("seconde", "secondes"),
    "min": ("minute", "minutes"),
    "h": ("heure", "heures"),
    "d": ("jour", "jours"),
    "wk": ("semaine", "semaines"),
    "mo": ("mois", "mois"),
    "a": ("an", "ans"),
}
UNSAID = ("unité non dite", "unités non dites")  # said aside, as data that is absent
DAYS = {
    "mon": "lundi",
    "tue": "mardi",
    "wed": "mercredi",
    "thu": "jeudi",
    "fri": "vendredi",
    "sat": "samedi",
    "sun": "dimanche",
}
MOMENTS = {
    "MORN": "le matin",
    "NOON": "le midi",
    "EVE": "le soir",
    "NIGHT": "la nuit",
    "MORN.early": "tôt le matin",
    "MORN.late": "en fin de matinée",
    "AFT": "l’après-midi",
    "AFT.early": "en début d’après-midi",
    "AFT.late": "en fin d’après-midi",
    "EVE.early": "en début de soirée",
    "EVE.late": "tard le soir",
    "PHS": "après l’endormissement",
    "HS": "au coucher",
    "WAKE": "au réveil",
    "C": "au repas",
    "CM": "au petit déjeuner",
    "CD": "au déjeuner",
    "CV": "au dîner",
    "AC": "avant le repas",
    "ACM": "avant le petit déjeuner",
    "ACD": "avant le déjeuner",
    "ACV": "avant le dîner",
    "PC": "après le repas",
    "PCM": "après le petit déjeuner",
    "PCD": "après le déjeuner",
    "PCV": "après le dîner",
}
HELD = frozenset(WHEN.values())
COMPARED = {"<": "moins de ", "<=": "au plus ", ">=": "au moins ", ">": "plus de "}


@dataclass(frozen=True)
class Heard:
    """What is heard of when care is given: a rhythm, the minutes of a visit, and the rest."""

    frequency: str
    minutes: str
    words: str


def heard(resource: Json) -> Heard:
    """What a request says of how often, and for how long, care is given."""
    timing = resource.get("occurrenceTiming", {})
    repeat = timing.get("repeat", {})
    needed, code = _if_needed(resource), text_of(timing.get("code", {}))
    said = {key: repeat[key] for key in IN_A_RHYTHM if key in repeat}
    apart = [needed, *_events(timing)]
    known = next((name for name, one in RHYTHMS.items() if one == said), "")
    if any(apart) or not known:
        known = OTHER if said or code or any(apart) else ""
    minutes = _minutes(repeat)
    written = [
        code,
        *(_rhythm(said) if known == OTHER else ()),
        *_moments(repeat),
        *(() if minutes else _lasting(repeat)),
        *_bounds(repeat),
        *apart,
    ]
    words = ", ".join(filter(None, written))
    return Heard(known, minutes, f"Rythme dit\u00a0: {words}" if words else "")


def _if_needed(resource: Json) -> str:
    why = text_of(resource.get("asNeededCodeableConcept", {}))
    is_so = resource.get("asNeededBoolean") or "asNeededCodeableConcept" in resource
    return f"si besoin ({why})" if why else "si besoin" if is_so else ""


def _events(timing: Json) -> Iterator[str]:
    """Each day that is named, and its hour where it has one. Raises ValueError."""
    for text in filter(None, timing.get("event", [])):
        parts = text[:10].split("-")[::-1]
        if len(text) <= 10:
            yield f"le {'/'.join(parts)}" if len(parts) == 3 else "/".join(parts)
        else:
            yield f"le {interval(text).start.astimezone(PARIS):%d/%m/%Y à %H h %M}"


def _rhythm(said: Json) -> Iterator[str]:
    if "count" in said:
        many = _span(said["count"], said.get("countMax"))
        yield f"{many} passage{'s' if many != '1' else ''} en tout"
    if "frequency" in said or "frequencyMax" in said or "period" in said:
        yield _often(said)
    yield from (DAYS[one] for one in filter(None, said.get("dayOfWeek", [])))


def _often(said: Json) -> str:
    often = f"{_span(said.get('frequency', 1), said.get('frequencyMax'))} fois"
    if "period" not in said:
        return often
    unit, units = UNITS.get(said.get("periodUnit", ""), UNSAID)
    if said["period"] == 1 and "periodMax" not in said:
        return f"{often} par {unit}"
    return f"{often} en {_span(said['period'], said.get('periodMax'))} {units}"


def _moments(repeat: Json) -> Iterator[str]:
    """The moments that have no box here: of a meal, of an hour."""
    yield from (MOMENTS[one] for one in filter(None, repeat.get("when", [])) if one not in HELD)
    if "offset" in repeat:
        yield f"à {repeat['offset']} minutes de ce moment"
    for hour in filter(None, repeat.get("timeOfDay", [])):
        yield f"à {hour[:2]} h {hour[3:5]}"


def _minutes(repeat: Json) -> str:
    """The minutes of a visit, where the house can hold them; else nothing."""
    per = MINUTES.get(repeat.get("durationUnit", ""))
    if per is None or "duration" not in repeat or "durationMax" in repeat:
        return ""
    minutes = round(float(repeat["duration"]) * per, 6)
    return str(int(minutes)) if minutes in VISIT else ""


def _lasting(repeat: Json) -> Iterator[str]:
    if "duration" in repeat:
        lasts = _span(repeat["duration"], repeat.get("durationMax"))
        yield f"{lasts} {_unit(repeat.get('durationUnit', ''), lasts)} par passage"


def _bounds(repeat: Json) -> Iterator[str]:
    lasts = repeat.get("boundsDuration", {})
    if "value" in lasts:
        yield f"pendant {COMPARED.get(lasts.get('comparator', ''), '')}{_measure(lasts)}"
    least, most = (repeat.get("boundsRange", {}).get(one, {}) for one in ("low", "high"))
    if "value" in least:
        yield f"pendant au moins {_measure(least)}"
    if "value" in most:
        yield f"pendant au plus {_measure(most)}"


def _measure(quantity: Json) -> str:
    number = _number(quantity["value"])
    code = quantity.get("code", "")
    return f"{number} {_unit(code, number) if code in UNITS else quantity.get('unit', code)}"


def _unit(code: str, number: str) -> str:
    return UNITS.get(code, UNSAID)[number not in ("0", "1")]


def _span(least: Any, most: Any) -> str:
    return _number(least) if most is None else f"{_number(least)} à {_number(most)}"


def _number(value: Any) -> str:
    return f"{float(value):.10g}".replace(".", ",")

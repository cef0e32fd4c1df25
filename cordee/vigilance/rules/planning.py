"""Reading a planning: a table in CSV or a calendar in ICS, each line taken or refused by itself.

The columns are ours; the calendar is that of RFC 5545.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar

from cordee.kernel.errors import UNREADABLE

PARIS = ZoneInfo("Europe/Paris")
COLUMNS = ("reference", "nom", "prenom", "naissance", "debut", "fin", "aide", "annulee")
WANTED = COLUMNS[:6]
MOST = 20_000
"""Lines of one file: three months of a large service."""
LONGEST = timedelta(hours=24)
BEHIND, AHEAD = timedelta(days=31), timedelta(days=400)
"""Around today, the days that a planning speaks of: beyond, a year was mistyped."""
MOST_WORDS = 12
"""Words of a name in the title of an event."""
UNCLOSED = (
    "Cette ligne ne se lit pas : un guillemet n’y est pas fermé, ou une case tient sur deux lignes."
)
_ENDS = re.compile(r"\r\n|\r|\n")
_DAY = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")
_SHAPES = (
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %Hh%M",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%d/%m/%Y %H:%M:%S",
)
_YES = {"oui", "o", "1", "x", "vrai", "annulee", "annulée"}


@dataclass(frozen=True, slots=True)
class Line:
    """A visit of a planning, before anybody is looked for."""

    number: int
    reference: str
    names: tuple[tuple[str, str], ...]
    """Family names and given names; a calendar does not say where the former end."""
    born: date
    starts: datetime
    ends: datetime
    helper: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class ToPlan:
    """A visit to come, once the person and the helper are found."""

    reference: str
    person_id: UUID
    helper_id: UUID | None
    starts: datetime
    ends: datetime
    is_cancelled: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that was not taken, and what to do about it."""

    number: int
    why: str


def read_csv(content: bytes) -> list[Line | Wrong]:
    """Read a table, whatever its separator; in UTF-8, else as Windows writes it.

    A line of the file is a row: a quote that is not closed costs its own line, and no other.
    """
    head, *lines = _ENDS.split(_text(content))
    separator = max(";,\t", key=head.count)
    try:
        names = [_plain(one) for one in _cells(head, separator)]
    except csv.Error:
        return [Wrong(1, UNCLOSED)]
    missing = [one for one in WANTED if one not in names]
    if missing:
        return [Wrong(1, f"Il manque la colonne « {missing[0]} » en tête du fichier.")]
    return list(_each_once(_rows(lines, names, separator)))


def _rows(lines: list[str], names: list[str], separator: str) -> Iterator[Line | Wrong]:
    for number, line in enumerate(lines, start=2):
        if number > MOST + 1:
            yield Wrong(number, f"Le fichier a plus de {MOST} lignes : coupez-le en deux.")
            return
        try:
            cells = _cells(line, separator)
        except csv.Error:
            yield Wrong(number, UNCLOSED)
            continue
        if any(one.strip() for one in cells):
            yield _line(number, dict(zip(names, cells, strict=False)))


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator, strict=True), [])


def _line(number: int, row: Mapping[str, Any]) -> Line | Wrong:
    said = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    try:
        line = Line(
            number=number,
            reference=_given(said["reference"], "la référence de la visite")[:120],
            names=((_given(said["nom"], "le nom"), _given(said["prenom"], "le prénom")),),
            born=_born(said["naissance"]),
            starts=_moment(said["debut"], "début"),
            ends=_moment(said["fin"], "fin"),
            helper=said["aide"].lower(),
            is_cancelled=_plain(said["annulee"]) in _YES,
        )
    except _Unread as unread:
        return Wrong(number, str(unread))
    return _sound(line)


class _Unread(Exception):
    pass


def _sound(line: Line) -> Line | Wrong:
    if not timedelta() < line.ends - line.starts <= LONGEST:
        return Wrong(line.number, "La fin doit suivre le début, dans la même journée.")
    return line


def is_far(line: Line, now: datetime) -> bool:
    """Whether a visit is beyond what a planning speaks of."""
    return not now - BEHIND <= line.starts <= now + AHEAD


def _given(text: str, what: str) -> str:
    if not text:
        raise _Unread(f"Il manque {what}.")
    return text


def _born(text: str) -> date:
    found = _DAY.search(text)
    try:
        return _day(found) if found else date.fromisoformat(text)
    except ValueError:
        raise _Unread("La date de naissance ne se lit pas : écrivez 12/03/1938.") from None


def _day(found: re.Match[str]) -> date:
    day, month, year = (int(one) for one in found.groups())
    return date(year, month, day)


def _moment(text: str, what: str) -> datetime:
    for shape in _SHAPES:
        try:
            return datetime.strptime(text, shape).replace(tzinfo=PARIS)
        except ValueError:
            continue
    raise _Unread(
        f"Le {what} ne se lit pas : écrivez 27/11/2026 08:30.".replace("Le fin", "La fin")
    )


def read_ics(content: bytes) -> list[Line | Wrong]:
    """Read a calendar: one event per visit, « NOM Prénom 12/03/1938 » in its title or its notes."""
    text = _text(content)
    if text.upper().count("BEGIN:VEVENT") > MOST:
        return [Wrong(1, f"L’agenda a plus de {MOST} visites : exportez une période plus courte.")]
    try:
        events = list(Calendar.from_ical(text).walk("VEVENT"))
    except UNREADABLE:
        return [Wrong(1, "Ce fichier n’est pas un agenda que l’on sait lire (ICS, RFC 5545).")]
    return list(_each_once(_event(number, one) for number, one in enumerate(events, start=1)))


def _event(number: int, event: Any) -> Line | Wrong:
    try:
        return _sound(_visit(number, event))
    except _Unread as unread:
        return Wrong(number, str(unread))
    except UNREADABLE:
        return Wrong(number, "Cet événement ne se lit pas.")


def _visit(number: int, event: Any) -> Line:
    if event.get("RRULE") is not None or event.get("RDATE") is not None:
        raise _Unread("Cet événement se répète : exportez chaque visite, une par une.")
    title, notes = str(event.get("SUMMARY", "")), str(event.get("DESCRIPTION", ""))
    born = _DAY.search(title) or _DAY.search(notes)
    if born is None:
        raise _Unread("Il manque la date de naissance : écrivez-la après le nom, 12/03/1938.")
    starts, ends = _when(event.get("DTSTART")), _when(event.get("DTEND"))
    attendees = event.get("ATTENDEE", [])
    helper = attendees if not isinstance(attendees, list) else next(iter(attendees), "")
    return Line(
        number=number,
        reference=_given(str(event.get("UID", "")), "l’identifiant de l’événement (UID)")[:120],
        names=_splits(_DAY.sub("", title)),
        born=_day(born),
        starts=starts,
        ends=ends,
        helper=str(helper).lower().removeprefix("mailto:"),
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )


def _splits(title: str) -> tuple[tuple[str, str], ...]:
    """Each way in which « NOM Prénom » may be cut in two."""
    words = title.replace(",", " ").replace(";", " ").strip(" -()").split()
    if not 1 < len(words) <= MOST_WORDS:
        raise _Unread("Le titre doit donner le nom puis le prénom : « NOM Prénom 12/03/1938 ».")
    cuts = range(1, len(words))
    return tuple((" ".join(words[:cut]), " ".join(words[cut:])) for cut in cuts)


def _when(said: Any) -> datetime:
    moment = getattr(said, "dt", None)
    if not isinstance(moment, datetime):
        raise _Unread("Il manque l’heure de début ou de fin.")
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def _each_once(lines: Iterator[Line | Wrong]) -> Iterator[Line | Wrong]:
    seen: dict[str, int] = {}
    for line in lines:
        if isinstance(line, Line):
            first = seen.setdefault(line.reference, line.number)
            if first != line.number:
                yield Wrong(line.number, f"La même référence est déjà à la ligne {first}.")
                continue
        yield line


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return text.replace("\x00", "")


def _plain(text: str) -> str:
    return text.strip().lower().translate(str.maketrans("éèêà", "eeea")).replace(" ", "_")

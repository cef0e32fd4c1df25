"""Hours, availability, what makes a professional solicitable, and what may sign a message. Pure:
no clock, no database."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

DUTY_OPENS, DUTY_CLOSES = time(9, 0), time(19, 30)
DUTY_DAYS = (0, 1, 2, 3, 4, 5)
"""The desk is held from Monday to Saturday, 9:00–19:30, unless its roster says otherwise."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One stretch of a week: weekday 0 is Monday; `ends` at 00:00 means midnight."""

    weekday: int
    starts: time
    ends: time

    def holds(self, local: datetime) -> bool:
        """Tell whether a local moment falls inside; the end is outside."""
        return (
            local.weekday() == self.weekday
            and self.starts <= local.time()
            and (self.ends == time(0) or local.time() < self.ends)
        )

    def minutes(self) -> int:
        """Give its length; midnight counts as 24:00."""
        end = self.ends.hour * 60 + self.ends.minute or 24 * 60
        return end - self.starts.hour * 60 - self.starts.minute


@dataclass(frozen=True, slots=True)
class Away:
    """A pause or a holiday: from its first moment to its end, or without end."""

    begins_at: datetime
    ends_at: datetime | None = None


# -- what may sign a message ----------------------------------------------------------------------

# Words of care, by their beginning. A template that holds one says more than it may.
CARE_WORDS = (
    "alzheimer", "ambulance", "antibio", "avc", "bilan", "blessure", "cancer", "catheter", "chimio",
    "chute", "cicatri", "dement", "depend", "depress", "diabet", "dialyse", "douleur", "drogue",
    "escarre", "fin de vie", "glycemie", "grossesse", "hemorrag", "hospital", "hiv", "injection",
    "insuline", "insuffisance", "kine", "maladie", "maternite", "medicament", "morphine", "oncolog",
    "palliati", "pansement", "parkinson", "pathologie", "patient", "perfusion", "picc", "pilulier",
    "plaie", "prelevement", "prise de sang", "psy", "sida", "soin", "sonde", "stomie", "suicide",
    "suture", "symptome", "toilette", "traitement", "tumeur", "ulcere", "urin", "vaccin", "vih",
)  # fmt: skip


LONGEST_SERVICE = 60
NEUTRAL_NAME = "Cordée"
"""What signs for whoever has no name that a message may bear."""
WRITING = frozenset({"sio", "dac", "cpts"})
"""The `kinds.OrganizationKind` whose desks write to people: asked for a signature when named."""


def folded(text: str) -> str:
    """Lower case, no accents, hyphens and apostrophes as spaces: for comparing words."""
    letters = text.lower()
    if not text.isascii():
        stripped = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
        letters = "".join(c for c in stripped.casefold() if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def carried(text: str, words: Iterable[str], *, least: int = 3) -> list[str]:
    """List the words that begin one of the words of a text, whatever their case or accents."""
    whole = f" {folded(text)}"
    folds = {folded(word) for word in words}
    return sorted(word for word in folds if len(word) >= least and f" {word}" in whole)


_LEADS_ELSEWHERE = re.compile(r"[0-9]{5,}|://|www\.|@")


def may_sign(name: str) -> bool:
    """Tell whether a name may sign a text: it holds no number to call, no link and no address."""
    return not _LEADS_ELSEWHERE.search(name)


class Place(NamedTuple):
    """A commune, as far as its name may be said."""

    name: str
    departement: str
    residents: int


MOST_WORDS = 8  # of the name of a commune


def runs(text: str) -> list[str]:
    """List every run of words that may be the name of a place, folded; the longest first."""
    words = folded(text).split()
    sizes = range(min(MOST_WORDS, len(words)), 0, -1)
    return [" ".join(words[at : at + n]) for n in sizes for at in range(len(words) - n + 1)]


def villages_in(name: str, places: Iterable[Place], departement: str, least: int) -> list[str]:
    """List the places of fewer than `least` residents that a name says.

    A longer name hides the shorter ones that it holds: « Saint-Jean-de-Luz » is no « Saint-Jean ».
    Of namesakes, those of the département of the seat are meant; where there is none, the smallest.
    """
    known: dict[str, list[Place]] = {}
    for one in places:
        known.setdefault(folded(one.name), []).append(one)
    rest, found = f" {folded(name)} ", []
    for run in runs(name):
        if run in known and f" {run} " in rest:
            rest = rest.replace(f" {run} ", " | ")
            meant = [one for one in known[run] if one.departement == departement] or known[run]
            found += [one.name for one in meant if one.residents < least][:1]
    return found


def signature_faults(words: str, villages: Iterable[str]) -> list[str]:
    """Say in French what forbids these words to sign a message; an empty list allows them.

    `villages`: the small places that they name. Source: CSP art. L.1110-4, RGPD art. 5(1)(c).
    """
    faults = [f"«\u00a0{word}\u00a0» parle de soins" for word in carried(words, CARE_WORDS)]
    faults += [f"«\u00a0{place}\u00a0» est une petite commune" for place in villages]
    if not may_sign(words):
        faults.append("un numéro, une adresse ou un lien n’y a pas sa place")
    return faults


def signing(name: str, signature: str, villages: Iterable[str]) -> str:
    """Say what signs for a structure: its signature, else its name, else what says nothing.

    A name with a link or a number is no name: it goes on as it is, and is refused further.
    """
    if signature:
        return signature
    says = carried(name, CARE_WORDS) or list(villages)
    return NEUTRAL_NAME if says else name


# -- when --------------------------------------------------------------------------------------

Stretches = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class MomentHours:
    """The hours of each `kinds.VisitTime`, from a day on, and who says so; `verified` once a
    territory has read them."""

    since: date
    source: str
    hours: Mapping[str, Stretches] = field(hash=False)
    verified: bool = False


MOMENT_HOURS = (
    MomentHours(
        since=date(2026, 1, 1),
        source="Convention de Cordée, que ni infirmière ni territoire n’a encore relue",
        hours={
            "morning": ((time(6), time(12)),),
            "noon": ((time(11), time(14)),),
            "evening": ((time(17), time(22)),),
            "night": ((time(21), time(0)), (time(0), time(6))),
        },
    ),
)
"""What is shipped. Administration adds others on its screen, each from a day to come: none that is
in force is rewritten (`models.MomentSetting`)."""


def moment_hours(day: date, settings: Sequence[MomentHours] = MOMENT_HOURS) -> MomentHours:
    """Give the setting in force on a day; before the first, that one."""
    known = [one for one in settings if one.since <= day]
    return max(known, key=lambda one: one.since) if known else settings[0]


DayPart = tuple[time, time]
A_WHOLE_DAY, SHARED = 24 * 60, 120  # minutes; neighbours share no more than that at their edges
NAMED = {"morning": "Le matin", "noon": "Le midi", "evening": "Le soir", "night": "La nuit"}


def _minutes(part: DayPart, *, is_night: bool) -> tuple[int, int]:
    """Count from midnight; a night goes on after it, and an evening may end on it."""
    starts, ends = (at.hour * 60 + at.minute for at in part)
    if is_night:
        return starts + A_WHOLE_DAY * (starts < A_WHOLE_DAY // 2), ends + A_WHOLE_DAY
    return starts, ends or A_WHOLE_DAY


def moments_problems(parts: Mapping[str, DayPart]) -> list[str]:
    """Say in French what forbids these hours; an empty list allows them.

    Convention de Cordée : les quatre moments se suivent, la nuit passe minuit, et deux voisins ne
    se recouvrent que de deux heures au plus.
    """
    spans = {name: _minutes(parts[name], is_night=name == "night") for name in NAMED}
    found = [
        f"{NAMED[name]} finit avant de commencer\u00a0: inversez les deux heures."
        for name, (starts, ends) in spans.items()
        if starts >= ends
    ]
    if found:
        return found
    morning = tuple(at + A_WHOLE_DAY for at in spans["morning"])
    following = [*list(spans.items())[1:], ("morning", morning)]
    for (name, one), (after, other) in zip(spans.items(), following, strict=True):
        if one[0] >= other[0] or one[1] >= other[1]:
            found.append(f"{NAMED[after]} doit commencer et finir après {NAMED[name].lower()}.")
        elif one[1] - other[0] > SHARED:
            found.append(
                f"{NAMED[name]} et {NAMED[after].lower()} se recouvrent de plus de deux heures."
            )
    return found


def hours_of(parts: Mapping[str, DayPart]) -> dict[str, Stretches]:
    """Cut each moment at midnight: what goes on after it is of the same day of the week."""
    found: dict[str, Stretches] = {}
    for name, (starts, ends) in parts.items():
        crosses = name == "night" and time(0) < ends <= starts
        found[name] = ((starts, time(0)), (time(0), ends)) if crosses else ((starts, ends),)
    return found


ANY_HOUR = ((time(0), time(0)),)
LATE_EVENING, A_DAY = timedelta(hours=4), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """When a first visit may be: between two moments; at some moments of the day, or any hour."""

    begins_at: datetime
    ends_at: datetime
    moments: frozenset[str] = frozenset()
    settings: tuple[MomentHours, ...] = MOMENT_HOURS

    def stretches(self, day: date) -> Iterator[Hours]:
        """Give the hours of a day that were asked for, by the setting of that day."""
        hours = moment_hours(day, self.settings).hours
        asked = [span for moment in sorted(self.moments) for span in hours[moment]]
        return (Hours(day.weekday(), starts, ends) for starts, ends in asked or ANY_HOUR)


def window_from(
    begins_at: datetime,
    now: datetime,
    *,
    within: timedelta | None,
    moments: Iterable[str] = (),
    settings: tuple[MomentHours, ...] = MOMENT_HOURS,
) -> Window:
    """Give when a first visit may be: from what was asked, never in the past, for as long as the
    delay leaves; `within` is counted from now, None is this evening.

    A day asked for is asked whole. This evening ends as that day's setting says, or in four hours
    when it is late.
    """
    begins = max(begins_at, now).astimezone(UTC)
    if within is None:
        day = begins.astimezone(PARIS).date()
        (evening,) = moment_hours(day, settings).hours["evening"]
        ends = max(_bounds(Hours(day.weekday(), *evening), day)[1], begins + LATE_EVENING)
    else:
        ends = max(now + within, begins + A_DAY)
    return Window(begins, ends, frozenset(moments), settings)


Span = tuple[datetime, datetime]


def times_in(hours: Sequence[Hours], window: Window) -> Iterator[Span]:
    """Give when a declared week meets a window, on the clock of mainland France."""
    day, last = (at.astimezone(PARIS).date() for at in (window.begins_at, window.ends_at))
    while day <= last:
        for stretch in (item for item in hours if item.weekday == day.weekday()):
            for asked in window.stretches(day):
                both = (_bounds(stretch, day), _bounds(asked, day))
                begins = max(window.begins_at, *(span[0] for span in both))
                ends = min(window.ends_at, *(span[1] for span in both))
                if begins < ends:
                    yield begins, ends
        day += A_DAY


def is_away(absences: Sequence[Away], spans: Iterable[Span]) -> bool:
    """Tell whether pauses and holidays leave nothing of these times."""
    return not any(_present(span, absences) for span in spans)


def declared_hours(
    hours: Sequence[Hours], absences: Sequence[Away], first: date, days: int = 30
) -> float:
    """Count the hours a professional declares over some days, pauses taken away.

    Fairness compares the solicitations received with this number. A stretch that crosses a clock
    change counts its real length.
    """
    total = timedelta()
    for day in (first + timedelta(days=rank) for rank in range(days)):
        for stretch in (item for item in hours if item.weekday == day.weekday()):
            total += _present(_bounds(stretch, day), absences)
    return total / timedelta(hours=1)


def _bounds(stretch: Hours, day: date) -> Span:
    last = day + timedelta(days=1) if stretch.ends == time(0) else day
    return (
        datetime.combine(day, stretch.starts, PARIS).astimezone(UTC),
        datetime.combine(last, stretch.ends, PARIS).astimezone(UTC),
    )


def _present(span: Span, absences: Sequence[Away]) -> timedelta:
    """Measure what remains of a stretch once absences, even overlapping ones, are cut out."""
    cursor, end = span
    present = timedelta()
    for absence in sorted(absences, key=lambda item: item.begins_at):
        if absence.ends_at is not None and absence.ends_at <= cursor:
            continue
        if absence.begins_at >= end:
            break
        present += max(absence.begins_at - cursor, timedelta())
        if absence.ends_at is None or absence.ends_at >= end:
            return present
        cursor = absence.ends_at
    return present + (end - cursor)


class Obstacle(StrEnum):
    """Why a professional is not asked; one sentence each, said to her on her own page."""

    CLOSED = "closed"
    NO_MOBILE = "no_mobile"
    MOBILE_UNPROVED = "mobile_unproved"
    TIE_UNCONFIRMED = "tie_unconfirmed"
    STOPPED = "stopped"
    NO_KIND = "no_kind"
    NO_ZONE = "no_zone"
    NO_HOURS = "no_hours"
    OTHER_KIND = "other_kind"
    OUT_OF_ZONE = "out_of_zone"
    OUT_OF_HOURS = "out_of_hours"
    AWAY = "away"


SAID = {
    Obstacle.CLOSED: "L’annuaire national ne vous connaît plus d’exercice en cours.",
    Obstacle.NO_MOBILE: "Donnez le numéro du mobile qui recevra les demandes.",
    Obstacle.MOBILE_UNPROVED: "Prouvez que ce mobile est le vôtre : un code vous est envoyé.",
    Obstacle.TIE_UNCONFIRMED: (
        "Une infirmière orienteuse appellera votre cabinet pour confirmer que ce mobile est bien "
        "celui du numéro RPPS."
    ),
    Obstacle.STOPPED: "Vous avez demandé l’arrêt des messages (STOP). Vous pouvez les reprendre.",
    Obstacle.NO_KIND: "Choisissez les soins que vous proposez.",
    Obstacle.NO_ZONE: "Choisissez les communes où vous vous déplacez.",
    Obstacle.NO_HOURS: "Donnez vos heures de la semaine.",
    Obstacle.OTHER_KIND: "Ce soin n’est pas dans ceux que vous proposez.",
    Obstacle.OUT_OF_ZONE: "Cette commune n’est pas dans votre zone.",
    Obstacle.OUT_OF_HOURS: "Ce moment n’est pas dans vos heures.",
    Obstacle.AWAY: "Une pause ou des congés couvrent ce moment.",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a professional declared and proved, as the rules need it."""

    mobile: str = ""
    mobile_proved: bool = False
    tie_confirmed: bool = False
    closed: bool = False
    stopped: bool = False
    kinds: frozenset[str] = frozenset()
    communes: frozenset[str] = frozenset()
    hours: tuple[Hours, ...] = ()
    absences: tuple[Away, ...] = field(default=())


def obstacles(declared: Declared) -> list[Obstacle]:
    """List what keeps a professional from ever being asked; empty when she is solicitable.

    Source: Cordée's own rule. A mobile alone proves a phone, not a profession: the tie between
    phone and RPPS number is confirmed by a named person, or by the national sign-on.
    """
    found = (
        (declared.closed, Obstacle.CLOSED),
        (not declared.mobile, Obstacle.NO_MOBILE),
        (bool(declared.mobile) and not declared.mobile_proved, Obstacle.MOBILE_UNPROVED),
        (not declared.tie_confirmed, Obstacle.TIE_UNCONFIRMED),
        (declared.stopped, Obstacle.STOPPED),
        (not declared.kinds, Obstacle.NO_KIND),
        (not declared.communes, Obstacle.NO_ZONE),
        (not declared.hours, Obstacle.NO_HOURS),
    )
    return [obstacle for stands, obstacle in found if stands]


def obstacles_to(
    declared: Declared, *, kinds: Iterable[str], commune: str, window: Window
) -> list[Obstacle]:
    """List what keeps a professional from being asked for one need, at one place, in a window."""
    found = (
        (not declared.kinds.issuperset(kinds), Obstacle.OTHER_KIND),
        (commune not in declared.communes, Obstacle.OUT_OF_ZONE),
    )
    there = [obstacle for stands, obstacle in found if stands]
    return obstacles(declared) + there + obstacles_when(declared.hours, declared.absences, window)


def obstacles_when(
    hours: Sequence[Hours], absences: Sequence[Away], window: Window
) -> list[Obstacle]:
    """List what of a week, a pause or a holiday keeps a professional from coming in a window.

    She may be asked when one stretch of her week meets one of the moments asked for, and neither
    pause nor holiday takes all of it. Source: Cordée's own rule.
    """
    times = list(times_in(hours, window))
    away = is_away(absences, times or [(window.begins_at, window.ends_at)])
    found = ((not times, Obstacle.OUT_OF_HOURS), (away, Obstacle.AWAY))
    return [obstacle for stands, obstacle in found if stands]


def desk_is_open(weekdays: Iterable[int], opens: time, closes: time, at: datetime) -> bool:
    """Tell whether a duty desk is held at a moment, on the clock of mainland France."""
    local = at.astimezone(PARIS)
    return any(Hours(day, opens, closes).holds(local) for day in weekdays)


def merged(hours: Iterable[Hours]) -> list[Hours]:
    """Join the stretches of a week that touch or overlap, so that no minute counts twice."""
    week: list[Hours] = []
    for stretch in sorted(hours, key=lambda item: (item.weekday, item.starts)):
        last = week[-1] if week else None
        if last is None or last.weekday != stretch.weekday or not _reaches(last, stretch):
            week.append(stretch)
        elif _minute(stretch.ends) > _minute(last.ends):
            week[-1] = Hours(last.weekday, last.starts, stretch.ends)
    return week


def _reaches(first: Hours, second: Hours) -> bool:
    return _minute(first.ends) >= second.starts.hour * 60 + second.starts.minute


def _minute(end: time) -> int:
    return end.hour * 60 + end.minute or 24 * 60


def stands_in_for(covers: Iterable[tuple[UUID, UUID]], absent: UUID) -> list[UUID]:
    """Follow who covers an absent account, then who covers that cover; a ring stops."""
    next_of = dict(covers)
    chain: list[UUID] = []
    while (cover := next_of.get(chain[-1] if chain else absent)) is not None:
        if cover == absent or cover in chain:
            break
        chain.append(cover)
    return chain


def absent_covered_by(covers: Iterable[tuple[UUID, UUID]], account: UUID) -> frozenset[UUID]:
    """Give every absent account whose chain of cover holds this account."""
    pairs = list(covers)
    return frozenset(absent for absent, _ in pairs if account in stands_in_for(pairs, absent))


FURTHEST = timedelta(days=3660)


def first_day(typed: str, now: datetime) -> date:
    """Give the day a roster is shown from; what cannot be read, or is ten years away, is today."""
    today = now.astimezone(PARIS).date()
    try:
        wanted = date.fromisoformat(typed)
    except ValueError:
        return today
    return wanted if abs(wanted - today) < FURTHEST else today

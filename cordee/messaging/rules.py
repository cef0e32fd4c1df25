"""What a text may carry, and when one tries again. Pure.

Sources: CSP art. L.1110-4 (secret des informations concernant la personne), RGPD art. 5(1)(c)
(minimisation), CPCE art. L.34-5 et recommandation CNIL sur la prospection par SMS (STOP).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import chain, zip_longest
from zoneinfo import ZoneInfo

from cordee.directory.rules import CARE_WORDS, LONGEST_SERVICE, carried, folded, may_sign
from cordee.kernel.typography import is_whole_day
from cordee.messaging.wordings import FIELDS, fields_in

PARIS = ZoneInfo("Europe/Paris")
WHEREVER = "votre secteur"

# ── what a text may carry ───────────────────────────────────────────────────────────────────────

CONTEXT_KEYS = ("organization_id", "commune_code", "begins_at", "code", "link")
# The only pages a link may open: every one of them shows nothing before it knows who reads.
LINK = re.compile(
    r"/(?:(?:r|suivi|demande|compte|invitation|compte/invitation)/[\w-]{20,86}/?)?", re.A
)
CODE = re.compile(r"[0-9]{4,8}", re.A)


class UnsafeError(ValueError):
    """A text would have carried something it may not; `code` says which lock held."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True)
class Area:
    """A place that could be named, with the residents that hide one person in it."""

    name: str
    residents: int


@dataclass(frozen=True)
class Wording:
    """The five things a text may say, already in words."""

    service: str
    area: str = WHEREVER
    begins_at: datetime | None = None
    code: str = ""
    link: str = ""


def glued(text: str) -> str:
    """Fold a text and leave no border between its words."""
    return folded(text).replace(" ", "")


def safe_area(areas: Iterable[Area], least: int) -> str:
    """Name the smallest area of at least `least` residents; "" when none is wide enough."""
    wide = [area for area in areas if area.residents >= least and area.name.strip()]
    return min(wide, key=lambda area: (area.residents, area.name)).name if wide else ""


class Unspeakable(frozenset[str]):
    """Words ready to be looked for in links: folded, in one piece, from six letters.

    A random secret does not spell one (odds below one in a million), a slug does. Shorter ones
    come up by chance, and a chance would keep a text from leaving.
    """

    @classmethod
    def of(
        cls, words: Iterable[str], *, least: int = 6, glue: Callable[[str], str] = glued
    ) -> Unspeakable:
        """Make these words ready."""
        return cls([whole for word in words if len(whole := glue(word)) >= least])


CARE_IN_LINKS = Unspeakable.of(CARE_WORDS)


def spelt(link: str, words: Iterable[str]) -> list[str]:
    """List the words that stand anywhere in a link, where words have no borders."""
    looked_for = words if isinstance(words, Unspeakable) else Unspeakable.of(words)
    whole = _BORDERS.sub("", link.lower()) if link.isascii() else glued(link)
    return sorted([word for word in looked_for if word in whole])


_BORDERS = re.compile(r"[^a-z0-9]+")


def check_context(context: Mapping[str, object]) -> None:
    """Refuse any key, type or shape that could carry more than identifiers. Raises UnsafeError."""
    for key in context:
        if key not in CONTEXT_KEYS:
            raise UnsafeError("messaging.context_key", str(key)[:20])
    begins_at = context.get("begins_at")
    if begins_at is not None and (not isinstance(begins_at, datetime) or begins_at.tzinfo is None):
        raise UnsafeError("messaging.context_begins_at")
    check_own(context.get("code", ""), context.get("link", ""))


def check_own(code: object, link: object) -> None:
    """Refuse a code or a link that could carry a word. Raises UnsafeError."""
    if not isinstance(code, str) or (code and not CODE.fullmatch(code)):
        raise UnsafeError("messaging.context_code")
    if not isinstance(link, str) or (link and not LINK.fullmatch(link)):
        raise UnsafeError("messaging.context_link")
    if spelt(link, CARE_IN_LINKS):
        raise UnsafeError("messaging.context_link")


def check_service_name(name: str) -> str:
    """Keep a sender's name to one short line without figures that look like a number to call."""
    line = " ".join(name.split())
    if not line or len(line) > LONGEST_SERVICE or not may_sign(line):
        raise UnsafeError("messaging.service_name")
    return line


_LINKING = {"a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "sur"}


def short_name(name: str) -> str:
    """Shorten a long name at a word that can end it: « … d’appui », not « … d’appui à »."""
    words = name.split()
    while len(" ".join(words)) > LONGEST_SERVICE and len(words) > 1:
        words.pop()
        while len(words) > 1 and folded(words[-1]) in _LINKING:
            words.pop()
    return " ".join(words)[:LONGEST_SERVICE]


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def template_faults(
    body: str, *, fields: Collection[str] = FIELDS, places: Iterable[str] = ()
) -> list[str]:
    """Say in French what forbids a template; an empty list allows it.

    `fields`: what the gesture behind the message gives to fill it with. `places`: names of communes
    and the like, which may come only through « {secteur} ».
    """
    faults = []
    for name in sorted(fields_in(body).difference(fields)):
        faults.append(f"« {{{name[:30]}}} » n’est pas un champ connu de ce message.")
    literal = _PLACEHOLDER.sub(" ", body)
    if "{" in literal or "}" in literal:
        faults.append("Une accolade est restée ouverte.")
    for word in carried(literal, CARE_WORDS):
        faults.append(f"« {word} » parle de soins : un message n’en dit rien.")
    for place in carried(literal, places):
        faults.append(f"« {place} » est un lieu : utilisez {{secteur}}.")
    if re.search(r"[0-9]{4,}|://|www\.|@", literal):
        faults.append("Un numéro, une adresse ou un lien écrit à la main n’a pas sa place ici.")
    if not body.strip():
        faults.append("Le modèle est vide.")
    return faults


def moment(at: datetime) -> str:
    """Write a moment so that it stays true when the text arrives late: « mar. 24/11 à 8:00 ».

    A day of which no hour was said is kept as its midnight: « mar. 24/11 ».
    """
    local = at.astimezone(PARIS)
    day = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")[local.weekday()]
    said = f"{day} {local:%d/%m}"
    return said if is_whole_day(local) else f"{said} à {local.hour}:{local:%M}"


@dataclass(frozen=True)
class Letter:
    """A text that lacks only its code and its link: what many texts share is written once.

    `parts`: words, then « code » or « lien », then words again, to the last words.
    """

    parts: tuple[str, ...]

    @classmethod
    def of(cls, body: str, wording: Wording) -> Letter:
        """Fill in everything else. Raises UnsafeError."""
        words = {
            "service": wording.service,
            "secteur": wording.area,
            "debut": moment(wording.begins_at) if wording.begins_at else "",
        }
        parts = _OWN.split(body)
        for part in parts[::2]:
            for name in _PLACEHOLDER.findall(part):
                _there(words, name)
        filled = [_PLACEHOLDER.sub(lambda match: words[match.group(1)], one) for one in parts[::2]]
        parts[::2] = filled
        return cls(tuple(parts))

    def folded(self, fold: Callable[[str], str]) -> Letter:
        """Write its words in another alphabet; codes and links are in all of them."""
        names = self.parts[1::2]
        words = map(fold, self.parts[::2])
        return Letter(tuple(chain.from_iterable(zip_longest(words, names, fillvalue="")))[:-1])

    def written(self, *, code: str, link: str) -> str:
        """Write the text. Raises UnsafeError when it lacks what it should hold."""
        own, parts = {"code": code, "lien": link}, [*self.parts]
        parts[1::2] = [own[name] or _there(own, name) for name in parts[1::2]]
        return "".join(parts)


_OWN = re.compile(r"\{(code|lien)\}")


def _there(words: Mapping[str, str], name: str) -> str:
    if not words.get(name):
        raise UnsafeError("messaging.missing_word", name[:20])
    return words[name]


def compose(body: str, wording: Wording, *, base_url: str, forbidden: Iterable[str] = ()) -> str:
    """Write the text, then look at it once more. Raises UnsafeError.

    `forbidden`: words of the person it is about; none may stand in the link. The code is digits
    drawn at random; the service and the area come from the directory: both are let through.
    """
    check_link(wording.link, forbidden)
    link = base_url.rstrip("/") + wording.link if wording.link else ""
    return Letter.of(body, wording).written(code=wording.code, link=link)


def check_calendar(calendar: str) -> None:
    """Refuse an invitation that spells a word of care. Raises UnsafeError.

    Addresses are let through: who is invited is written there, and nobody else.
    """
    whole = calendar.replace("\r\n ", "").splitlines()
    told = [line for line in whole if not line.startswith(("ATTENDEE", "ORGANIZER", "UID"))]
    if any(spelt(line, CARE_IN_LINKS) for line in told):
        raise UnsafeError("messaging.calendar")


def check_link(link: str, forbidden: Iterable[str]) -> None:
    """Refuse a link that spells a word of the person. Raises UnsafeError."""
    if leaked := spelt(link, forbidden):
        raise UnsafeError("messaging.person_words", str(len(leaked)))


def check_all_own(codes: Sequence[str], links: Sequence[str], forbidden: Unspeakable) -> None:
    """Refuse codes and links of one need, if one is refused alone. Raises UnsafeError.

    A word that is nowhere in all the links together is in none of them: thousands are looked at
    some by some, and one by one where there is something to say.
    """
    whole = "".join(links)
    are_codes = all(map(CODE.fullmatch, codes)) and all(map(LINK.fullmatch, links))
    if are_codes and not spelt(whole, CARE_IN_LINKS) and not spelt(whole, forbidden):
        return
    for code, link in zip(codes, links, strict=True):
        check_own(code, link)
        check_link(link, forbidden)


# ── who has said STOP ───────────────────────────────────────────────────────────────────────────

ANSWERED_WITHIN = timedelta(hours=24)


def answers_since(now: datetime) -> datetime:
    """Say since when what was written to us after a STOP may still be answered by text.

    Source: CPCE, art. L.34-5, as it is read in `people.rules.processing.ANSWERED_AFTER_STOP`. A day
    is a choice of Cordée, without source. These are hours that pass: the two nights when the clock
    changes are no exception.
    """
    return now.astimezone(UTC) - ANSWERED_WITHIN


# ── when one tries again ────────────────────────────────────────────────────────────────────────

MOST_ATTEMPTS = 8
MOST_BY_MAIL = 56  # about a day: a server that puts off is tried again (RFC 5321 §4.5.4.1)
WITHDRAWN = "messaging.withdrawn"  # the reason of what had no object any more before it left
DOUBT = timedelta(minutes=2)  # how long a text whose fate is unknown waits for its receipt
OF_ITS_NUMBER = 3  # after so many attempts that count, a text waits for its number, not its carrier
GRACE = timedelta(seconds=30)  # how long a link may be down before anybody is told
OF_EVERYBODY = 3  # so many numbers refused alike, and none taken since: it is not the numbers
OF_NUMBERS = 10  # the same, where the carrier says that it is the number, and has taken others
NAMES_A_NUMBER = frozenset({"ESME_RINVDSTADR"})  # SMPP 3.4 §5.1.3, invalid destination address
BELIEVED = 2  # a refusal is believed the second time, of a carrier that takes others
REFUSES_ALL = "messaging.refuses_all"
NOBODY_CARRIES = "messaging.nobody_carries"
_STEPS = (10, 30, 60, 120, 300, 600, 1200, 1800)


def most_attempts(channel: str) -> int:
    """Say how often a message that is put off is tried: 40 minutes by text, a day by mail."""
    return MOST_BY_MAIL if channel == "email" else MOST_ATTEMPTS


def retry_delay(attempts: int, jitter: float) -> timedelta:
    """Wait 10 s, 30 s, 1 min … 30 min, spread by ±20 % (`jitter` in 0..1) against stampedes."""
    step = _STEPS[min(max(attempts, 1), len(_STEPS)) - 1]
    return timedelta(seconds=step * (0.8 + 0.4 * jitter))


def link_delay(failures: int, jitter: float) -> float:
    """Seconds before binding again: 1, 2, 4 … 60, halved at most by `jitter` (0..1)."""
    return float(min(60, 2 ** min(max(failures, 1) - 1, 6))) * (0.5 + 0.5 * jitter)


def throttle_delay(times: int, jitter: float) -> float:
    """Seconds to hold everything when the carrier says « slower »: 1, 2, 4 … 30, with jitter."""
    return float(min(30, 2 ** min(max(times, 1) - 1, 5))) * (0.5 + 0.5 * jitter)


def opening_ends(reason: str, *, answered: bool) -> bool:
    """Say whether a link that opens ends a break. It proves nothing of a carrier that refuses
    whatever it is given, nor of one that was not asked yet: a message that it takes does.
    """
    return reason == NOBODY_CARRIES or (answered and not reason.startswith(REFUSES_ALL))


class Fault(Enum):
    """Whose fault a refusal is, as far as one can tell."""

    ITS_OWN = "its own"  # the message fails: its number, its words
    CARRIER = "carrier"  # or our setting of it: every message waits, somebody is told
    UNKNOWN = "unknown"  # it is tried again, by its schedule


@dataclass(frozen=True)
class Refusals:
    """Which numbers a carrier has refused for one reason since it last took a message.

    Hypothèse de Cordée, sans source : trois numéros différents refusés de suite pour le même motif
    ne sont pas trois mauvais numéros. Ceux des professionnels ont été prouvés par un code, ceux des
    demandeurs ont la forme d’un numéro, et un mauvais numéro isolé est la règle. D’un opérateur qui
    a déjà pris un message et qui nomme le numéro lui-même, il en faut dix : qui n’écrit qu’à trois
    mauvais numéros n’a pas un opérateur en panne. De qui n’a rien pris encore, trois suffisent :
    c’est souvent la forme des numéros qui est mal réglée.
    """

    takes: bool = False  # it has taken one since this postman began
    reason: str = ""
    numbers: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()  # refused just before it took another: it is them

    def taken(self) -> Refusals:
        """Note that it took a message."""
        return Refusals(takes=True, own=self.numbers or self.own)

    def and_of(self, number: str, reason: str) -> Refusals:
        """Note one refusal more; another reason begins again. A few numbers are proof enough."""
        known = self.numbers if reason == self.reason else frozenset()
        if number in self.own or len(known) >= self._enough(reason):
            return self
        return replace(self, reason=reason, numbers=known | {number})

    def fault(self, number: str, attempts: int) -> Fault:
        """Say whose fault the last refusal is, of a message tried so many times."""
        if len(self.numbers) >= self._enough(self.reason) and number not in self.own:
            return Fault.CARRIER
        alone = self.takes and (self.numbers == {number} or self.reason in NAMES_A_NUMBER)
        is_its_own = number in self.own or alone
        return Fault.ITS_OWN if is_its_own and attempts >= BELIEVED else Fault.UNKNOWN

    def _enough(self, reason: str) -> int:
        """How many numbers refused for this reason are not so many bad numbers."""
        return OF_NUMBERS if self.takes and reason in NAMES_A_NUMBER else OF_EVERYBODY

"""How a reply is read. Pure: a word, a code, or a human.

Source: CPCE art. L.34-5 (STOP, sans frais et sans motif) ; the rest is our own tolerance.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from cordee.directory.rules import folded
from cordee.messaging.rules import CODE


class Answer(Enum):
    """What a professional can say with one word."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class Reply:
    """A text received, read. Not `clear`: a human reads it, and nothing moves by itself."""

    answers: tuple[tuple[Answer, str], ...] = ()
    codes: tuple[str, ...] = ()
    stop: bool = False
    clear: bool = False


_YES = {"oui", "ouii", "ouiii", "ok", "okay", "yes", "daccord"}
_NO = {"non", "nan", "no", "nope", "indisponible", "desole", "desolee"}
_STOP = {
    *("stop", "stopsms", "stoppub", "desabonner", "desabonnement", "desabonnez", "desinscrire"),
    *("desinscription", "desinscrivez", "arret", "arreter", "arretez", "unsubscribe"),
}
# What may stand beside it, and changes nothing: what to stop, towards which number, thanks.
_OF_STOP = {
    *("au", "aux", "sms", "texto", "textos", "message", "messages", "msg", "pub", "pubs", "de"),
    *("contact", "contacts", "alerte", "alertes", "envoi", "envois", "sollicitation"),
    *("sollicitations", "moi", "me", "mes", "m", "ces", "des", "d", "plus", "ne", "envoyer"),
    *("ecrire", "contacter"),
}
_POLITE = {
    *("a", "avec", "beaucoup", "bien", "bjr", "bonjour", "bonne", "bonsoir", "bsr", "code"),
    *("cordialement", "et", "journee", "la", "le", "les", "merci", "n", "numero", "par", "plaisir"),
    *("plait", "pour", "reponse", "s", "salut", "sms", "soiree", "svp", "te", "il", "tous", "vous"),
}
_FRIENDLY = frozenset("🙂😊😀😃🙏👍✅☺°№\ufe0f\u200d")  # « n° 4821 »
_TIME = re.compile(r"\b[0-9]{1,2}\s*(?:h|:)\s*[0-9]{0,2}|\b[0-9]{1,2}/[0-9]{1,2}")
_SPOKEN = (
    (r"\b0ui\b", "oui"),  # a zero for an O
    (r"\bd accord\b", "daccord"),
    (r"\bs t o p\b", "stop"),
    (r"\bpas (?:dispo|disponible|possible|libre)\b", "non"),
    (r"([a-z])([0-9])", r"\1 \2"),
    (r"([0-9])([a-z])", r"\1 \2"),
)


def _foreign(text: str) -> bool:
    """Say whether something is written that folding would silently lose."""
    for character in unicodedata.normalize("NFKD", text):
        kind = unicodedata.category(character)
        if kind[0] in "LN" and not folded(character):
            return True
        if kind == "So" and character not in _FRIENDLY:
            return True
    return False


def _tokens(text: str) -> list[str]:
    """Cut into words and codes; « 48 21 » and « 4 8 2 1 » are one code."""
    words = folded(text)
    for written, meant in _SPOKEN:
        words = re.sub(written, meant, words)
    tokens: list[str] = []
    for token in words.split():
        before = tokens[-1] if tokens else ""
        halves = token.isdigit() and before.isdigit() and max(len(token), len(before)) < 4
        if halves and len(before + token) <= 6:
            tokens[-1] = before + token
        else:
            tokens.append(token)
    return tokens


@dataclass
class _Reading:
    """What has been understood so far, token by token."""

    said: list[tuple[Answer, str]]
    waiting: list[str]  # codes that came before their word
    current: Answer | None = None
    used: bool = False
    doubtful: bool = False

    def word(self, answer: Answer) -> None:
        if self.waiting:  # « 4821 oui »
            self.said += [(answer, code) for code in self.waiting]
            self.waiting, self.current = [], None
            return
        self.doubtful |= self.current not in (None, answer) and not self.used
        self.current, self.used = answer, False

    def code(self, code: str) -> None:
        if self.current is None:
            self.waiting.append(code)
        else:
            self.said.append((self.current, code))
            self.used = True

    def end(self) -> None:
        if self.current and not self.said:
            self.said.append((self.current, ""))
        elif self.current and not self.used:  # « oui 4821 non »
            self.doubtful |= self.current is not self.said[-1][0]
        contradicted = len({code for _, code in self.said}) < len(set(self.said))
        self.doubtful |= bool(self.waiting) or contradicted or not self.said


def read_reply(text: str) -> Reply:
    """Read « OUI 4821 », « non 4821 merci », « oui! », « 4821 oui », « oui 4821 non 5932 », STOP.

    A condition (« oui mais à partir de demain 8:00 »), a question or a contradiction is not clear:
    its codes are kept, so that the human who reads it sees what it is about.
    """
    tokens = _tokens(text)
    codes = tuple(dict.fromkeys(token for token in tokens if CODE.fullmatch(token)))
    if tokens and tokens[0] in _STOP and not set(tokens[1:]) - _POLITE - _OF_STOP - set(codes):
        return Reply(codes=codes, stop=True, clear=True)
    reading = _Reading(said=[], waiting=[])
    for token in tokens:
        if token in _YES or token in _NO:
            reading.word(Answer.YES if token in _YES else Answer.NO)
        elif token in codes:
            reading.code(token)
        elif token not in _POLITE:
            reading.doubtful = True
    reading.end()
    if reading.doubtful or "?" in text or _TIME.search(text) or _foreign(text):
        return Reply(codes=codes)
    return Reply(answers=tuple(dict.fromkeys(reading.said)), codes=codes, clear=True)

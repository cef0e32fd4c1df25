"""Each word of the person about their data, with its proof: who said it, to whom, how, when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cordee.access.actor import Actor
from cordee.people.models import (
    EmergencyOpposition,
    HintChoice,
    Information,
    Person,
    Processing,
    Sharing,
)
from cordee.people.models.choices import Proof
from cordee.people.rules.processing import Will
from cordee.people.rules.sharing import Choice, Medium


@dataclass(frozen=True)
class Word:
    """What was said, and the row that proves it."""

    about: str
    said: str
    tone: str
    proof: Proof
    between: str = "de la part de"


@dataclass
class Words:
    """Those that hold, and those of before, the latest first."""

    now: list[Word]
    before: list[Word]


def words_of(actor: Actor, person: Person) -> dict[str, Words]:
    """Read all that the person was told and said, by subject. Five queries."""
    found = {
        "information": _informations(actor, person),
        "sharing": _sharings(actor, person),
        "processing": _processings(actor, person),
        "emergency": _oppositions(actor, person),
        "hint": _hints(actor, person),
    }
    return {
        subject: Words(
            [word for word in words if word.proof.until is None],
            [word for word in words if word.proof.until is not None],
        )
        for subject, words in found.items()
    }


def _rows(kind: type[Proof], actor: Actor, person: Person) -> Iterable[Any]:
    rows = kind.objects.seen_about(actor, person.pk)
    return rows.select_related("relative", "collected_by").order_by("-since", "-pk")


def _informations(actor: Actor, person: Person) -> list[Word]:
    return [
        Word("note d’information", "remise", "good", row, between="à")
        for row in _rows(Information, actor, person)
    ]


TONES = {Choice.OPPOSED: "warn", Choice.CONSENTED: "good", Choice.NEUTRAL: "neutral"}


def _sharings(actor: Actor, person: Person) -> list[Word]:
    """One word over several media is told once."""
    gestures: dict[tuple[Any, ...], list[Any]] = {}
    for row in _rows(Sharing, actor, person):
        gesture = (row.since, row.until, row.category, row.audience, row.choice, row.speaker)
        gestures.setdefault((*gesture, row.relative_id, row.how, row.document), []).append(row)
    words = []
    for rows in gestures.values():
        row, choice = rows[0], Choice(rows[0].choice)
        about = f"{row.get_category_display()} · {row.get_audience_display()} · {_media(rows)}"
        words.append(Word(about, choice.label, TONES[choice], row))
    return words


def _media(rows: list[Any]) -> str:
    media = {Medium(row.medium) for row in rows}
    if media == set(Medium):
        return "tous les moyens"
    return ", ".join(one.label for one in Medium if one in media)


def _processings(actor: Actor, person: Person) -> list[Word]:
    return [
        Word(
            row.get_purpose_display(),
            row.get_will_display(),
            "warn" if row.will == Will.REFUSED else "good",
            row,
        )
        for row in _rows(Processing, actor, person)
    ]


def _oppositions(actor: Actor, person: Person) -> list[Word]:
    return [
        Word("accès d’urgence", "refusé", "warn", row)
        if row.opposed
        else Word("accès d’urgence", "de nouveau possible", "good", row)
        for row in _rows(EmergencyOpposition, actor, person)
    ]


def _hints(actor: Actor, person: Person) -> list[Word]:
    return [
        Word(
            "dire que l’affichage peut être partiel",
            "permis" if row.allowed else "non permis",
            "good" if row.allowed else "neutral",
            row,
        )
        for row in _rows(HintChoice, actor, person)
    ]

"""Ce qui est déjà connu est proposé avec sa source et sa date ; rien ne se remplit tout seul.

La réponse la plus récente est proposée. Si une autre source dit autre chose, les deux sont
montrées. Une réponse ancienne dit son âge : la limite est un réglage daté, à valider localement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cordee.assessments.rules.feeds import FEEDS, PERSON, RESULT, Feed
from cordee.assessments.rules.months import YEAR, months_after, months_between
from cordee.assessments.rules.results import Answer, Answers, Result
from cordee.assessments.rules.scales import Dated, in_force
from cordee.kernel.typography import NBSP, plural, said_day
from cordee.people.rules.readings import Reading

TITLES = {
    PERSON: "Dossier de la personne",
    "aggir": "AGGIR",
    "charlson": "Indice de Charlson",
    "epices": "EPICES",
    "functional": "Gestes et activités de tous les jours",
    "gds-15": "GDS à 15 questions",
    "hospital": "HOSPITAL",
    "lace": "LACE",
    "mini-gds": "Mini-GDS",
    "multidimensional": "Évaluation multidimensionnelle",
    "norton": "Échelle de Norton",
    "sega-a": "SEGA, volet A",
    "carer-burden": "Fiche de l’aidant",
}
OTHERWISE = ""
MONTHS = {
    OTHERWISE: 6,
    **dict.fromkeys(("sega-a falls", "multidimensional falls"), 1),
    **dict.fromkeys(("sega-a nutrition", "multidimensional nutrition"), 1),
    **dict.fromkeys(("sega-a mood", "multidimensional mood"), 3),
    **dict.fromkeys(("gds-15 q3", "gds-15 q7", "gds-15 q14"), 0),
    **dict.fromkeys(("mini-gds q2", "mini-gds q3", "mini-gds q4"), 0),
    **dict.fromkeys(("lace stay", "lace acute", "hospital stay", "hospital urgent"), 0),
}
"""By instrument and question; what speaks of this week or of this stay is old the next day."""
FRESH = (
    Dated(
        "Ancienneté au-delà de laquelle une réponse connue dit son âge, en mois",
        MONTHS,
        date(2026, 11, 1),
        Reading("6 mois, moins pour ce qui change vite", "choix de Cordée, à valider localement"),
    ),
)


@dataclass(frozen=True)
class Known:
    """One answer that was given; a result is known under `@` and its code."""

    instrument: str
    link_id: str
    value: Answer
    authored_on: date
    author: str
    """As it is said: « Mme Roux, infirmière »."""
    is_restricted: bool = False
    """Whether fewer people read it where it comes from than where it would be taken."""


@dataclass(frozen=True)
class Proposal:
    """An answer to accept in one tap, with where it comes from and, if it is old, its age."""

    link_id: str
    value: Answer
    said_source: str
    authored_on: date
    said_age: str = ""
    others: tuple["Proposal", ...] = field(default=())
    """What other sources say that is not the same, the most recent first."""
    is_restricted: bool = False


def known_of(
    instrument: str,
    answers: Answers,
    results: Iterable[Result],
    on: date,
    author: str,
    *,
    is_restricted: bool = False,
) -> tuple[Known, ...]:
    """List what a finished response makes known: its single answers, and its results."""
    said = [(link_id, values[0]) for link_id, values in answers.items() if len(values) == 1]
    said += [(f"{RESULT}{one.code}", one.value) for one in results]
    return tuple(
        Known(instrument, link_id, value, on, author, is_restricted) for link_id, value in said
    )


def proposals(target: str, known: Sequence[Known], *, on: date) -> tuple[Proposal, ...]:
    """Give what is already known for an instrument, in the order of its table, on a day.

    What is dated after that day is not read. One proposal a question at most."""
    read = _responses(known, on)
    found: dict[str, list[tuple[Feed, Known, Answer]]] = {}
    for feed in FEEDS:
        if feed.target != target:
            continue
        for given in read.get(feed.source, ()):
            value = _converted(feed, given, on)
            if value is not None:
                found.setdefault(feed.link_id, []).append((feed, given[feed.reads[0]], value))
    return tuple(_proposal(candidates, on) for candidates in found.values())


def _responses(known: Sequence[Known], on: date) -> Mapping[str, list[dict[str, Known]]]:
    """By instrument, each response as its answers: answers of two days are never put together."""
    grouped: dict[tuple[str, date, str], dict[str, Known]] = {}
    for one in known:
        if one.authored_on <= on:
            key = (one.instrument, one.authored_on, one.author)
            grouped.setdefault(key, {})[one.link_id] = one
    by_instrument: dict[str, list[dict[str, Known]]] = {}
    for (instrument, _, _), given in grouped.items():
        by_instrument.setdefault(instrument, []).append(given)
    return by_instrument


def _converted(feed: Feed, given: Mapping[str, Known], on: date) -> Answer | None:
    if any(link_id not in given for link_id in feed.reads):
        return None
    return feed.convert(tuple(given[link_id].value for link_id in feed.reads), on)


def _proposal(candidates: Sequence[tuple[Feed, Known, Answer]], on: date) -> Proposal:
    """The most recent of all; from each other source its last word, if it is another."""
    ordered = sorted(candidates, key=lambda one: one[1].authored_on, reverse=True)
    latest: dict[tuple[str, str], Proposal] = {}
    for feed, source, value in ordered:
        latest.setdefault((feed.source, source.author), _said(feed, source, value, on))
    first, *rest = latest.values()
    kept = tuple(
        one for one in rest if one.value != first.value and (not one.said_age or first.said_age)
    )
    return replace(first, others=kept)


def _said(feed: Feed, source: Known, value: Answer, on: date) -> Proposal:
    title = TITLES[feed.source]
    dated = f"{title}, {said_day(source.authored_on, on)}, {source.author}"
    return Proposal(
        link_id=feed.link_id,
        value=value,
        said_source=dated if feed.ages else title,
        authored_on=source.authored_on,
        said_age=_age(feed, source.authored_on, on) if feed.ages else "",
        is_restricted=source.is_restricted,
    )


def _age(feed: Feed, authored_on: date, on: date) -> str:
    limits = in_force(FRESH, on).value
    limit = limits.get(f"{feed.target} {feed.link_id}", limits[OTHERWISE])
    if on <= months_after(authored_on, limit):
        return ""
    months = months_between(authored_on, on)
    if months >= 2 * YEAR:
        ago = plural(months // YEAR, "an")
    elif months:
        ago = plural(months, "mois", "mois")
    else:
        ago = plural((on - authored_on).days, "jour")
    return f"Réponse d’il y a {ago}{NBSP}: à vérifier avec la personne."

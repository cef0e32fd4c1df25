"""La table de ce qu’une réponse déjà donnée propose ailleurs : qui donne, qui reçoit, comment.

Une réponse n’est proposée que si la question est la même, ou si la réponse cherchée s’en déduit
sans juger (un nombre de médicaments donne sa tranche ; l’inverse n’est pas vrai). Deux exceptions
sont des avis, et sont dites comme tels par leur source : le résultat de la GDS pour l’humeur de
SEGA, et les gestes de la fiche fonctionnelle pour ses lignes d’autonomie.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments import gds
from cordee.assessments.rules.months import YEAR, months_between
from cordee.assessments.rules.results import Answer

PERSON = "person"
"""The record of the person, as a source; its only question is `birth-date`."""
RESULT = "@"
"""Before the code of a result, when it is a result that is known: `@gds-15`."""

Convert = Callable[[tuple[Answer, ...], date], Answer | None]


@dataclass(frozen=True)
class Feed:
    """What one instrument proposes for one question of another; None proposes nothing."""

    target: str
    link_id: str
    source: str
    reads: tuple[str, ...]
    convert: Convert
    ages: bool = True
    """Whether what was said may be too old; a day of birth never is."""


def as_is(given: tuple[Answer, ...], on: date) -> Answer | None:
    """Propose the answer itself: the question is the same."""
    return given[0]


def _coded(codes: Mapping[Answer, str]) -> Convert:
    return lambda given, on: codes.get(given[0])


def _cut(*steps: tuple[int, str]) -> Convert:
    """Propose the code of the highest step that a number reaches."""

    def convert(given: tuple[Answer, ...], on: date) -> Answer | None:
        number = given[0]
        if not isinstance(number, Decimal):
            return None
        reached = [code for start, code in steps if number >= start]
        return reached[-1] if reached else None

    return convert


def _age(given: tuple[Answer, ...], on: date) -> int | None:
    """Completed years; someone born on 29 February has the birthday of 28 in a common year."""
    try:
        born = date.fromisoformat(str(given[0]))
    except ValueError:
        return None
    return months_between(born, on) // YEAR if born <= on else None


def _years(given: tuple[Answer, ...], on: date) -> Answer | None:
    age = _age(given, on)
    return None if age is None else Decimal(age)


def _age_row(given: tuple[Answer, ...], on: date) -> Answer | None:
    age = _years(given, on)
    return None if age is None else _cut((0, "74"), (75, "75-84"), (85, "85"))((age,), on)


def _together(given: tuple[Answer, ...], on: date) -> Answer | None:
    """Alone in all is independent, in the charge of somebody for all is unable, else some help."""
    if set(given) == {"alone"}:
        return "independent"
    return "unable" if set(given) == {"full-help"} else "some-help"


def _mood(given: tuple[Answer, ...], on: date) -> Answer | None:
    if not isinstance(given[0], Decimal):
        return None
    band = gds.scale(on).band(given[0])
    words = {gds.UNLIKELY: "normal", gds.POSSIBLE: "sad", gds.LIKELY: "depressed"}
    return words.get(band) if band else None


SAME: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("multidimensional", "sega-a"): {
        one: one
        for one in ("health", "falls", "nutrition", "mobility", "mood", "cognition", "living")
    },
    ("multidimensional", "functional"): {
        one: one
        for one in ("wash", "dress", "toilet", "transfer", "continence", "eat", "phone")
        + ("shopping", "cooking", "housework", "laundry", "transport", "medicines", "money")
    },
    ("multidimensional", "epices"): {
        "social-worker": "q1",
        "insurance": "q2",
        "couple": "q3",
        "owner": "q4",
        "money-trouble": "q5",
        "family": "q9",
        "lodging": "q10",
        "material": "q11",
    },
    ("multidimensional", "norton"): {"physical": "physical"},
    ("multidimensional", "carer-burden"): {"backup": "backup", "hold": "hold"},
    ("mini-gds", "gds-15"): {"q2": "q3", "q3": "q7", "q4": "q14"},
    ("lace", "hospital"): {"stay": "stay", "acute": "urgent"},
}
"""The same question on both sides: each pair feeds both ways, by linkId."""

ALONE = _coded({"alone": "independent", "some-help": "some-help", "full-help": "unable"})
CONTINENCE = _coded({"alone": "continent", "some-help": "occasional", "full-help": "permanent"})
IADL = ("phone", "cooking", "medicines", "transport")

DERIVED = (
    Feed("sega-a", "age", PERSON, ("birth-date",), _age_row, ages=False),
    Feed("epices", "age", PERSON, ("birth-date",), _years, ages=False),
    Feed("charlson", "age", PERSON, ("birth-date",), _years, ages=False),
    Feed("lace", "charlson", "charlson", ("@charlson",), as_is),
    Feed(
        "sega-a",
        "medicines",
        "multidimensional",
        ("medicine-count",),
        _cut((0, "0-3"), (4, "4-5"), (6, "6")),
    ),
    Feed(
        "sega-a",
        "diseases",
        "multidimensional",
        ("disease-count",),
        _cut((0, "none"), (1, "1-3"), (4, "4")),
    ),
    Feed("sega-a", "mood", "gds-15", ("@gds-15",), _mood),
    *(
        Feed("sega-a", target, source, reads, convert)
        for source in ("multidimensional", "functional")
        for target, reads, convert in (
            ("iadl", IADL, _together),
            ("continence", ("continence",), CONTINENCE),
            ("meals", ("eat",), ALONE),
        )
    ),
    *(
        Feed(
            target,
            "mobility",
            "norton",
            ("activity",),
            _coded(
                {
                    "walks": "independent",
                    "walks-helped": "some-help",
                    "chair": "unable",
                    "bed": "unable",
                }
            ),
        )
        for target in ("sega-a", "multidimensional")
    ),
    *(
        Feed(
            "norton",
            "activity",
            source,
            ("mobility",),
            _coded({"independent": "walks", "some-help": "walks-helped"}),
        )
        for source in ("sega-a", "multidimensional")
    ),
    Feed(
        "norton",
        "continence",
        "sega-a",
        ("continence",),
        _coded({"continent": "none", "occasional": "occasional"}),
    ),
)

FEEDS: tuple[Feed, ...] = DERIVED + tuple(
    feed
    for (one, other), pairs in SAME.items()
    for mine, theirs in pairs.items()
    for feed in (
        Feed(other, theirs, one, (mine,), as_is),
        Feed(one, mine, other, (theirs,), as_is),
    )
)


def sources_of(target: str) -> Mapping[str, frozenset[str]]:
    """Give what is worth reading before an instrument is opened: by source, its linkIds."""
    wanted: dict[str, frozenset[str]] = {}
    for feed in FEEDS:
        if feed.target == target:
            wanted[feed.source] = wanted.get(feed.source, frozenset()) | set(feed.reads)
    return wanted

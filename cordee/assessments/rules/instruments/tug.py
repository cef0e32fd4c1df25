"""TUG (timed up and go): how many seconds to rise, walk three metres, turn, come back and sit.

Source: Podsiadlo and Richardson, 1991. The cuts vary between authors: they are dated settings.
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.given import number
from cordee.assessments.rules.results import Answers, Band, Missing, Point, Result
from cordee.assessments.rules.scales import Dated, Scale, Step, in_force
from cordee.people.rules.readings import Reading

SHORTEST, LONGEST = Decimal(1), Decimal(600)
"""Two figures beyond which a stopwatch was misread, or minutes were typed."""
SLOW = (
    Dated(
        "Ralenti",
        Decimal(12),
        date(2003, 1, 1),
        Reading("plus de 12\u00a0secondes", "Bischoff et al., 2003, cité par des fiches publiques"),
    ),
)
VERY_SLOW = (
    Dated(
        "Très ralenti",
        Decimal(20),
        date(1991, 1, 1),
        Reading(
            "20\u00a0secondes ou plus",
            "Podsiadlo et Richardson, 1991, cité par la Société francophone d’oncogériatrie",
        ),
    ),
)
OTHERS = "plus de 14\u00a0secondes\u00a0; paliers à 10, 20 et 30\u00a0secondes"


def scale(on: date) -> Scale:
    """The seconds, cut as on a day."""
    slow, very = in_force(SLOW, on), in_force(VERY_SLOW, on)
    return Scale(
        code="tug",
        label="Timed up and go (TUG)",
        unit="s",
        out_of=None,
        steps=(
            Step(Decimal(0), Band("usual", "Allure habituelle", 0)),
            Step(slow.value, Band("slow", "Ralenti\u00a0: risque de chute à évaluer", 1), True),
            Step(very.value, Band("very-slow", "Très ralenti\u00a0: risque de chute élevé", 2)),
        ),
        source="Podsiadlo et Richardson, 1991, J Am Geriatr Soc 39",
        caution="Seuils non vérifiés, qui varient selon les auteurs. Retenus\u00a0: "
        f"{slow.reading.said} et {very.reading.said}. On lit aussi\u00a0: {OTHERS}. Un repérage, "
        "non un diagnostic\u00a0; ne comparez que des mesures faites avec la même aide à la "
        "marche. L’épreuve impossible ne se note pas en secondes.",
    )


def scales(on: date) -> tuple[Scale, ...]:
    """What this instrument measures."""
    return (scale(on),)


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """The seconds that were counted; what the person walked with changes nothing."""
    seconds = number(answers, "seconds", SHORTEST, LONGEST)
    if seconds is None:
        return Missing(("seconds",))
    said = f"Durée mesurée\u00a0: {seconds.normalize():f}\u00a0s".replace(".", ",")
    return (scale(on).result(seconds, (Point("seconds", said, seconds),)),)

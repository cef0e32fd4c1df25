"""From the four adverbs to A, B or C, and from the sub-variables to the variable.

The guide that says it (CASF, annexe 2-1, guide de remplissage, décret n° 2008-821 du 21 août 2008)
could not be read: the public copies of the code leave it out. The adverbs and the sub-variables are
told alike by two independent sources. How two sub-variables make one variable was read in three
public programs that do not agree on eating and elimination: hence the named readings below.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from cordee.assessments.rules.aggir import A, B, C
from cordee.people.rules.readings import Reading

ADVERBS = {
    "spontaneously": "spontanément",
    "totally": "totalement",
    "usually": "habituellement",
    "correctly": "correctement",
}
PARTS = {
    "coherence": ("coherence-talk", "coherence-conduct"),
    "orientation": ("orientation-time", "orientation-space"),
    "toilet": ("toilet-upper", "toilet-lower"),
    "dressing": ("dressing-upper", "dressing-middle", "dressing-lower"),
    "eating": ("eating-serving", "eating-eating"),
    "elimination": ("elimination-urine", "elimination-stool"),
}
PART_NAMES = {
    "coherence-talk": "communication",
    "coherence-conduct": "comportement",
    "orientation-time": "dans le temps",
    "orientation-space": "dans l’espace",
    "toilet-upper": "haut du corps",
    "toilet-lower": "bas du corps",
    "dressing-upper": "haut",
    "dressing-middle": "milieu",
    "dressing-lower": "bas",
    "eating-serving": "se servir",
    "eating-eating": "manger",
    "elimination-urine": "urinaire",
    "elimination-stool": "fécale",
}
ANY_C, ALL_C, C_UNLESS_AC = "any", "all", "unless-ac"
"""When sub-variables that do not all agree give C: as soon as one is C; only when all are; as soon
as one is C and no other is A."""


@dataclass(frozen=True)
class Aggregation:
    """How the sub-variables of each variable make C; all A make A, and everything else makes B."""

    eating: str
    elimination: str
    coherence: str = ANY_C
    orientation: str = ANY_C
    toilet: str = ALL_C
    dressing: str = ALL_C


@dataclass(frozen=True)
class GuideReading:
    """One reading of the guide, under its name, and the day from which it can hold."""

    name: str
    how: Aggregation
    since: date
    reading: Reading


IN_FORCE = date(2008, 8, 24)
"""The day the décret n° 2008-821 came into force."""
GUIDE = GuideReading(
    name="guide-2008",
    how=Aggregation(eating=C_UNLESS_AC, elimination=ANY_C),
    since=IN_FORCE,
    reading=Reading(
        said="alimentation en C quand une sous-variable est C et l’autre B ou C, en B quand l’une "
        "est A et l’autre C\u00a0; élimination en C dès que l’une est C",
        source="Guide de remplissage de 2008 tel que deux logiciels publics le citent\u00a0; "
        "le guide n’a pas été lu",
    ),
)
EATING_ANY_C = GuideReading(
    name="alimentation-ac-c",
    how=Aggregation(eating=ANY_C, elimination=ANY_C),
    since=IN_FORCE,
    reading=Reading(
        said="alimentation et élimination en C dès que l’une des deux sous-variables est C",
        source="Un programme public, dont le commentaire dit autre chose que le calcul",
    ),
)
ONLY_ALL_C = GuideReading(
    name="cc-seul",
    how=Aggregation(eating=ALL_C, elimination=ALL_C),
    since=IN_FORCE,
    reading=Reading(
        said="alimentation et élimination en C seulement quand les deux sous-variables sont C",
        source="Un formulaire public de calcul du GIR",
    ),
)
READINGS = (GUIDE, EATING_ANY_C, ONLY_ALL_C)
DEFAULTS = (GUIDE,)
"""The reading that holds when nobody chose one, by day: who has read the guide adds a line."""


def default_reading(on: date) -> GuideReading:
    """The latest reading that had begun on a day; before all of them, the oldest one."""
    begun = [one for one in DEFAULTS if one.since <= on]
    return max(begun, key=lambda one: one.since) if begun else DEFAULTS[0]


def modality_of(done: Collection[str]) -> str:
    """A when the four adverbs are done, C when none is, B otherwise.

    Source: four answers yes make A, four answers no make C, one to three no make B (Actualités
    sociales hebdomadaires n° 2570, on the guide of 2008; and a public training document). Raises
    ValueError for a word that is none of the four adverbs.
    """
    strange = set(done) - set(ADVERBS)
    if strange:
        raise ValueError(f"not an adverb of the grid: {sorted(strange)}")
    if len(set(done)) == len(ADVERBS):
        return A
    return B if done else C


def variable_of(variable: str, parts: Mapping[str, str], how: Aggregation) -> str:
    """The modality of a variable from those of its sub-variables, under one reading.

    Raises KeyError for a variable without sub-variables, or when one of them is missing.
    """
    given = {parts[part] for part in PARTS[variable]}
    if given == {A}:
        return A
    rule: str = getattr(how, variable)
    if given == {C} or (C in given and (rule == ANY_C or (rule == C_UNLESS_AC and A not in given))):
        return C
    return B

"""From the modalities of the AGGIR grid to the rank and the GIR: the legal table, as it is written.

Source: code de l’action sociale et des familles, annexe 2-2 (algorithme de la grille AGGIR), read
in a public copy of the code in force, and found the same, weight by weight, as the annexe II of
décret n° 2001-1084 du 20 novembre 2001. Groups are tried in order, each sum starts from zero, the
first threshold that is met gives the rank. Going out and calling from afar stand in the table with
a weight of nought. The table is not monotone and is not mended: see `irregularities`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

A, B, C = "A", "B", "C"
MODALITIES = (A, B, C)
WEIGHTED = (
    "coherence",
    "orientation",
    "toilet",
    "dressing",
    "eating",
    "elimination",
    "transfers",
    "indoors",
)
WEIGHTLESS = ("outdoors", "alert")
DISCRIMINATING = WEIGHTED + WEIGHTLESS
ILLUSTRATIVE = (
    "management",
    "cooking",
    "housework",
    "transport",
    "shopping",
    "treatment",
    "leisure",
)
NAMES = {
    "coherence": "cohérence",
    "orientation": "orientation",
    "toilet": "toilette",
    "dressing": "habillage",
    "eating": "alimentation",
    "elimination": "élimination",
    "transfers": "transferts",
    "indoors": "déplacements à l’intérieur",
    "outdoors": "déplacements à l’extérieur",
    "alert": "communication à distance",
}
SOURCE = (
    "Code de l’action sociale et des familles, annexe 2-2 (algorithme de la grille AGGIR)\u00a0; "
    "poids et seuils identiques dans le décret n°\u00a02001-1084 du 20 novembre 2001"
)

Modalities = Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """One table of the annexe: what C and B weigh, in the order of `WEIGHTED`, and its ranks."""

    letter: str
    c: tuple[int, ...]
    b: tuple[int, ...]
    ranks: tuple[tuple[int, int], ...]
    """(threshold, rank), from the highest threshold."""

    def met_by(self, total: int) -> tuple[int, int] | tuple[None, None]:
        """The threshold that a sum meets, and its rank; nothing when the next group is tried."""
        return next((one for one in self.ranks if total >= one[0]), (None, None))


GROUPS = (
    Group(
        "A",
        c=(2000, 1200, 40, 40, 60, 100, 800, 200),
        b=(0, 0, 16, 16, 20, 16, 120, 32),
        ranks=((4380, 1), (4140, 2), (3390, 3)),
    ),
    Group(
        "B",
        c=(1500, 1200, 40, 40, 60, 100, 800, -80),
        b=(320, 120, 16, 16, 0, 16, 120, -40),
        ranks=((2016, 4),),
    ),
    Group(
        "C",
        c=(0, 0, 40, 40, 60, 160, 1000, 400),
        b=(0, 0, 16, 16, 20, 20, 200, 40),
        ranks=((1700, 5), (1432, 6)),
    ),
    Group(
        "D",
        c=(0, 0, 0, 0, 2000, 400, 2000, 200),
        b=(0, 0, 0, 0, 200, 200, 200, 0),
        ranks=((2400, 7),),
    ),
    Group(
        "E",
        c=(400, 400, 400, 400, 400, 800, 800, 200),
        b=(0, 0, 100, 100, 100, 100, 100, 0),
        ranks=((1200, 8),),
    ),
    Group(
        "F",
        c=(200, 200, 500, 500, 500, 500, 500, 200),
        b=(100, 100, 100, 100, 100, 100, 100, 0),
        ranks=((800, 9),),
    ),
    Group(
        "G",
        c=(150, 150, 300, 300, 500, 500, 400, 200),
        b=(0, 0, 200, 200, 200, 200, 200, 100),
        ranks=((650, 10),),
    ),
    Group(
        "H",
        c=(0, 0, 3000, 3000, 3000, 3000, 1000, 1000),
        b=(0, 0, 2000, 2000, 2000, 2000, 2000, 1000),
        ranks=((4000, 11), (2000, 12)),
    ),
)
WEIGHTS = tuple(
    tuple({A: 0, B: b, C: c} for b, c in zip(group.b, group.c, strict=True)) for group in GROUPS
)
"""Of each group, what each variable brings by its modality; A brings nothing."""
LAST_RANK = 13
GIR_OF_RANK = {
    1: 1,
    **dict.fromkeys((2, 3, 4, 5, 6, 7), 2),
    **dict.fromkeys((8, 9), 3),
    **dict.fromkeys((10, 11), 4),
    12: 5,
    13: 6,
}
# ANS, jeux de valeurs JDV_GIR_CISIS, code system 1.2.250.1.213.1.1.4.322 (TerminologieCISIS).
CISIS = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
CISIS_OF_GIR = {gir: f"MED-{338 + gir}" for gir in range(1, 7)}


@dataclass(frozen=True)
class Tried:
    """One group that was tried: its sum, and the rank and threshold that it met, if any."""

    group: Group
    weights: tuple[tuple[str, str, int], ...]
    """(variable, modality, weight), without those that bring nothing."""
    total: int
    threshold: int | None
    rank: int | None


@dataclass(frozen=True)
class Ranking:
    """The rank, the GIR, and every group that was tried to get there."""

    rank: int
    gir: int
    tried: tuple[Tried, ...]


def ranking(modalities: Modalities) -> Ranking:
    """The rank and the GIR of the eight variables that weigh, each A, B or C.

    Whatever else is in the mapping is not looked at. Raises KeyError when one of the eight is
    missing or is none of the three letters.
    """
    tried: list[Tried] = []
    for group, table in zip(GROUPS, WEIGHTS, strict=True):
        tried.append(_try(group, table, modalities))
        found = tried[-1].rank
        if found is not None:
            return Ranking(found, GIR_OF_RANK[found], tuple(tried))
    return Ranking(LAST_RANK, GIR_OF_RANK[LAST_RANK], tuple(tried))


def _try(group: Group, table: tuple[dict[str, int], ...], modalities: Modalities) -> Tried:
    weights = tuple(
        (name, modalities[name], weights[modalities[name]])
        for name, weights in zip(WEIGHTED, table, strict=True)
    )
    total = sum(weight for _, _, weight in weights)
    return Tried(group, tuple(line for line in weights if line[2]), total, *group.met_by(total))


def gir_of(modalities: Modalities) -> int:
    """The GIR alone, for who compares many grids; raises KeyError as `ranking` does."""
    letters = [modalities[name] for name in WEIGHTED]
    for group, table in zip(GROUPS, WEIGHTS, strict=True):
        total = sum(weights[letter] for weights, letter in zip(table, letters, strict=True))
        rank = group.met_by(total)[1]
        if rank is not None:
            return GIR_OF_RANK[rank]
    return GIR_OF_RANK[LAST_RANK]


@dataclass(frozen=True)
class Irregularity:
    """A variable whose loss counts the other way round: more lost, and a GIR of more autonomy."""

    variable: str
    instead: str
    gir: int


def irregularities(modalities: Modalities) -> tuple[Irregularity, ...]:
    """Where the legal table turns round from here, one variable at a time; most often nowhere.

    AAAAAABA is GIR 5 and AAAAAACA is GIR 6: not doing one’s transfers counts as more autonomous
    than doing them in part. This is the text; whoever reads the GIR is told.
    """
    here = gir_of(modalities)
    found = []
    for name in WEIGHTED:
        for other in MODALITIES:
            there = gir_of({**modalities, name: other})
            # The letters follow the loss; a GIR goes down as autonomy is lost.
            if (other < modalities[name] and there < here) or (
                other > modalities[name] and there > here
            ):
                found.append(Irregularity(name, other, there))
    return tuple(found)

"""A second reading of the legal table, to judge the rule: from its text, and with other steps.

Nothing here comes from `cordee`: the table is parsed from its transcription, sums are made of
every line of a group at once, and the outcome is the one sentence whose interval holds the sum.
"""

import re
from pathlib import Path

TEXT = Path(__file__).with_name("annexe_2_2.txt").read_text(encoding="utf-8")
LETTERS_IN_ORDER = [
    *("Cohérence", "Orientation", "Toilette", "Habillage", "Alimentation", "Elimination"),
    *("Transfert", "Déplacement intérieur", "Déplacement extérieur", "Communication"),
]
LINE = re.compile(r"^(\D+?) +(-?\d+) +(-?\d+)$")


def _section(title: str) -> list[str]:
    return TEXT.split(f"\n{title}\n", 1)[1].split("\n\n", 1)[0].strip().splitlines()


def _points(title: str) -> dict[tuple[str, str], int]:
    found = {}
    for line in filter(None, map(LINE.match, _section(title))):
        found[line[1], "C"] = int(line[2])
        found[line[1], "B"] = int(line[3])
        found[line[1], "A"] = 0
    return found


def _outcome(title: str, total: int) -> str:
    holding = []
    for sentence in _section(title):
        bounds, _, outcome = sentence.partition(" : ")
        figures = [int(figure) for figure in re.findall(r"\d+", bounds)]
        holds = {
            "supérieure": lambda f: f[0] <= total,
            "comprise": lambda f: f[1] <= total < f[0],
            "inférieure": lambda f: total < f[0],
        }.get(sentence.split()[0])
        if outcome and holds and holds(figures):
            holding.append(outcome)
    (only,) = holding  # the sentences of a table share out all sums, without overlap
    return only


POINTS = {letter: _points(f"GROUPE {letter}") for letter in "ABCDEFGH"}
GROUPS = {
    rank.strip(): int(gir)
    for line in _section("RANGS")
    for ranks, gir in [line.split(" : ")]
    for rank in ranks.split(",")
}


def rank_and_gir(letters: str) -> tuple[int, int]:
    """Read « AAAAAABA » in the order of the table; what is not given is A."""
    said = dict(zip(LETTERS_IN_ORDER, letters.ljust(10, "A"), strict=True))
    outcome = "groupe A"
    while outcome.startswith("groupe"):
        letter = outcome[-1]
        total = sum(POINTS[letter][line] for line in said.items())
        outcome = _outcome(f"GROUPE {letter}", total)
    rank = outcome.removeprefix("rang ")
    return int(rank), GROUPS[rank]

"""Instruments dont le texte n’est pas libre : les numéros des questions, ou le total seul.

Aucun texte n’est livré (Zarit : Mapi ; MNA : Nestlé ; échelle clinique de fragilité : université
Dalhousie ; Braden : Braden et Bergstrom ; Algoplus : collectif Doloplus ; Mini-Cog : S. Borson).
L’arithmétique et les bornes sont des faits ; les bornes n’ont pas été relues dans les originaux :
ce sont des réglages datés, et chaque résultat le dit. Un site qui a les droits charge le texte dans
sa propre version de la définition, avec les mêmes linkId.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cordee.assessments.rules.given import chosen
from cordee.assessments.rules.instruments.rows import day, total, whole
from cordee.assessments.rules.results import Answers, Band, Missing, Point, Result
from cordee.assessments.rules.scales import Dated, Scale, Step, in_force
from cordee.people.rules.readings import Reading

LISTS = date(2026, 11, 1)
UNVERIFIED = "Bornes non relues dans l’original, à valider localement."


@dataclass(frozen=True)
class Held:
    """An instrument without its wording: the bounds of its total, of its items, and its bands."""

    code: str
    label: str
    least: int
    most: int
    items: tuple[tuple[int, int], ...]
    """The least and the most of each item; none when only the total may be kept."""
    cuts: tuple[Dated[tuple[int, ...]], ...]
    bands: tuple[Band, ...]
    owner: str
    caution: str = ""

    def scale(self, on: date) -> Scale:
        """Name and cut the total, on a day."""
        starts = (self.least, *in_force(self.cuts, on).value) if self.cuts else ()
        unsure = UNVERIFIED if self.cuts else ""
        return Scale(
            code=self.code,
            label=self.label,
            unit="",
            out_of=Decimal(self.most),
            steps=tuple(
                Step(Decimal(start), band) for start, band in zip(starts, self.bands, strict=True)
            ),
            source=f"{self.label}, {self.owner}\u00a0; texte non livré",
            caution=" ".join(part for part in (self.caution, unsure) if part),
        )

    def score(self, answers: Answers, on: date) -> tuple[Result, ...] | Missing:
        """Keep the total that somebody computed, or add up the numbered items.

        A total wants its day, not a coming one, and who computed it."""
        how = chosen(answers, "how", {"items", "total"}) if self.items else "total"
        if how is None:
            return Missing(("how",))
        read = self._read_items(answers) if how == "items" else self._read_total(answers, on)
        if isinstance(read, Missing):
            return read
        return (self.scale(on).result(total(read), read),)

    def _read_items(self, answers: Answers) -> tuple[Point, ...] | Missing:
        points: list[Point] = []
        lacking: list[str] = []
        for at, (least, most) in enumerate(self.items, start=1):
            value = _worth(answers, f"q{at}", least, most)
            if value is None:
                lacking.append(f"q{at}")
            else:
                points.append(Point(f"q{at}", f"Question {at}", Decimal(value)))
        return Missing(tuple(lacking)) if lacking else tuple(points)

    def _read_total(self, answers: Answers, on: date) -> tuple[Point, ...] | Missing:
        value = whole(answers, "total", self.least, self.most)
        computed_on = day(answers, "total-on")
        by = " ".join(str(one) for one in answers.get("total-by", ())).strip()
        lacking = [
            link_id
            for link_id, is_there in (
                ("total", value is not None),
                ("total-on", computed_on is not None and computed_on <= on),
                ("total-by", bool(by)),
            )
            if not is_there
        ]
        if lacking or value is None or computed_on is None:
            return Missing(tuple(lacking))
        said = f"Total calculé le {computed_on:%d/%m/%Y} par {by}"
        return (Point("total", said, Decimal(value)),)


def _worth(answers: Answers, link_id: str, least: int, most: int) -> int | None:
    """A number; or, in the text that a site loaded, a code that is one, or a yes worth 1."""
    given = answers.get(link_id, ())
    if len(given) == 1 and isinstance(given[0], bool):
        return int(given[0]) if (least, most) == (0, 1) else None
    codes = {str(at): at for at in range(least, most + 1)}
    if len(given) == 1 and isinstance(given[0], str):
        return codes.get(given[0])
    return whole(answers, link_id, least, most)


def _cuts(name: str, *values: int, said: str) -> tuple[Dated[tuple[int, ...]], ...]:
    return (Dated(f"Bornes\u00a0: {name}", values, LISTS, Reading(said, "usage courant")),)


ZARIT = Held(
    code="zarit-22",
    label="Échelle de Zarit, 22 questions",
    least=0,
    most=88,
    items=((0, 4),) * 22,
    cuts=_cuts("Zarit", 21, 41, 61, said="21, 41 et 61 sur 88"),
    bands=(
        Band("light", "Fardeau léger", 0),
        Band("moderate", "Fardeau léger à modéré", 1),
        Band("heavy", "Fardeau modéré à sévère", 2),
        Band("severe", "Fardeau sévère", 3),
    ),
    owner="droits gérés par Mapi Research Trust",
)
MNA_SF = Held(
    code="mna-sf",
    label="MNA, forme courte",
    least=0,
    most=14,
    items=(),
    cuts=_cuts("MNA, forme courte", 8, 12, said="8 et 12 sur 14"),
    bands=(
        Band("malnourished", "Dénutrition", 3),
        Band("at-risk", "Risque de dénutrition", 2),
        Band("normal", "État nutritionnel normal", 0),
    ),
    owner="© Nestlé",
    caution="Plus le total est bas, plus le risque est grand.",
)
FRAILTY = Held(
    code="clinical-frailty",
    label="Échelle clinique de fragilité, niveau",
    least=1,
    most=9,
    items=(),
    cuts=(),
    bands=(),
    owner="© université Dalhousie",
    caution="Le niveau seul est gardé\u00a0: son sens se lit dans l’échelle, que vous détenez.",
)
BRADEN = Held(
    code="braden",
    label="Échelle de Braden",
    least=6,
    most=23,
    items=(*(((1, 4),) * 5), (1, 3)),
    cuts=_cuts("Braden", 19, said="18 ou moins à risque"),
    bands=(Band("at-risk", "Risque d’escarre", 2), Band("low-risk", "Peu de risque d’escarre", 0)),
    owner="© Braden et Bergstrom",
    caution="Plus le total est bas, plus le risque est grand.",
)
ALGOPLUS = Held(
    code="algoplus",
    label="Algoplus",
    least=0,
    most=5,
    items=((0, 1),) * 5,
    cuts=_cuts("Algoplus", 2, said="2 ou plus sur 5"),
    bands=(
        Band("unlikely", "Pas d’argument pour une douleur aiguë", 0),
        Band("pain", "Douleur aiguë probable", 2),
    ),
    owner="© collectif Doloplus",
)
MINI_COG = Held(
    code="mini-cog",
    label="Mini-Cog",
    least=0,
    most=5,
    items=(),
    cuts=_cuts("Mini-Cog", 3, said="2 ou moins sur 5"),
    bands=(
        Band("positive", "Repérage positif\u00a0: à compléter", 2),
        Band("negative", "Repérage négatif", 0),
    ),
    owner="© S. Borson",
    caution="Plus le total est bas, plus un trouble est probable, sans que ce soit un diagnostic.",
)
HELD = {one.code: one for one in (ZARIT, MNA_SF, FRAILTY, BRADEN, ALGOPLUS, MINI_COG)}


def scales(on: date) -> tuple[Scale, ...]:
    """Give what these instruments measure, as cut on a day."""
    return tuple(one.scale(on) for one in HELD.values())

"""GDS à 15 questions et mini-GDS : repérer une dépression chez une personne âgée.

Source : Sheikh et Yesavage, 1986 (domaine public, d’après l’université Stanford citée par la
documentation de CamCOPS). Clé : 1 point pour « non » aux questions 1, 5, 7, 11 et 13, pour « oui »
aux autres. Plus de 5 évoque une dépression, 10 ou plus l’indique presque toujours. Certains
documents retiennent 5 ou plus : le seuil est un réglage daté. Mini-GDS : une réponse suffit à
proposer la GDS entière (règle non vérifiée).
"""

from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments.rows import most, summed, yes_no
from cordee.assessments.rules.results import Answers, Band, Missing, Result
from cordee.assessments.rules.scales import Dated, Scale, Step, in_force
from cordee.people.rules.readings import Reading

SOURCE = "Sheikh et Yesavage, 1986\u00a0: un point par réponse en faveur d’une dépression"
MINI_SOURCE = (
    "Version à quatre questions tirée de la GDS, original non relu\u00a0: un point par réponse en "
    "faveur d’une dépression"
)
NO_COUNTS = {1, 5, 7, 11, 13}
NAMES = (
    "Satisfaction",
    "Activités abandonnées",
    "Sentiment de vide",
    "Ennui",
    "Bonne humeur",
    "Crainte d’un malheur",
    "Bonheur",
    "Sentiment d’être démuni",
    "Préfère rester chez soi",
    "Mémoire",
    "Joie de vivre",
    "Sentiment d’inutilité",
    "Énergie",
    "Désespoir",
    "Les autres mieux lotis",
)
ROWS = tuple(
    yes_no(f"q{at}", name, no="1") if at in NO_COUNTS else yes_no(f"q{at}", name, yes="1")
    for at, name in enumerate(NAMES, start=1)
)
MINI_ROWS = (
    yes_no("q1", "Découragement et tristesse", yes="1"),
    yes_no("q2", "Sentiment de vide", yes="1"),
    yes_no("q3", "Bonheur", no="1"),
    yes_no("q4", "Désespoir", yes="1"),
)
SUGGESTS = (
    Dated(
        "Seuil qui évoque une dépression (GDS à 15 questions)",
        Decimal(6),
        date(1986, 1, 1),
        Reading("plus de 5", "Sheikh et Yesavage, 1986\u00a0; d’autres disent 5 ou plus"),
    ),
)
MINI_POSITIVE = (
    Dated(
        "Réponses qui font proposer la GDS entière (mini-GDS)",
        Decimal(1),
        date(1997, 1, 1),
        Reading("une réponse ou plus", "usage courant en France, original non relu"),
    ),
)
ALMOST_ALWAYS = Decimal(10)
UNLIKELY = Band("unlikely", "Pas d’argument pour une dépression", 0)
POSSIBLE = Band("possible", "Évoque une dépression", 2)
LIKELY = Band("likely", "Évoque très fortement une dépression", 3)
MINI_NEGATIVE = Band("negative", "Aucune réponse en faveur d’une dépression", 0)
MINI_FOUND = Band("positive", "À compléter par la GDS à 15 questions", 1)
TRANSLATED = (
    "Questions traduites de l’original anglais\u00a0: ce n’est pas la version validée en français."
)
NOT_DIAGNOSIS = (
    "Repérage, et non diagnostic\u00a0: une idée de mort ou de suicide se recherche par une "
    "question à part\u00a0; peu sûr si la personne a des troubles cognitifs marqués."
)


def scales(on: date) -> tuple[Scale, ...]:
    """Give what this instrument measures, as cut on a day."""
    return (scale(on), mini_scale(on))


def score(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Give the score of the 15 questions, 0 to 15; all are wanted."""
    return summed(answers, ROWS, scale(on))


def score_mini(answers: Answers, on: date) -> tuple[Result, ...] | Missing:
    """Give the number of answers in favour of a depression, 0 to 4; all four are wanted."""
    return summed(answers, MINI_ROWS, mini_scale(on))


def scale(on: date) -> Scale:
    """Name and cut the score of the 15 questions, on a day."""
    suggests = in_force(SUGGESTS, on)
    return Scale(
        code="gds-15",
        label="GDS à 15 questions",
        unit="",
        out_of=most(ROWS),
        steps=(
            Step(Decimal(0), UNLIKELY),
            Step(suggests.value, POSSIBLE),
            Step(ALMOST_ALWAYS, LIKELY),
        ),
        source=SOURCE,
        caution=f"{NOT_DIAGNOSIS} {_setting(suggests)} {TRANSLATED}",
    )


def mini_scale(on: date) -> Scale:
    """Name and cut the score of the four questions, on a day."""
    positive = in_force(MINI_POSITIVE, on)
    return Scale(
        code="mini-gds",
        label="Mini-GDS",
        unit="",
        out_of=most(MINI_ROWS),
        steps=(Step(Decimal(0), MINI_NEGATIVE), Step(positive.value, MINI_FOUND)),
        source=MINI_SOURCE,
        caution=f"Un résultat négatif n’écarte rien. {_setting(positive)} {TRANSLATED}",
    )


def _setting(setting: Dated[Decimal]) -> str:
    unsure = "" if setting.reading.verified else ", à valider localement"
    return f"Seuil retenu\u00a0: {setting.reading.said} ({setting.reading.source}){unsure}."

"""The codes of the lines of a plan.

Sources : HAS, PPS 2013 (qui agit : personne, aidant, professionnels) ; PPCS 2019 (la personne
choisit de faire ou de confier ; registre des objectifs formulés mais non atteints). Les
financements sont des étiquettes d’organisation : aucun droit n’en découle.
"""

from uuid import UUID

from cordee.people.rules.labels import Coded
from cordee.people.rules.sharing import Category


class Voice(Coded):
    """Who put an objective into words."""

    PERSON = "person", "la personne"
    RELATIVE = "relative", "un proche"
    PROFESSIONAL = "professional", "un professionnel"
    TOGETHER = "together", "ensemble"


class Stage(Coded):
    """Where an objective stands."""

    PURSUED = "pursued", "en cours"
    REACHED = "reached", "atteint"
    NOT_REACHED = "not_reached", "non atteint"
    GIVEN_UP = "given_up", "laissé de côté"


class Choice(Coded):
    """What the person chose of an action."""

    HERSELF = "herself", "elle le fait elle-même"
    ENTRUSTED = "entrusted", "elle le confie"


class Who(Coded):
    """Who does an action."""

    PERSON = "person", "la personne"
    RELATIVE = "relative", "un proche"
    PROFESSIONAL = "professional", "un professionnel"
    ORGANIZATION = "organization", "une structure"


class Phase(Coded):
    """Where an action stands."""

    PROPOSED = "proposed", "proposée"
    ACTIVE = "active", "en cours"
    DONE = "done", "faite"
    STOPPED = "stopped", "arrêtée"


class Funding(Coded):
    """Who pays for an action."""

    SICKNESS = "sickness", "assurance maladie"
    APA = "apa", "allocation personnalisée d’autonomie"
    PCH = "pch", "prestation de compensation du handicap"
    PENSION = "pension", "caisse de retraite"
    MUTUAL = "mutual", "complémentaire santé"
    CITY = "city", "commune ou département"
    HERSELF = "herself", "la personne"
    FREE = "free", "sans coût"


class Answer(Coded):
    """What who is to act says of an action, once read back."""

    UNDERSTOOD = "understood", "compris"
    QUESTION = "question", "une question"
    CANNOT = "cannot", "ne peut pas"


class Effect(Coded):
    """How an objective is felt to have gone, by one side: the other says theirs."""

    BETTER = "better", "mieux"
    SAME = "same", "pareil"
    WORSE = "worse", "moins bien"
    UNKNOWN = "unknown", "ne sait pas"


def kept_apart(stage: Stage) -> bool:
    """Say whether an objective stands in the register of those formulated and not reached.

    Source : HAS, PPCS 2019, quatrième partie.
    """
    return stage in (Stage.NOT_REACHED, Stage.GIVEN_UP)


def may_rewrite(category: str, author: UUID, writer: UUID | None) -> bool:
    """Say whether a writer may put their words in the place of those of a line.

    Source : R.1110-1 du CSP, lu avec prudence : qui écrit une ligne protégée garde le droit de la
    lire ; les mots d’un autre n’y prennent donc jamais place (règle de Cordée).
    """
    return category == Category.COORDINATION or author == writer

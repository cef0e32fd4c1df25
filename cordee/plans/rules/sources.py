"""Ce qu’une évaluation a trouvé, dans les mots d’un besoin du plan.

Le domaine garde le sien ; les mots sont ceux de qui a évalué. Un besoin sans réponse est repris
« assez nécessaire », un point à surveiller « peu » : réglage de Cordée, à valider localement, que
la ligne laisse modifier.
"""

from dataclasses import dataclass
from uuid import UUID

from cordee.people.rules.sharing import Category
from cordee.plans.rules.domains import CATEGORY_OF, Domain, Level

DOMAIN_OF = {one.value: one for one in Domain} | {"mind": Domain.PSYCHIC}
LONGEST = 600
ROOM = "assessments/response/"


@dataclass(frozen=True)
class Proposed:
    """A need that an evaluation found, as the plan would say it."""

    origin: str
    domain: Domain
    words: str
    necessary: Level
    is_taken: bool = False

    @property
    def category(self) -> Category:
        """By whom it would be read, once in the plan."""
        return CATEGORY_OF[self.domain]


def origin_of(response_id: UUID, domain: str) -> str:
    """Name what a need comes of, without a key: "assessments/response/…/housing"."""
    return f"{ROOM}{response_id}/{domain}"


def evaluation_of(origin: str) -> UUID | None:
    """Say of which evaluation a need comes; None when it comes of none."""
    if not origin.startswith(ROOM):
        return None
    try:
        return UUID(origin.removeprefix(ROOM).partition("/")[0])
    except ValueError:
        return None


def worded(label: str, note: str, *, is_unmet: bool) -> str:
    """Say a need: the words of who evaluated, else what was concluded of the domain.

    What is longer than a line of a plan may be is cut, and says so: the evaluation keeps it whole.
    """
    words = note or f"{label}\u00a0: {'un besoin sans réponse' if is_unmet else 'à surveiller'}"
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 2]} …"

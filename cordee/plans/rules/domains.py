"""The domains of a plan, what each says of the person, and what comes first.

Sources :
- HAS, PPCS, juillet 2019 : l’évaluation donne le même poids au médical, au psychologique, au social
  et à l’environnement, et l’on agit d’abord là où c’est « nécessaire et possible » ;
- R.1110-1 du CSP : chacun lit ce que sa mission demande. La catégorie d’information de chaque
  domaine est une lecture de Cordée (`CATEGORY_IS_READ`), prudente, à confirmer.
"""

from cordee.people.rules.labels import Coded
from cordee.people.rules.readings import Reading
from cordee.people.rules.sharing import Category


class Domain(Coded):
    """What a need is about."""

    CLINICAL = "clinical", "santé et traitements"
    FUNCTIONAL = "functional", "gestes et activités de tous les jours"
    PSYCHIC = "psychic", "moral, mémoire et humeur"
    SOCIAL = "social", "vie sociale et ressources"
    HOUSING = "housing", "logement et environnement"
    CARERS = "carers", "proches aidants"
    RIGHTS = "rights", "droits et démarches"
    WISHES = "wishes", "projet et souhaits"


CATEGORY_OF = {
    Domain.CLINICAL: Category.CARE,
    Domain.FUNCTIONAL: Category.COORDINATION,
    Domain.PSYCHIC: Category.MENTAL_HEALTH,
    Domain.SOCIAL: Category.SOCIAL,
    Domain.HOUSING: Category.COORDINATION,
    Domain.CARERS: Category.COORDINATION,
    Domain.RIGHTS: Category.SOCIAL,
    Domain.WISHES: Category.COORDINATION,
}
CATEGORY_IS_READ = Reading(
    said="Les besoins de santé se lisent comme des soins, ceux du moral comme de la santé mentale, "
    "ceux des ressources et des droits comme de la situation sociale\u00a0; les autres comme "
    "l’organisation de l’accompagnement",
    source="Code de la santé publique, R.1110-1, lu avec prudence\u00a0: aucun texte connu ne "
    "range les domaines d’un plan",
    verified=False,
)
CATEGORIES = tuple(dict.fromkeys(CATEGORY_OF.values()))
ON_THE_THREAD = frozenset({Category.COORDINATION})
"""What the thread and the worklist may tell: they are read as coordination."""


class Level(Coded):
    """How much: a need is as necessary as it is, and as possible."""

    LITTLE = "1", "peu"
    RATHER = "2", "assez"
    VERY = "3", "très"


class Priority(Coded):
    """What comes first."""

    FIRST = "first", "à faire d’abord"
    NEXT = "next", "ensuite"
    IN_VIEW = "in_view", "à garder en vue"


FIRST_FROM, NEXT_FROM = 6, 3


def priority(necessary: Level, possible: Level) -> Priority:
    """Say what comes first: necessary × possible.

    Source : HAS 2019, « là où l’action est nécessaire et possible ». Le produit et ses seuils (6 et
    3 sur 9) sont une règle d’organisation de Cordée, à valider localement.
    """
    score = int(necessary) * int(possible)
    if score >= FIRST_FROM:
        return Priority.FIRST
    return Priority.NEXT if score >= NEXT_FROM else Priority.IN_VIEW


def rank(necessary: Level, possible: Level) -> int:
    """Order needs, the first to act on having the least; what is most necessary wins a tie."""
    return -(int(necessary) * int(possible) * 10 + int(necessary))

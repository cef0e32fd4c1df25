"""As which information an instrument is read, when it may be otherwise; how a site says so.

Source : R.1110-1 et L.1110-4 du CSP : chacun lit ce que sa mission demande. Aucun texte connu ne
range les instruments d’évaluation : chaque lecture livrée est celle de Cordée, et qui répond des
données en choisit une autre.
"""

from collections.abc import Mapping
from typing import Any

from cordee.assessments.rules import urls
from cordee.people.rules.readings import Reading
from cordee.people.rules.sharing import Category

SOURCE = (
    "Code de la santé publique, R.1110-1 et L.1110-4, lus avec prudence\u00a0: aucun texte "
    "connu ne range les instruments d’évaluation"
)
READINGS: Mapping[str, tuple[Category, Reading]] = {
    "urn:cordee:questionnaire:carer-burden": (
        Category.CARE,
        Reading(
            "La fiche de l’aidant se lit comme des soins\u00a0: elle parle de la santé et de la "
            "fatigue d’un proche, et c’est à l’équipe de soins de chercher un relais. Lue comme de "
            "la santé mentale ou de la situation sociale, elle demanderait l’accord de la personne",
            SOURCE,
        ),
    ),
    "urn:cordee:questionnaire:sega-a": (
        Category.CARE,
        Reading(
            "La grille SEGA se lit comme des soins, avec sa ligne d’humeur\u00a0: une seule ligne "
            "sur treize, qui repère une fragilité et ne dit aucun trouble",
            SOURCE,
        ),
    ),
    "urn:cordee:questionnaire:mini-cog": (
        Category.CARE,
        Reading(
            "Le Mini-Cog se lit comme des soins\u00a0: il repère une mémoire à évaluer, et ne dit "
            "aucun trouble. Lu comme de la santé mentale, il demanderait l’accord de la personne",
            SOURCE,
        ),
    ),
    "urn:cordee:questionnaire:multidimensional": (
        Category.SOCIAL,
        Reading(
            "L’évaluation multidimensionnelle se lit comme la situation sociale\u00a0: elle parle "
            "de ressources et de droits autant que de santé, et de cela chacun lit moins. Lue "
            "comme des soins, l’équipe de soins la lirait sans autre accord",
            SOURCE,
        ),
    ),
}
"""By the address of the instrument: the category that is shipped, and why."""
MARK = "+"
"""Parts, in the name of an edition, that of the text from how a site reads it."""


def text_of(edition: str) -> str:
    """Name the edition of the text that an edition read otherwise keeps as it is."""
    return edition.partition(MARK)[0]


def is_chosen(edition: str) -> bool:
    """Say whether a site chose how an edition is read."""
    return MARK in edition


def read_otherwise(
    definition: Mapping[str, Any], category: Category, count: int
) -> Mapping[str, Any]:
    """Write the same text as one more edition, read as another category."""
    kept = [one for one in definition.get("extension", ()) if one.get("url") != urls.CATEGORY]
    edition = text_of(str(definition.get("version", "")))
    said = category.value.replace("_", "-")
    return {
        **definition,
        "version": f"{edition}{MARK}{count}.{said}",
        "extension": [*kept, {"url": urls.CATEGORY, "valueCode": category.value}],
    }

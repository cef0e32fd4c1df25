"""Whether a number that a partner gave is of somebody else by now. Pure.

A hospital gives its numbers again. Under one that leads to a record by what another, absorbed into
it, was called, what comes in is heard of them unless what it says of itself speaks against it.

Source: choix de la maison, par les poids de `people.rules.matching` : sous zéro, ce qui est comparé
se voit plus souvent entre deux personnes prises au hasard qu’entre deux fiches d’une seule.
"""

from collections.abc import Iterable

from cordee.people.rules.matching import PRIOR, judged, known
from cordee.people.rules.traits import Traits


def speaks_of_another(said: Traits, records: Iterable[Traits]) -> bool:
    """Say whether an identity speaks against being that of each of some records."""
    one = known(_plain(said))
    return all(judged(one, known(_plain(other))).weight < PRIOR for other in records)


def _plain(traits: Traits) -> Traits:
    """Names, birth and sex: what whoever finds a record is told of it."""
    return Traits(
        birth_name=traits.birth_name,
        used_name=traits.used_name,
        first_names=traits.first_names,
        used_first_name=traits.used_first_name,
        birth_date=traits.birth_date,
        sex=traits.sex,
    )

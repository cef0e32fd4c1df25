"""The one dictionary of mappings: every file of `resources/` is in it, by the type it maps."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from cordee.fhir import resources
from cordee.fhir.contract import WRITTEN, Mapping
from cordee.fhir.outcome import Issue, Refusal


@cache
def mappings() -> dict[str, Mapping]:
    """Every mapping, by type."""
    found: dict[str, Mapping] = {}
    for module in iter_modules(resources.__path__):
        mapping = import_module(f"{resources.__name__}.{module.name}").MAPPING
        if mapping.type in found:
            raise TypeError(f"two mappings for {mapping.type}")
        _refuse_uneven(mapping)
        _refuse_unnoticed(mapping)
        found[mapping.type] = mapping
    return dict(sorted(found.items()))


def _refuse_uneven(mapping: Mapping) -> None:
    """A type of several tables is asked the same way of each, and written into the first alone."""
    for one in mapping.also:
        if (one.type, one.search.keys()) != (mapping.type, mapping.search.keys()):
            raise TypeError(f"the tables of {mapping.type} are not asked the same way")
    if any(one.create or one.update or one.delete for one in mapping.also):
        raise TypeError(f"{mapping.type} is told of several tables: the first alone is written")
    if mapping.also and (mapping.update or mapping.delete):
        raise TypeError(f"{mapping.type} is told of several tables: it is created or read")


def _refuse_unnoticed(mapping: Mapping) -> None:
    """What is made of several rows changes with each: partners who ask what changed are told."""
    for one in mapping.tables:
        if one.is_of_several and one.moment == WRITTEN:
            raise TypeError(f"{one.type} is of several rows: say when the latest of them changed")


def mapping_of(type_name: str) -> Mapping:
    """The mapping of a type.

    Raises Refusal: this door has no such type (404), or of a definition, only reads it (405).
    """
    from cordee.fhir.definitions import served

    found = mappings().get(type_name)
    if found is None and type_name in served():
        raise Refusal(405, [ONLY_READ], {"Allow": "GET"})
    if found is None:
        raise Refusal(404, [UNKNOWN_TYPE])
    return found


ONLY_READ = Issue(
    "not-supported",
    "router.interaction",
    "Les définitions de cette porte se lisent et se cherchent ; elles ne s’écrivent pas ici, et "
    "n’ont pas d’historique.",
    "Definitions are read and searched here; they are not written, and have no history.",
)

UNKNOWN_TYPE = Issue(
    "not-supported",
    "router.unknown_type",
    "Ce type de ressource n’est pas tenu ici : « /fhir/metadata » dit lesquels le sont.",
    "This type of resource is not held here: see /fhir/metadata.",
)

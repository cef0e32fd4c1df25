"""What a partner may not change of a resource: what it leaves as it is, or is told so."""

from collections.abc import Collection
from typing import Any

from cordee.fhir.assembly import assembled
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.outcome import Json, unprocessable


def refuse_other_changes(
    mapping: Mapping, row: Any, writing: Writing, said: Collection[str], may: Collection[str]
) -> Json:
    """Refuse a change of what the house alone says: `said`, but for `may`. Gives it as it is now.

    An element that is left out is left as it is. Raises Refusal (422), with its place.
    """
    (now,) = assembled(mapping, [row], Seeing(writing.actor, writing.now))
    for name in said:
        wanted = writing.resource.get(name)
        if name not in may and wanted is not None and wanted != now.get(name):
            raise unprocessable(
                "update.not_here",
                f"« {name} » ne se change pas ici : c’est Cordée qui le dit. Rien n’a été modifié.",
                f"The element {name} is said by the house and is not changed here.",
                f"{mapping.type}.{name}",
            )
    return now


def without(resource: Json, names: Collection[str]) -> Json:
    """The same without what the house alone says."""
    return {name: value for name, value in resource.items() if name not in names}

"""A condition that is one number of its sender’s own, as most are: by statements planned once.

`Patient?identifier=urn:partner:ipp|8812` is answered by what is kept, and by nothing that the house
knows: what is kept under that label is met first, then those few rows are judged as a search does.
"""

from functools import cache
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.access.fetched import Fetch
from cordee.access.records import Record
from cordee.access.stencil import Stencil, filled_up
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping
from cordee.fhir.registry import mapping_of
from cordee.fhir.search.compiler import parameters_of
from cordee.fhir.search.words import understood
from cordee.fhir.selectors import kept_under
from cordee.kernel.base import any_of


def label_of(mapping: Mapping, query: str) -> str:
    """The label under which what answers a condition is kept, where it is one number of a sender’s
    own; nothing for any other. Raises Refusal: not understood."""
    asked = understood(parse_qsl(query, keep_blank_values=True)).asked
    parameter = parameters_of(mapping).get("identifier")
    if len(asked) != 1 or parameter is None or mapping.also:
        return ""
    (one,) = asked
    is_plain = (one.name, one.modifier, one.chain, len(one.values)) == ("identifier", "", "", 1)
    return parameter.kept_as(one.values[0]) if is_plain else ""


def numbers_in(mapping: Mapping, query: str) -> list[str]:
    """The labels of the numbers of a sender’s own that a condition names, among whatever else it
    asks. Raises Refusal: not understood."""
    parameter = parameters_of(mapping)["identifier"]
    asked = understood(parse_qsl(query, keep_blank_values=True)).asked
    plain = [one for one in asked if (one.name, one.modifier, one.chain) == ("identifier", "", "")]
    return list(filter(None, (parameter.kept_as(value) for one in plain for value in one.values)))


def numbered(call: Call, mapping: Mapping, query: str, most: int) -> list[Any] | None:
    """The first rows that such a condition names; None for what is to be asked as any search.

    Three queries, planned once; one where nothing is kept under that number. Raises Refusal.
    """
    label = label_of(mapping, query)
    keys = kept_under(call.actor, mapping.type, [label]).values() if label else ()
    if not keys:
        return [] if label else None
    is_narrow = call.caller.patient_id is not None or not call.is_whole(mapping.type, "s")
    if is_narrow or mapping.is_of_several:
        return None
    among = filled_up(one for some in keys for one in some)
    found = _listed(actor=call.actor, kind=mapping.type, keys=among)
    return _records(mapping.model).in_order(pk for (pk,) in found[:most])


@Stencil
def _listed(actor: Actor, kind: str, keys: list[UUID]) -> QuerySet[Any, Any]:
    """Those of some rows that a search by their number lists."""
    mapping = mapping_of(kind)
    rows = mapping.found(mapping.rows(actor)).filter(pk__in=any_of(keys, "uuid"))
    known = rows.filter(parameters_of(mapping)["identifier"].known_to(actor))
    return known.order_by("pk").values_list("pk")


@cache
def _records(model: type[Record]) -> Fetch:
    return Fetch(lambda: model.objects.order_by("pk"))

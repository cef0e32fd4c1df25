"""A document or a message as a partner sent it → Bundle: kept whole, given back to the letter.

Nothing of it is believed: no entry becomes a record of the house (ADR 46). What a search finds of
it says the house’s identifier and version; read alone, it is what was sent, byte for byte.
"""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.models import WHOLE, KeptBody
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import (
    Asking,
    Code,
    Made,
    Parameter,
    Reference,
    Unreadable,
    label,
    token_of,
)


def rows(actor: Actor) -> QuerySet[KeptBody]:
    """What was received whole, as who sent it and who may know the person are told. One query."""
    return KeptBody.objects.visible_to(actor).filter(kind__in=WHOLE)


def to_fhir(rows: Sequence[KeptBody], seeing: Seeing) -> list[Json]:
    """What was sent, less the identifier that its sender gave it. No query."""
    return [_bundle(one) for one in rows]


def _bundle(row: KeptBody) -> Json:
    sent: Json = json.loads(row.sent, parse_float=Decimal)
    return {key: value for key, value in sent.items() if key not in ("resourceType", "id")}


def _labelled(kind: str) -> Callable[[str, Asking], Q]:
    def asked(value: str, asking: Asking) -> Q:
        system, code = token_of(value) if kind != "profile" else (None, value)
        if not code:
            raise Unreadable("a code or a value is expected")
        return Q(labels__contains=[label(kind, system, code)])

    return asked


SEARCH: dict[str, Parameter] = {
    "_profile": Made("uri", _labelled("profile")),
    "_security": Made("token", _labelled("security")),
    "_tag": Made("token", _labelled("tag")),
    "identifier": Made("token", _labelled("identifier")),
    "patient": Reference({"Patient": "person"}),
    "type": Code("kind", {one: one for one in WHOLE}, "http://hl7.org/fhir/bundle-type"),
}


def _as_it_came(row: Any) -> bytes:
    sent: str = row.sent
    return sent.encode()


MAPPING = Mapping(
    type="Bundle",
    model=KeptBody,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    lines=("fhir.document_id",),
    summary=("identifier", "type", "timestamp"),
    category_of=lambda row: str(row.category),
    as_it_came=_as_it_came,
    note="A document or a message, POSTed to the base or to Bundle: checked, kept whole, read back "
    "byte for byte. It names one person whom its sender may know, and writes nothing of them.",
)

"""Rows made into whole resources: what the mapping says, what was kept, and what the door adds."""

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from functools import cache
from typing import Any

from cordee.fhir.contract import Mapping, Seeing, Told
from cordee.fhir.outcome import Json
from cordee.fhir.rules.bodies import restored
from cordee.fhir.selectors import Body, bodies
from cordee.fhir.shape.claims import known as profiles
from cordee.fhir.shape.tables import kind
from cordee.fhir.versions import version_of
from cordee.fhir.writing import encoded, instant


def assembled(
    mapping: Mapping,
    rows: Sequence[Any],
    seeing: Seeing,
    kept: Mapped[Any, Body] | None = None,
) -> list[Json]:
    """Make a page of resources of one type: as many queries for a hundred as for one.

    `kept`: what is kept around them, where it is known already.
    """
    found = {}
    for table, some in mapping.apart(rows):
        for row, resource in zip(some, of_table(table, some, seeing, kept), strict=True):
            found[row.pk] = resource
    return [found[row.pk] for row in rows]


def of_table(
    mapping: Mapping, rows: Sequence[Any], seeing: Seeing, kept: Mapped[Any, Body] | None = None
) -> list[Json]:
    """The same of rows of one table alone, in their order."""
    if kept is None and mapping.comes_in:
        kept = bodies(seeing.actor, mapping.type, [row.pk for row in rows])
    said = mapping.to_fhir(rows, seeing)
    return [
        whole(mapping, row, resource, kept.get(row.pk) if kept else None)
        for row, resource in zip(rows, said, strict=True)
    ]


def made(mapping: Mapping, told: Told, seeing: Seeing) -> tuple[Any, Json]:
    """The row that was told of, and the resource it is."""
    row, body = mapping.row_of(told)
    (said,) = mapping.to_fhir([row], seeing)
    return row, whole(mapping, row, said, body)


def whole(mapping: Mapping, row: Any, said: Json, body: Body | None) -> Json:
    """One resource, with its identifier, its version and what was kept around it."""
    told = dict(said.pop("meta", {}))
    if body is not None:
        sent = around(body, said)
        said = restored(sent, body.base, said)
        told = _joined(told, _unclaimed(mapping, said.pop("meta", {}), told))
    since = mapping.changed_at(row)
    since = max(since, body.received_at) if body else since
    told |= {"versionId": version_of(mapping, row, body), "lastUpdated": instant(since)}
    return {"resourceType": mapping.type, "id": str(row.pk), "meta": told, **said}


def around(body: Body, now: Json) -> Json:
    """What may still be put back around what the house says now.

    A narrative told what was, and as its author saw it: it goes as soon as anything else is said,
    to this reader.
    """
    sent = body.sent
    if "text" in sent and encoded(now).decode() != body.base_text:
        sent = {key: value for key, value in sent.items() if key != "text"}
    return sent


def _unclaimed(mapping: Mapping, theirs: Json, ours: Json) -> Json:
    """What a partner says in `meta`, less the profiles that the house alone says it holds.

    A Patient of a partner may claim the INS; what is given of it claims it once it is qualified.
    """
    told = ours.get("profile", [])
    claims = [
        one
        for one in theirs.get("profile", [])
        if one in told or _canonical(one) not in mapping.profiles
    ]
    return {**theirs, "profile": claims} if "profile" in theirs else theirs


def _canonical(claim: Any) -> str:
    url = str(claim).partition("|")[0]
    found = profiles().get(url)
    return found.url if found else url


def _joined(ours: Json, theirs: Json) -> Json:
    """What the house and a partner say in `meta`: profiles and tags of both, each once."""
    found = {**theirs, **ours}
    for name in ("profile", "tag", "security"):
        both = [*ours.get(name, []), *theirs.get(name, [])]
        found.pop(name, None)
        if both:
            found[name] = [one for place, one in enumerate(both) if one not in both[:place]]
    return found


def trimmed(resource: Json, mapping: Mapping, summary: str, elements: Sequence[str]) -> Json:
    """Leave out what a search did not want, and say so."""
    if summary == "data":
        return marked({key: value for key, value in resource.items() if key != "text"})
    wanted: set[str] = set(elements)
    if summary == "true":
        wanted |= set(mapping.summary)
    if summary == "text":
        wanted |= {"text", *mapping.summary}
    if not wanted:
        return resource
    wanted |= always_said(mapping.type)
    return marked({k: value for k, value in resource.items() if k.removeprefix("_") in wanted})


@cache
def always_said(type_name: str) -> frozenset[str]:
    """What no summary leaves out: what R4 wants there, and what changes the meaning of the rest.

    Source: FHIR R4, search.html, « _elements » and « _summary » (mandatory, isModifier).
    """
    found = {"resourceType", "id", "meta"}
    for one in kind(type_name).elements.values():
        if one.least or one.spoken in MODIFIERS:
            found |= one.names().keys()
    return frozenset(found)


MODIFIERS = frozenset(
    {
        *("implicitRules", "modifierExtension", "status", "intent", "active", "doNotPerform"),
        *("clinicalStatus", "verificationStatus", "lifecycleStatus", "deceased", "link"),
    }
)
"""The elements that R4 marks « is modifier » at the top of the types that are told here."""


def marked(resource: Json) -> Json:
    """The same, said to be a part of itself."""
    meta = dict(resource["meta"])
    meta["tag"] = [*meta.get("tag", []), SUBSETTED]
    return resource | {"meta": meta}


SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}

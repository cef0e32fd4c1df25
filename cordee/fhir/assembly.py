"""Rows made into whole resources: what the mapping says, what was kept, and what the door adds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.outcome import Json
from cordee.fhir.rules.bodies import restored
from cordee.fhir.selectors import Body, bodies
from cordee.fhir.versions import version_of
from cordee.fhir.writing import instant


def assembled(mapping: Mapping, rows: Sequence[Any], actor: Actor, now: datetime) -> list[Json]:
    """Make a page of resources of one type: as many queries for a hundred as for one."""
    if not rows:
        return []
    kept = bodies(actor, mapping.type, [row.pk for row in rows])
    said = mapping.to_fhir(rows, Seeing(actor, now))
    return [
        whole(mapping, row, resource, kept.get(row.pk))
        for row, resource in zip(rows, said, strict=True)
    ]


def whole(mapping: Mapping, row: Any, said: Json, body: Body | None) -> Json:
    """One resource, with its identifier, its version and what was kept around it."""
    told = dict(said.pop("meta", {}))
    if body is not None:
        said = restored(body.sent, body.base, said)
        told = _joined(told, said.pop("meta", {}))
    since = mapping.changed_at(row)
    since = max(since, body.received_at) if body else since
    told |= {"versionId": version_of(mapping, row, body), "lastUpdated": instant(since)}
    return {"resourceType": mapping.type, "id": str(row.pk), "meta": told, **said}


def _joined(ours: Json, theirs: Json) -> Json:
    """What the house and a partner say in `meta`: profiles and tags of both, each once."""
    found = {**theirs, **ours}
    for name in ("profile", "tag", "security"):
        both = [*ours.get(name, []), *theirs.get(name, [])]
        if both:
            found[name] = [one for place, one in enumerate(both) if one not in both[:place]]
    return found


def trimmed(resource: Json, mapping: Mapping, summary: str, elements: Sequence[str]) -> Json:
    """Leave out what a search did not want, and say so."""
    if summary == "data":
        return _marked({key: value for key, value in resource.items() if key != "text"})
    wanted: set[str] = set(elements)
    if summary == "true":
        wanted |= set(mapping.summary)
    if summary == "text":
        wanted |= {"text", *mapping.summary}
    if not wanted:
        return resource
    always = {"resourceType", "id", "meta"}
    return _marked({key: value for key, value in resource.items() if key in wanted | always})


def _marked(resource: Json) -> Json:
    meta = dict(resource["meta"])
    meta["tag"] = [*meta.get("tag", []), SUBSETTED]
    return resource | {"meta": meta}


SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}

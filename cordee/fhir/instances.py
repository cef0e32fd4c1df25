"""What is done to one resource: read, created, replaced, patched, ended."""

from typing import Any

import orjson
from django.http import HttpResponse

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.policy import seen_among
from cordee.fhir import services
from cordee.fhir.alone import alone
from cordee.fhir.assembly import assembled, made
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping
from cordee.fhir.misshapen import refuse_misshapen, refuse_what_changes_meaning
from cordee.fhir.outcome import Issue, Json, Refusal, absent, invalid, outcome
from cordee.fhir.reading import PATCH_TYPES, body_of, parsed, refuse_deep, resource_of
from cordee.fhir.rules.json_patch import Unpatchable, patched_by
from cordee.fhir.search.answering import matching
from cordee.fhir.search.numbered import numbers_in
from cordee.fhir.selectors import bearing_for, versions_kept
from cordee.fhir.versions import version_with
from cordee.fhir.writing import answered, etag, version_in, versioned


def fetched(call: Call, mapping: Mapping, pk: str, letters: str = "r") -> Any:
    """The row that an identifier names, for some interactions. Raises Refusal: 404, traced, when it
    is not, hides, or is of no part that the scopes let through."""
    key = mapping.key_of(pk)
    row = call.row(mapping, key, letters) if key is not None else None
    if row is None:
        raise _hidden(call, mapping, pk)
    return row


def _hidden(call: Call, mapping: Mapping, pk: str) -> Refusal:
    """What to raise (404) of what is not there for the caller, once it is traced."""
    trace.refused(call.actor, f"{mapping.model._meta.label_lower}.read", subject_id=pk)
    return absent()


def read(call: Call, mapping: Mapping, pk: str) -> HttpResponse:
    """Give one resource; nothing of it when the caller already has that version (304)."""
    call.require(mapping.type, "r")
    row, resource = _seen(call, mapping, pk)
    if mapping.table_of(row).is_gone(row):
        raise Refusal(410, [GONE])
    headers = versioned(resource)
    known = call.request.headers.get("If-None-Match")
    if known and resource["meta"]["versionId"] in [version_in(one) for one in known.split(",")]:
        return answered(call.request, None, 304, headers)
    return answered(call.request, to_the_letter(mapping, row, resource), 200, headers)


def to_the_letter(mapping: Mapping, row: Any, resource: Json) -> Any:
    """A resource as it is read alone: of what is kept whole, the bytes that came."""
    return orjson.Fragment(mapping.as_it_came(row)) if mapping.as_it_came else resource


def _seen(call: Call, mapping: Mapping, pk: str) -> tuple[Any, Json]:
    """A row and the resource it is, and the line of trace of this look: by one statement where the
    type has one. Raises Refusal."""
    key = mapping.key_of(pk)
    is_plain = call.caller.patient_id in (None, key) and call.is_whole(mapping.type)
    if mapping.quick is not None and key is not None and is_plain:
        told = mapping.quick(call.actor, key)
        if told is not None:
            return made(mapping, told, call.seeing)
    row = call.row(mapping, key) if key is not None else None
    if row is None:
        row, resource = _as_its_sender(call, mapping, pk)
    else:
        (resource,) = assembled(mapping, [row], call.seeing)
    looked(call.actor, mapping, row)
    return row, resource


def _as_its_sender(call: Call, mapping: Mapping, pk: str) -> tuple[Any, Json]:
    """The little that is told of a row to who sent it and may not see it, where the type tells
    anything. Raises Refusal (404)."""
    ask, key = mapping.to_its_sender, mapping.key_of(pk)
    is_plain = call.caller.patient_id is None and call.is_whole(mapping.type)
    told = ask(call.actor, key) if ask is not None and key is not None and is_plain else None
    if told is None:
        raise _hidden(call, mapping, pk)
    return told


def looked(actor: Actor, mapping: Mapping, row: Any) -> None:
    """Say that a resource was opened, and whom it tells of when they are many."""
    trace.read(actor, row)
    if mapping.members_of is not None:
        trace.listed(actor, mapping.model._meta.label_lower, mapping.concerned([row]))


def created(call: Call, mapping: Mapping) -> HttpResponse:
    """Create what is sent, unless what it must not double is there (`If-None-Exist`)."""
    call.require(mapping.type, "c")
    _refuse_without(mapping.create)
    resource = _checked(call, mapping)
    unless = call.request.headers.get("If-None-Exist", "")
    if not unless:
        return _created(call, mapping, resource)
    call.require(mapping.type, "s")
    with alone(call, mapping.type, unless):
        found = matching(call, mapping, unless)
        if len(found) > 1:
            raise Refusal(412, [SEVERAL])
        if found:
            _refuse_given_again(call, mapping, unless, found[0], resource)
            trace.read(call.actor, found[0])
            return _given(call, mapping, found[0], 200)
        return _created(call, mapping, resource)


def _refuse_given_again(
    call: Call, mapping: Mapping, condition: str, row: Any, resource: Json
) -> None:
    """Refuse what tells of somebody else than whom a number finds, when it is a record that they
    absorbed that bore it: its sender may have given it again. Raises Refusal (412).

    One query or two of what speaks against being the row; none of the rest.
    """
    if row is None or mapping.is_of_another is None or not mapping.is_of_another(resource, [row]):
        return
    bearing = bearing_for(call.actor, mapping.type, row.pk, numbers_in(mapping, condition))
    if bearing and row.pk not in bearing:
        absorbed = mapping.rows(call.actor).filter(pk__in=bearing).order_by("pk")
        if mapping.is_of_another(resource, absorbed):
            raise Refusal(412, [GIVEN_AGAIN])


def _created(call: Call, mapping: Mapping, resource: Json) -> HttpResponse:
    row = services.receive(
        actor=call.actor,
        mapping=mapping,
        resource=resource,
        now=call.now,
        caller=call.caller,
    )
    return _given(call, mapping, row, 201)


def replaced(call: Call, mapping: Mapping, pk: str | None) -> HttpResponse:
    """Replace a resource, named or found by a condition, by what is sent."""
    call.require(mapping.type, "u")
    _refuse_without(mapping.update)
    resource = _checked(call, mapping)
    if pk is not None and resource.get("id") != pk:
        raise invalid(
            "update.identifier",
            "L’identifiant du corps n’est pas celui de l’adresse.",
            "The id of the body is not that of the address.",
            f"{mapping.type}.id",
        )
    if pk:
        return _replaced(call, mapping, fetched(call, mapping, pk, "u"), resource)
    call.require(mapping.type, "s")
    condition = call.request.META.get("QUERY_STRING", "")
    with alone(call, mapping.type, condition):
        row = _one(call, mapping, "u")
        _refuse_given_again(call, mapping, condition, row, resource)
        return _replaced(call, mapping, row, resource)


def _replaced(call: Call, mapping: Mapping, row: Any, resource: Json) -> HttpResponse:
    if row is None:
        call.require(mapping.type, "c")
        _refuse_without(mapping.create)
        return _created(call, mapping, resource)
    return _written(call, mapping, row, (resource, _expected(call)))


def patched(call: Call, mapping: Mapping, pk: str | None) -> HttpResponse:
    """Change parts of a resource by a JSON Patch, made on the version that the caller sees.

    It reads as much as it writes: an operation « test » says what stands there. What asks for a
    version asks a patch too: a place in a list is that of what was read before.
    """
    call.require(mapping.type, "u")
    call.require(mapping.type, "r")
    _refuse_without(mapping.update)
    changes = parsed(body_of(call.request, PATCH_TYPES))
    row = fetched(call, mapping, pk, "ru") if pk else _one(call, mapping, "ru")
    if row is None:
        raise absent()
    trace.read(call.actor, row)
    (before,) = assembled(mapping, [row], call.seeing)
    try:
        after = patched_by(before, changes)
    except Unpatchable as error:
        raise Refusal(422, [_unpatchable(str(error))]) from None
    if not isinstance(after, dict) or after.get("id") != before["id"]:
        raise Refusal(422, [_unpatchable("the identifier and the type are not changed")])
    refuse_deep(after)
    refuse_misshapen(after)
    refuse_what_changes_meaning(after)
    if not pk:
        condition = call.request.META.get("QUERY_STRING", "")
        _refuse_given_again(call, mapping, condition, row, after)
    expected = _expected(call)
    if not mapping.asks_version:
        expected = expected or before["meta"]["versionId"]
    return _written(call, mapping, row, (after, expected))


def deleted(call: Call, mapping: Mapping, pk: str | None) -> HttpResponse:
    """End a resource, where the law allows it; what it was stays in its history."""
    call.require(mapping.type, "d")
    _refuse_without(mapping.delete)
    row = fetched(call, mapping, pk, "d") if pk else _one(call, mapping, "d")
    if row is not None and not mapping.is_gone(row):
        services.remove(
            actor=call.actor, mapping=mapping, row=row, expected=_expected(call), now=call.now
        )
    return answered(call.request, None, 204)


def _written(call: Call, mapping: Mapping, row: Any, writing: tuple[Json, str]) -> HttpResponse:
    again = services.replace(
        actor=call.actor,
        mapping=mapping,
        row=row,
        writing=writing,
        now=call.now,
        caller=call.caller,
    )
    return _given(call, mapping, again, 200)


def _given(call: Call, mapping: Mapping, row: Any, status: int) -> HttpResponse:
    """Answer a writing: where the resource is, its version, and itself to who may read it."""
    address = f"{call.base}{mapping.type}/{row.pk}"
    if mapping.has_history and not _is_given_back(call, mapping):
        return answered(call.request, None, status, _written_as(call, mapping, row, address))
    resource = _seen_again(call, mapping, row.pk)
    if resource is None:  # written, and not for the eyes of who wrote it
        return answered(call.request, None, status, {"Location": address})
    headers = versioned(resource)
    headers["Location"] = f"{address}/_history/{resource['meta']['versionId']}"
    return answered(call.request, _wanted(call, mapping, resource), status, headers)


def _is_given_back(call: Call, mapping: Mapping) -> bool:
    """Whether the answer to a writing holds anything: the resource, or an outcome."""
    is_read = call.caller.scopes.allow(mapping.type, "r")
    return "return=operationoutcome" in call.prefers or (
        is_read and "return=minimal" not in call.prefers
    )


def _written_as(call: Call, mapping: Mapping, row: Any, address: str) -> dict[str, str]:
    """Where a resource is and which version it is, to who may see it: nothing of it is told."""
    if not seen_among(call.actor, mapping.model, [row.pk]):
        return {"Location": address}
    kept = versions_kept(call.actor, mapping.type, [row.pk])
    version = version_with(mapping, row, kept.get(row.pk))
    return {"Location": f"{address}/_history/{version}", "ETag": etag(version)}


def _seen_again(call: Call, mapping: Mapping, pk: Any) -> Json | None:
    """What was just written, as its writer may read it."""
    is_plain = call.caller.patient_id in (None, pk) and call.is_whole(mapping.type)
    if mapping.again is not None and is_plain:
        told = mapping.again(call.actor, pk)
        return made(mapping, told, call.seeing)[1] if told else None
    fresh = call.rows(mapping).filter(pk=pk).first()
    return assembled(mapping, [fresh], call.seeing)[0] if fresh else None


def _wanted(call: Call, mapping: Mapping, resource: Json) -> Json | None:
    if "return=operationoutcome" in call.prefers:
        return outcome([DONE])
    is_read = call.caller.scopes.allow(mapping.type, "r")
    return resource if is_read and "return=minimal" not in call.prefers else None


def _checked(call: Call, mapping: Mapping) -> Json:
    resource = resource_of(call.request, mapping.type)
    refuse_misshapen(resource)
    refuse_what_changes_meaning(resource)
    return resource


def _one(call: Call, mapping: Mapping, letters: str) -> Any:
    """The one row that a condition in the address names, or none. Raises Refusal: several (412),
    or one that the scopes let be found and not written (403).

    A condition is a search, and says as much of what is there.
    """
    call.require(mapping.type, "s")
    found = matching(call, mapping, call.request.META.get("QUERY_STRING", ""))
    if len(found) > 1:
        raise Refusal(412, [SEVERAL])
    narrow = not call.is_whole(mapping.type, letters)
    if found and narrow and call.row(mapping, found[0].pk, letters) is None:
        raise call.out_of_scope(mapping.type)
    return found[0] if found else None


def _expected(call: Call) -> str:
    return version_in(call.request.headers.get("If-Match", ""))


def _refuse_without(function: Any) -> None:
    if function is None:
        raise Refusal(405, [NOT_DONE], {"Allow": "GET"})


def _unpatchable(english: str) -> Issue:
    french = "Cette modification ne s’applique pas à la ressource telle qu’elle est."
    return Issue("processing", "patch.inapplicable", french, f"The patch does not apply: {english}")


GONE = Issue(
    "deleted",
    "read.gone",
    "Cette ressource a été retirée. Son historique reste lisible.",
    "The resource was deleted. Its history can still be read.",
)
SEVERAL = Issue(
    "multiple-matches",
    "condition.several",
    "Plusieurs ressources répondent à cette condition. Rien n’a été modifié.",
    "Several resources match the condition. Nothing was changed.",
)
GIVEN_AGAIN = Issue(
    "business-rule",
    "condition.given_again",
    "Ce numéro était celui d’une fiche réunie depuis à celle-ci, et ce que vous envoyez dit "
    "quelqu’un d’autre : si c’est la même personne, écrivez à l’adresse de sa fiche ; sinon, créez "
    "la sienne. Rien n’a été modifié.",
    "The number was that of a record merged into this one, and what is sent tells of another: "
    "write to the address of the record, or create another one. Nothing was changed.",
)
NOT_DONE = Issue(
    "not-supported",
    "router.interaction",
    "Ce type de ressource ne s’écrit pas ainsi ici.",
    "This interaction is not supported for this type of resource.",
)
DONE = Issue("informational", "write.done", "C’est enregistré.", "Stored.", severity="information")

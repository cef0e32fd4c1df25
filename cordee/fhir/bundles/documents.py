"""A document or a message is received: checked, put under the one person it names, kept as it is.

Sources: FHIR R4, documents.html, messaging.html and bundle.html (« Resolving references in
Bundles »). Nothing of it is believed: not even who the person is, unless its sender names a record
that it may know here, by its address or by an identifier that finds one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse

from cordee.fhir import services
from cordee.fhir.alone import alone
from cordee.fhir.bundles.categories import category_of
from cordee.fhir.bundles.links import Json, links_in
from cordee.fhir.call import Call
from cordee.fhir.incoming import local
from cordee.fhir.misshapen import refuse_misshapen
from cordee.fhir.models import KeptBody
from cordee.fhir.outcome import unprocessable
from cordee.fhir.registry import mapping_of, mappings
from cordee.fhir.search.compiler import compiled
from cordee.fhir.search.words import Asked, Wanted
from cordee.fhir.selectors import labels_of
from cordee.fhir.services import Received
from cordee.fhir.writing import answered, etag
from cordee.people.models import Person


@dataclass(frozen=True)
class Links:
    """Where the references of a bundle lead: to one of its entries, or out of it."""

    entries: list[Json]

    @cached_property
    def targets(self) -> dict[str, Json]:
        """The resources of the bundle, by each way to name them."""
        found: dict[str, Json] = {}
        for one in self.entries:
            resource = one.get("resource", {})
            names = [one.get("fullUrl", "")]
            if "id" in resource:
                names.append(f"{resource['resourceType']}/{resource['id']}")
            found |= {name: one for name in names if name}
        return found

    def inside(self, reference: str) -> Json | None:
        """The entry that a reference leads to, if it is one of the bundle."""
        return self.targets.get(reference.partition("/_history/")[0])


def kept(call: Call, bundle: Json, raw: bytes) -> HttpResponse:
    """Keep a document or a message (201); what was kept already is not kept twice (200).

    Raises Refusal: misshapen, leading nowhere, or about nobody whom its sender may know (422);
    beyond the scopes (403).
    """
    call.require("Bundle", "c")
    if hasattr(call.request, "within"):
        raise unprocessable(*ALONE)
    refuse_misshapen(bundle)
    links = Links(bundle["entry"])
    _refuse_what_leads_nowhere(call, links)
    digest = sha256(raw).hexdigest()
    said = Received(
        kind=bundle["type"],
        category=category_of(bundle),
        text=raw.decode(),
        labels=(*labels_of(bundle), f"digest|*|{digest}"),
    )
    person = _person(call, bundle, links)
    with alone(call, "Bundle", f"digest={digest}"):
        row, is_new = services.keep_whole(
            actor=call.actor, person=person, said=said, now=call.now, caller=call.caller
        )
    return _answered(call, row, 201 if is_new else 200)


def _answered(call: Call, row: KeptBody, status: int) -> HttpResponse:
    version = str(row.version)
    where = f"{call.base}Bundle/{row.pk}/_history/{version}"
    wanted = "return=representation" in call.prefers and call.caller.scopes.allow("Bundle", "r")
    is_seen = wanted and call.row(mapping_of("Bundle"), row.pk) is not None
    body: Any = orjson.Fragment(row.sent.encode()) if is_seen else None
    return answered(call.request, body, status, {"Location": where, "ETag": etag(version)})


# --- references --------------------------------------------------------------------------------


def _refuse_what_leads_nowhere(call: Call, links: Links) -> None:
    """The first entry leads to what is in the bundle, or here; no other names an entry that is not
    there. Raises Refusal (422)."""
    for rank, entry in enumerate(links.entries):
        for link in links_in(entry.get("resource", {})):
            if link.startswith("#") or links.inside(link) is not None:
                continue
            is_of_a_bundle = link.startswith(("urn:uuid:", "urn:oid:"))
            if is_of_a_bundle or (rank == 0 and not _is_here(call, link)):
                raise unprocessable(*NOWHERE, f"Bundle.entry[{rank}].resource")


def _here(call: Call, link: str) -> tuple[str, UUID] | None:
    """The type and key of what is named at this door: relative, or by its whole address."""
    inner = link.removeprefix(call.base)
    return None if ":" in inner else local(inner)


def _is_here(call: Call, link: str) -> bool:
    kind, key = _here(call, link) or ("", None)
    mapping = mappings().get(kind)
    return mapping is not None and call.row(mapping, key) is not None


# --- whom --------------------------------------------------------------------------------------


def _person(call: Call, bundle: Json, links: Links) -> Person:
    """The one person that it names, and that its sender may know. Raises Refusal (422)."""
    found = dict(_persons(call, links))
    who = {key for key in found.values() if key is not None}
    if bundle["type"] == "document":
        must: list[str] = [bundle["entry"][0]["resource"].get("subject", {}).get("reference", "")]
    else:
        must = list(found)
    if not who or any(_whose(found, links, one) is None for one in must):
        raise unprocessable(*NOBODY, "Bundle.entry")
    if len(who) > 1:
        raise unprocessable(*SEVERAL, "Bundle.entry")
    person: Person = call.row(mapping_of("Patient"), who.pop())
    return person


def _whose(found: dict[str, UUID | None], links: Links, reference: str) -> UUID | None:
    entry = links.inside(reference)
    return found.get(_named(entry) if entry is not None else reference)


def _named(entry: Json) -> str:
    return str(entry.get("fullUrl") or f"Patient/{entry['resource'].get('id', '')}")


def _persons(call: Call, links: Links) -> Iterator[tuple[str, UUID | None]]:
    """Each Patient that a bundle holds or names, with the record that it is here, if it is one."""
    for entry in links.entries:
        resource = entry.get("resource", {})
        if resource.get("resourceType") == "Patient":
            name = _named(entry)
            yield name, _at(call, name) or _by_identifiers(call, resource)
        for link in links_in(resource):
            named = _here(call, link) if links.inside(link) is None else None
            if named is not None and named[0] == "Patient":
                yield link, _at(call, link)


def _at(call: Call, link: str) -> UUID | None:
    """The record that an address of this door leads to, as its sender may see it."""
    named = _here(call, link)
    if named is None or named[0] != "Patient":
        return None
    row = call.row(mapping_of("Patient"), named[1])
    return row.pk if row is not None and row.merged_into_id is None else None


def _by_identifiers(call: Call, resource: Json) -> UUID | None:
    """The one record that the identifiers of a Patient find, under the eyes of its sender."""
    if not call.caller.scopes.allow("Patient", "s"):
        return None
    values = tuple(
        f"{one['system']}|{one['value']}"
        for one in resource.get("identifier", [])
        if one.get("system") and one.get("value")
    )
    if not values:
        return None
    wanted = Wanted(asked=(Asked("identifier", "", "", values),))
    found = compiled(mapping_of("Patient"), wanted, call.asking("Patient")).rows
    keys = list(found.order_by("pk").values_list("pk", flat=True).distinct()[:2])
    return keys[0] if len(keys) == 1 else None


ALONE = (
    "document.alone",
    "Un document ou un message s’envoie seul, pour être gardé à la lettre : pas dans un lot. Rien "
    "n’a été enregistré.",
    "A document or a message is sent by itself, not within a batch.",
    "Bundle",
)
NOWHERE = (
    "document.nowhere",
    "Ce document renvoie à ce qu’il ne contient pas, et qui n’est pas ici. Rien n’a été "
    "enregistré.",
    "A reference leads to nothing that the bundle holds, nor that this caller may see.",
)
NOBODY = (
    "document.nobody",
    "Ce document ne nomme personne qui vous soit confié : désignez la personne par son adresse ici "
    "(Patient/…) ou par un identifiant que cette porte vous donne. Rien n’a été enregistré.",
    "It names nobody that this caller may see, by an address of this server or an identifier.",
)
SEVERAL = (
    "document.several",
    "Ce document parle de plusieurs personnes suivies : envoyez-en un pour chacune. Rien n’a été "
    "enregistré.",
    "It names several patients: send one for each.",
)

"""A document or a message is received: checked, put under the one person it names, kept as it is.

Sources: FHIR R4, documents.html, messaging.html and bundle.html (« Resolving references in
Bundles »). Nothing of it is believed: not even who the person is, unless its sender names a record
that it may know here, by its address or by an identifier that finds one.

A document is about its subject, and is read, traced and erased as what is known of them. Somebody
else who is known here may be named in it, as who wrote, told or received something of it; nothing
in it may be about them: it would be told under the rights of another, and outlive their erasure.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse

from cordee.fhir import services
from cordee.fhir.alone import alone
from cordee.fhir.bundles.categories import category_of
from cordee.fhir.bundles.links import Json, held_links_in, links_in, resources_in
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
    looking = Looking(call)
    _refuse_what_leads_nowhere(looking, links)
    digest = sha256(raw).hexdigest()
    said = Received(
        kind=bundle["type"],
        category=category_of(bundle),
        text=raw.decode(),
        labels=(*labels_of(bundle), f"digest|*|{digest}"),
    )
    person = _person(looking, bundle, links)
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


@dataclass
class Looking:
    """What a bundle names is looked for here within the scopes: each once, and so many at most."""

    call: Call
    found: dict[tuple[str, ...], Any] = field(default_factory=dict)
    asked: int = 0

    def named(self, link: str) -> tuple[str, UUID] | None:
        """The type and key of what is named at this door: relative, or by its whole address."""
        inner = link.removeprefix(self.call.base)
        return None if ":" in inner else local(inner)

    def row(self, link: str, wanted: str = "") -> Any:
        """What is named at this door and may be read; else None. `wanted`: of this type
        alone. Raises Refusal (422): too many are named."""
        kind, key = self.named(link) or ("", None)
        mapping = mappings().get(kind)
        if mapping is None or wanted not in ("", kind):
            return None
        if not self.call.caller.scopes.allow(kind, "r"):
            return None
        return self._once((kind, str(key)), lambda: self.call.row(mapping, key))

    def person(self, link: str) -> Person | None:
        """The record that an address of this door leads to, as its sender may read it."""
        row: Person | None = self.row(link, "Patient")
        return row if row is not None and row.merged_into_id is None else None

    def identified(self, resource: Json) -> Person | None:
        """The one record that the identifiers of a Patient find, under the eyes of its sender."""
        values = tuple(
            f"{one['system']}|{one['value']}"
            for one in resource.get("identifier", [])
            if one.get("system") and one.get("value")
        )
        if not values or not self.call.caller.scopes.allow("Patient", "s"):
            return None
        keys = self._once(("identifier", *values), lambda: self._keys(values), len(values))
        return self.person(f"Patient/{keys[0]}") if len(keys) == 1 else None

    def _keys(self, values: tuple[str, ...]) -> list[UUID]:
        wanted = Wanted(asked=(Asked("identifier", "", "", values),))
        found = compiled(mapping_of("Patient"), wanted, self.call.asking("Patient")).rows
        return list(found.order_by("pk").values_list("pk", flat=True).distinct()[:2])

    def _once(self, what: tuple[str, ...], look: Callable[[], Any], cost: int = 1) -> Any:
        if what not in self.found:
            self.asked += cost
            if self.asked > MOST:
                raise unprocessable(*MANY, "Bundle.entry")
            self.found[what] = look()
        return self.found[what]


def _refuse_what_leads_nowhere(looking: Looking, links: Links) -> None:
    """The first entry leads to what is in the bundle, or here; no other names an entry that is not
    there. Raises Refusal (422)."""
    for rank, entry in enumerate(links.entries):
        for link in links_in(entry.get("resource", {})):
            if link.startswith("#") or links.inside(link) is not None:
                continue
            is_of_a_bundle = link.startswith(("urn:uuid:", "urn:oid:"))
            if is_of_a_bundle or (rank == 0 and looking.row(link) is None):
                raise unprocessable(*NOWHERE, f"Bundle.entry[{rank}].resource")


# --- whom --------------------------------------------------------------------------------------


def _person(looking: Looking, bundle: Json, links: Links) -> Person:
    """The one person that it names, and that its sender may know: the subject of a document, all
    whom a message is about. Raises Refusal (422)."""
    found = must = list(_persons(looking, links))
    if bundle["type"] == "document":
        name = _led_to(links, bundle["entry"][0]["resource"].get("subject", {}).get("reference"))
        must = [one for one in found if one[0] == name]
    if not must or any(person is None for _, person in must):
        raise unprocessable(*NOBODY, "Bundle.entry")
    who = {person.pk: person for _, person in must if person is not None}
    others = {name for name, person in found if person is not None and person.pk not in who}
    hers = {name for name, person in found if person is not None and person.pk in who}
    named = _merely_named(links, hers) if bundle["type"] == "document" else set()
    if len(who) > 1 or others - named:
        raise unprocessable(*SEVERAL, "Bundle.entry")
    return who.popitem()[1]


NAMING = frozenset(
    {
        *("author", "performer", "actor", "party", "member", "who", "source", "informationSource"),
        *("asserter", "recorder", "requester", "sender", "recipient"),
    }
)
"""The elements of R4 that say who wrote, did, told, asked for or received something, and that may
lead to a Patient. Whatever else leads to one may be about them."""
OF_A_TRACE = "who"
"""Who made, signed or saw what is elsewhere: a Provenance, a signature have no subject."""
OF_THEIR_ACTORS = frozenset({"Appointment", "AppointmentResponse", "Schedule"})
"""What names whom it is about by `actor`, and by nothing else."""
BY_NAME = frozenset({"resourceType", "id", "meta", "language", "active", "name"})
"""What may be told of somebody who is merely named: the rest would be kept under another."""


def _merely_named(links: Links, hers: set[str]) -> set[str]:
    """Whom a bundle leads to as who did or received something about its subject, by no other
    element, and tells nothing of but a name. `hers`: the names of the subject."""
    naming: set[str] = set()
    about = {
        _named(entry)
        for entry in links.entries
        if not entry.get("resource", {}).keys() <= BY_NAME and _is_a_patient(entry)
    }
    for resource in resources_in([entry.get("resource") for entry in links.entries]):
        held = [(one, _led_to(links, link)) for one, link in held_links_in(resource)]
        acts = NAMING - {"actor"} if resource["resourceType"] in OF_THEIR_ACTORS else NAMING
        is_hers = any(name in hers for element, name in held if element not in acts)
        for element, name in held:
            is_named = element == OF_A_TRACE or (is_hers and element in acts)
            (naming if is_named else about).add(name)
    return naming - about


def _is_a_patient(entry: Json) -> bool:
    return bool(entry.get("resource", {}).get("resourceType") == "Patient")


def _led_to(links: Links, link: str | None) -> str:
    """The name of what a reference leads to: an entry of the bundle, or what is out of it."""
    entry = links.inside(link or "")
    return (link or "") if entry is None else _named(entry)


def _named(entry: Json) -> str:
    return str(entry.get("fullUrl") or f"Patient/{entry['resource'].get('id', '')}")


def _persons(looking: Looking, links: Links) -> Iterator[tuple[str, Person | None]]:
    """Each Patient that a bundle holds or names, with the record that it is here, if it is one."""
    for entry in links.entries:
        resource = entry.get("resource", {})
        if _is_a_patient(entry):
            name = _named(entry)
            yield name, looking.person(name) or looking.identified(resource)
        for link in links_in(resource):
            named = looking.named(link) if links.inside(link) is None else None
            if named is not None and named[0] == "Patient":
                yield link, looking.person(link)


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
    "It is about several patients: send one for each.",
)
MOST = 200  # references and identifiers that are looked for here: each is a query, or a part of one
MANY = (
    "document.many",
    f"Ce document nomme plus de {MOST} adresses ou identifiants d’ici : coupez-le en plusieurs. "
    "Rien n’a été enregistré.",
    f"It names more than {MOST} addresses of this server, or identifiers of patients.",
)

"""A document or a message is received: checked, put under the one person it names, kept as it is.

Sources: FHIR R4, documents.html, messaging.html and bundle.html (« Resolving references in
Bundles »). Nothing of it is believed: not even who the person is, unless its sender names a record
that it may know here, by its address or by an identifier that finds one.

A document is about its subject, and is read, traced and erased as what is known of them. Somebody
else may be named in it, as who wrote, told or received something of it; nothing in it may be about
them, known here or not: it would be told under the rights of another, and outlive their erasure.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse

from cordee.fhir import services
from cordee.fhir.alone import alone
from cordee.fhir.bundles.categories import category_of
from cordee.fhir.bundles.links import Json, links_in
from cordee.fhir.bundles.named import (
    Held,
    Links,
    Told,
    linked_in,
    merely_named,
    names_in,
    numbers_of,
    said_aside,
    says_her,
    told_in,
)
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
from cordee.people.rules.traits import words


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

    def identified(self, numbers: set[str]) -> Person | None:
        """The one record that the numbers of a Patient find, under the eyes of its sender."""
        keys = self.numbered(numbers)
        return self.person(f"Patient/{keys.pop()}") if len(keys) == 1 else None

    def numbered(self, numbers: set[str]) -> set[UUID]:
        """The records that numbers find, under the eyes of its sender."""
        values = tuple(sorted(numbers))
        if not values or not self.call.caller.scopes.allow("Patient", "s"):
            return set()
        keys: list[UUID] = self._once(
            ("identifier", *values), lambda: self._keys(values), len(values)
        )
        return {key for key in keys if self.person(f"Patient/{key}") is not None}

    def _keys(self, values: tuple[str, ...]) -> list[UUID]:
        wanted = Wanted(asked=(Asked("identifier", "", "", values),))
        found = compiled(mapping_of("Patient"), wanted, self.call.asking("Patient")).rows
        return list(found.order_by("pk").values_list("pk", flat=True).distinct()[:MOST])

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
    told = list(told_in(links))
    found = must = _persons(looking, told)
    if bundle["type"] == "document":
        subject = [one for one in told[0].held if one.element == "subject"]
        must = {one.name: found.get(one.name) or _by_number(looking, one) for one in subject}
    if not must or any(person is None for person in must.values()):
        raise unprocessable(*NOBODY, "Bundle.entry")
    who = {person.pk: person for person in must.values() if person is not None}
    if len(who) > 1:
        raise unprocessable(*SEVERAL, "Bundle.entry")
    (person,) = who.values()
    _refuse_others(looking, told, person, found)
    return person


def _by_number(looking: Looking, said: Held) -> Person | None:
    """The record of whom something is about by a number, without any address."""
    return None if "reference" in said.said else looking.identified({said.number} - {""})


def _persons(looking: Looking, told: list[Told]) -> dict[str, Person | None]:
    """Each Patient that a bundle holds or names, with the record that it is here, if it is one."""
    held = {one.name: one.resource for one in told if one.is_a_patient}
    found = {
        name: looking.person(name) or looking.identified(numbers_of(resource))
        for name, resource in held.items()
    }
    links = {held.name for one in told for held in one.held} - found.keys() - {""}
    return found | {name: looking.person(name) for name in links}


def _refuse_others(
    looking: Looking, told: list[Told], person: Person, found: dict[str, Person | None]
) -> None:
    """Refuse what is about somebody else, known here or not, so that no answer says who is.

    Raises Refusal (422).
    """
    hers = {name for name, one in found.items() if one is not None and one.pk == person.pk}
    links = linked_in(told, hers)
    hers |= {one.name for one in links if found.get(one.name, person) is None}
    patients = [one for one in told if one.is_a_patient]
    theirs = [one.resource for one in patients if one.name in hers]
    numbers = {one.number for one in links}.union(*map(numbers_of, theirs)) - {""}
    same = {one.name for one in patients if numbers & numbers_of(one.resource)}
    hers |= {name for name in same if found[name] is None}
    is_her = partial(_is_her, looking, person, numbers, theirs)
    aside = [one for one in said_aside(told) if not is_her(one)]
    others = found.keys() - hers - merely_named(told, hers)
    said = {held.number for one in told for held in one.held} - {""}
    borne = said.union(*(numbers_of(one.resource) for one in patients if one.name in hers))
    if aside or others or looking.numbered(borne) - {person.pk}:
        raise unprocessable(*SEVERAL, "Bundle.entry")


def _is_her(
    looking: Looking, person: Person, numbers: set[str], theirs: list[Json], said: Held
) -> bool:
    """Whether what says somebody by a number, or by words alone, says whom it is about."""
    if said.number:
        return said.number in numbers or looking.numbered({said.number}) == {person.pk}
    first_name = person.first_name or person.first_names.partition(" ")[0]
    family = [words(person.birth_name), words(person.used_name)]
    given = [words(first_name), words(person.used_first_name)]
    for one in map(names_in, theirs):
        family, given = family + one[0], given + one[1]
    return says_her(said.said.get("display", ""), family, given)


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
    "Ce document parle d’une autre personne que celle qu’il concerne, ou la désigne autrement que "
    "par son adresse : envoyez-en un pour chacune. Rien n’a été enregistré.",
    "It is about several patients, or names one by anything but an address: send one for each.",
)
MOST = 200  # references and identifiers that are looked for here: each is a query, or a part of one
MANY = (
    "document.many",
    f"Ce document nomme plus de {MOST} adresses ou identifiants d’ici : coupez-le en plusieurs. "
    "Rien n’a été enregistré.",
    f"It names more than {MOST} addresses of this server, or identifiers of patients.",
)

"""The entries of a batch or transaction: what each asks, and in which order they are done."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cordee.fhir.bundles.links import Place, link, places_in
from cordee.fhir.outcome import Issue, Json, Refusal, invalid

# FHIR R4, http.html, transaction: "DELETE, POST, PUT or PATCH, GET or HEAD".
TURNS = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
HEADERS = {
    "ifMatch": "HTTP_IF_MATCH",
    "ifNoneMatch": "HTTP_IF_NONE_MATCH",
    "ifNoneExist": "HTTP_IF_NONE_EXIST",
}
ADDRESS = re.compile(r"([A-Z][A-Za-z]{1,60})(?:/([A-Za-z0-9\-.$_/]{1,200}))?(?:\?(\S*))?")
MOST = 5_000  # entries of one bundle
MOST_READS = 200  # among them: each may be a page of a search
READS = ("GET", "HEAD")
MOST_BYTES = 20_000_000  # of all its answers: a batch does no more past them, a transaction nothing


@dataclass(frozen=True)
class Entry:
    """One request: its place in the bundle, and what it asks of which address."""

    rank: int
    url: str
    method: str
    type: str
    rest: str
    query: str
    headers: dict[str, str]
    resource: Any
    urls: frozenset[str] | None = None
    """The addresses that entries of its bundle have, when it came in one: its links are of these.
    """

    @property
    def path(self) -> str:
        """Return the address under the door, without its query."""
        return f"{self.type}/{self.rest}" if self.rest else self.type

    @property
    def target(self) -> str:
        """Return `Type/id` when the entry names one resource, else nothing."""
        return self.path if self.rest and "/" not in self.rest and self.rest[0] not in "$_" else ""

    @cached_property
    def places(self) -> list[Place]:
        """Where its resource may speak of other entries."""
        is_read = isinstance(self.resource, dict | list)
        return places_in(self.resource, self.urls) if is_read else []

    def linked(self, known: Mapping[str, str]) -> Any:
        """Give its resource, where each known address is the one it became."""
        link(self.places, known)
        return self.resource


def entries_of(bundle: Json, base: str) -> list[Entry]:
    """Return the requests of a bundle whose shape is right. Raises Refusal (400)."""
    given = bundle.get("entry", [])
    if len(given) > MOST:
        raise invalid(
            "bundle.too_many",
            f"Ce lot compte plus de {MOST} demandes : coupez-le en plusieurs.",
            f"The bundle has more than {MOST} entries.",
            "Bundle.entry",
        )
    urls = frozenset(one["fullUrl"] for one in given if one.get("fullUrl"))
    entries = [_entry(rank, one, base, urls) for rank, one in enumerate(given)]
    if sum(one.method in READS for one in entries) > MOST_READS:
        raise invalid(
            "bundle.too_many_reads",
            f"Ce lot compte plus de {MOST_READS} lectures : coupez-le en plusieurs.",
            f"The bundle reads more than {MOST_READS} times.",
            "Bundle.entry",
        )
    return entries


def _entry(rank: int, given: Json, base: str, urls: frozenset[str]) -> Entry:
    asked = given["request"]
    address = ADDRESS.fullmatch(asked["url"].removeprefix(base).lstrip("/"))
    if address is None:
        raise invalid(
            "bundle.address",
            "Cette adresse n’est pas celle d’un type de ressource : Type, Type/identifiant ou "
            "Type?condition.",
            "The address is not that of a type of resource.",
            f"Bundle.entry[{rank}].request.url",
        )
    headers = {name: asked[one] for one, name in HEADERS.items() if one in asked}
    return Entry(
        rank=rank,
        url=given.get("fullUrl", ""),
        method=asked["method"],
        type=address[1],
        rest=address[2] or "",
        query=address[3] or "",
        headers=headers,
        resource=given.get("resource"),
        urls=urls,
    )


def in_turn(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries in the order FHIR does them, each as the bundle has it within its turn."""
    return sorted(entries, key=lambda one: (TURNS[one.method], one.rank))


class Writers:
    """The resources that the entries of a transaction write: each once.

    Source: FHIR R4, http.html, transaction: identities that overlap, those that conditions resolve
    to as well, fail it.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Begin with those that entries name. Raises Refusal (400): two name the same."""
        self.written: set[str] = set()
        self.named: dict[int, str] = {}
        """What each entry writes, by its rank, where it is known."""
        for one in entries:
            if one.method not in READS:
                self.claim(one, one.target)

    def claim(self, entry: Entry, address: str) -> None:
        """Say that an entry writes what has an address; again once it is done, if its condition
        named it before. Raises Refusal: another writes it (400), or it named another (409)."""
        where, before = f"Bundle.entry[{entry.rank}]", self.named.get(entry.rank)
        if before:
            if before != address:
                raise Refusal(409, [Issue("conflict", *MOVED, where)])
            return
        if address.lower() in self.written:
            raise Refusal(400, [Issue("invariant", *TWICE, where)])
        if address:
            self.named[entry.rank] = address
            self.add(address)

    def add(self, address: str) -> None:
        """Say that what has an address was created: others may know it again, not write it."""
        self.written.add(address.lower())  # a key is the same in capitals


TWICE = (
    "bundle.written_twice",
    "Deux demandes de cette transaction écrivent la même ressource. Rien n’a été modifié.",
    "Two entries of the transaction write the same resource. Nothing was changed.",
)
MOVED = (
    "bundle.moved",
    "Ce que cette condition désigne a changé pendant la transaction : nommez la ressource par son "
    "adresse, ou recommencez. Rien n’a été modifié.",
    "The condition no longer names what it named as the transaction began. Nothing was changed.",
)

"""What an application asks for, in words of SMART, and what of it is given.

Source: HL7, SMART App Launch 2.2.0, « Scopes and Launch Context » (syntax of version 2:
`patient/Observation.rs?category=survey`; that of version 1 is read as the same page maps it). A
scope narrows what its bearer may do anyway; it never widens it. Its part is the query of a search,
which must find what is read or written; two scopes of one type let through what either does.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import parse_qsl, quote, urlencode

ORDER = "cruds"
WORDS = {"c": "créer", "r": "lire", "u": "modifier", "d": "retirer", "s": "chercher"}
CONTEXTS = ("patient", "user", "system")
OPENID, FHIR_USER = "openid", "fhirUser"
LAUNCH, LAUNCH_PATIENT = "launch", "launch/patient"
OFFLINE, ONLINE = "offline_access", "online_access"
OTHERS = frozenset({OPENID, FHIR_USER, LAUNCH, LAUNCH_PATIENT, OFFLINE, ONLINE})
LONGEST = 4_000
MOST_PARTS = 10  # scopes with a part that are asked for at once: each is a search, at each call
FORMER = {"read": "rs", "write": "cud", "*": "cruds"}
"""What the words of SMART 1 stand for: « Scopes for requesting FHIR Resources »."""

_RESOURCE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,60})\.([a-z*]+)(?:\?(.+))?")
_AS_IT_IS = ":/|,$"  # signs of a query that SMART writes as they are


class Unread(ValueError):  # noqa: N818 — a sentence for who asks
    """A scope that is not understood, or not offered: the message says which and why, in English
    (`error_description` of OAuth is ASCII)."""


class Allowing(Protocol):
    """Scopes, or less than scopes: they narrow what the policy gives, and never widen it."""

    def allow(self, resource_type: str, interaction: str) -> bool:
        """Say whether an interaction, one letter of `cruds`, on a type is let through."""

    def parts(self, resource_type: str, interaction: str) -> tuple[str, ...]:
        """Of an interaction that is allowed, the searches of which one at least finds whatever it
        is about; none: the whole type."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """What may be done with one type of resource, `*` for all, in one context."""

    context: str
    type: str
    interactions: str
    part: str = ""
    """The words of a search that narrows it; nothing: the whole type."""

    def __str__(self) -> str:
        whole = f"{self.context}/{self.type}.{self.interactions}"
        return f"{whole}?{self.part}" if self.part else whole

    @property
    def words(self) -> str:
        """What it lets do, in French words."""
        return ", ".join(WORDS[one] for one in self.interactions)


@dataclass(frozen=True, slots=True)
class Scopes:
    """All that was asked, or given."""

    resources: tuple[Scope, ...] = ()
    others: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join([*sorted(self.others), *map(str, self.resources)])

    @property
    def is_of_one_person(self) -> bool:
        """Whether everything is about the one person that the application was opened for."""
        return any(one.context == "patient" for one in self.resources)

    def without(self, other: str) -> "Scopes":
        """The same, less a word that is no resource."""
        return Scopes(self.resources, self.others - {other})

    def allow(self, resource_type: str, interaction: str) -> bool:
        """Say whether an interaction (c r u d s) on a type is within what was given."""
        return any(
            one.type in ("*", resource_type) and interaction in one.interactions
            for one in self.resources
        )

    def parts(self, resource_type: str, interaction: str) -> tuple[str, ...]:
        """The searches of which one at least finds whatever an interaction that is allowed is
        about; none: it is allowed on the whole type."""
        found = {
            one.part
            for one in self.resources
            if one.type in ("*", resource_type) and interaction in one.interactions
        }
        return () if "" in found else tuple(sorted(found))

    @property
    def are_too_many(self) -> bool:
        """Whether there are more parts, or more words, than are asked for at once."""
        parts = sum(bool(one.part) for one in self.resources)
        return parts > MOST_PARTS or len(str(self)) > LONGEST


def _understood(scope: Scope) -> str:
    return ""


def read(text: str) -> Scopes:
    """Read scopes as they are written. Raises Unread."""
    resources, others = [], set()
    for word in text.split():
        if word in OTHERS:
            others.add(word)
        else:
            resources.append(_resource(word))
    return Scopes(tuple(sorted(set(resources))), frozenset(others))


def ask(text: str, fault: Callable[[Scope], str] = _understood) -> Scopes:
    """Read what an application asks for now, less the words that are not understood: OpenID
    Connect Core 1.0, 3.1.2.1, has them ignored. `fault` says what is not understood of a part.
    Raises Unread: nothing is left, or it is too long."""
    if len(text) > LONGEST:
        raise Unread("The list of scopes is too long")
    kept, trouble = [], None
    for word in text.split():
        try:
            refuse_misread(read(word), fault)
        except Unread as error:
            trouble = trouble or error
        else:
            kept.append(word)
    if trouble and not kept:
        raise trouble
    found = read(" ".join(kept))
    if found.are_too_many:
        raise Unread(f"At most {MOST_PARTS} scopes with a part are asked for at once")
    return found


def refuse_misread(found: Scopes, fault: Callable[[Scope], str]) -> None:
    """Refuse parts that are not understood. Raises Unread, with the first of their faults."""
    faults = (fault(one) for one in found.resources if one.part)
    if trouble := next(filter(None, faults), ""):
        raise Unread(trouble)


def of_one_context(found: Scopes, *, is_for_a_person: bool) -> Scopes:
    """Keep one context, so that `patient/` means one person whatever is asked beside: that one for
    an application opened for somebody. Raises Unread: none is the one."""
    if len({one.context for one in found.resources}) < 2:
        return found
    if not (is_for_a_person and found.is_of_one_person):
        raise Unread("patient/, user/ and system/ scopes are not mixed: ask for one context")
    kept = tuple(one for one in found.resources if one.context == "patient")
    return Scopes(kept, found.others)


def _resource(word: str) -> Scope:
    found = _RESOURCE.fullmatch(word)
    if found is None:
        raise Unread("A scope is not understood; the syntax is that of SMART 2, Patient.rs")
    context, kind, said, part = found.groups()
    interactions = FORMER.get(said, said)
    if part and kind == "*":
        raise Unread("A scope with a part (?category=...) names its type")
    letters = [one for one in ORDER if one in interactions]
    if "".join(letters) != interactions:
        raise Unread("Interactions are letters among c, r, u, d, s, each once and in this order")
    return Scope(context, kind, interactions, _part(part or ""))


def _part(text: str) -> str:
    """The words of a search, each once and in their order: the same search is written one way."""
    pairs = parse_qsl(text, keep_blank_values=True)
    if text and not (pairs and all(name and value for name, value in pairs)):
        raise Unread("The part of a scope is a search: parameters, each with its value")
    return _written(pairs)


def _written(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(sorted(set(pairs)), safe=_AS_IT_IS, quote_via=quote)


def both(one: str, other: str) -> str:
    """The part that holds what two parts hold, each parameter once."""
    return _written(pairs_of(one) | pairs_of(other))


@lru_cache(1_000)
def pairs_of(part: str) -> frozenset[tuple[str, str]]:
    """The parameters of a part, each with its value: all of them hold of what it lets through."""
    return frozenset(parse_qsl(part, keep_blank_values=True))


def within(asked: Scopes, most: Scopes) -> Scopes:
    """Keep of what is asked what is within the most that may be given: of two parts, both."""
    kept: dict[tuple[str, str, str], set[str]] = {}
    for one in asked.resources:
        for ours in most.resources:
            same = one.type == ours.type or "*" in (one.type, ours.type)
            if same and one.context == ours.context:
                kind = one.type if ours.type == "*" else ours.type
                part = both(one.part, ours.part)
                letters = set(one.interactions) & set(ours.interactions)
                kept.setdefault((one.context, kind, part), set()).update(letters)
    return Scopes(tuple(sorted(_said(kept))), asked.others & most.others)


def _said(kept: dict[tuple[str, str, str], set[str]]) -> Iterable[Scope]:
    """Each part, but for what a wider one lets through already."""
    for (context, kind, part), letters in kept.items():
        pairs, left = pairs_of(part), set(letters)
        for (other, same, wider), some in kept.items():
            if (other, same) == (context, kind) and pairs_of(wider) < pairs:
                left -= some
        if left:
            yield Scope(context, kind, "".join(one for one in ORDER if one in left), part)

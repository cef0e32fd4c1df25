"""What an application asks for, in words of SMART, and what of it is given.

Source: HL7, SMART App Launch 2.2.0, « Scopes and Launch Context » (syntax of version 2:
`patient/Observation.rs`; that of version 1 is read as the same page maps it). A scope narrows what
its bearer may do anyway; it never widens it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

ORDER = "cruds"
WORDS = {"c": "créer", "r": "lire", "u": "modifier", "d": "retirer", "s": "chercher"}
CONTEXTS = ("patient", "user", "system")
OPENID, FHIR_USER = "openid", "fhirUser"
LAUNCH, LAUNCH_PATIENT = "launch", "launch/patient"
OFFLINE, ONLINE = "offline_access", "online_access"
OTHERS = frozenset({OPENID, FHIR_USER, LAUNCH, LAUNCH_PATIENT, OFFLINE, ONLINE})
LONGEST = 4_000
FORMER = {"read": "rs", "write": "cud", "*": "cruds"}
"""What the words of SMART 1 stand for: « Scopes for requesting FHIR Resources »."""

_RESOURCE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,60})\.([a-z*]+)(\?.+)?")


class Unread(ValueError):  # noqa: N818 — a sentence for who asks
    """A scope that is not understood, or not offered: the message says which and why, in English
    (`error_description` of OAuth is ASCII)."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """What may be done with one type of resource, `*` for all, in one context."""

    context: str
    type: str
    interactions: str

    def __str__(self) -> str:
        return f"{self.context}/{self.type}.{self.interactions}"

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


def read(text: str) -> Scopes:
    """Read scopes as they are written. Raises Unread."""
    if len(text) > LONGEST:
        raise Unread("The list of scopes is too long")
    resources, others = [], set()
    for word in text.split():
        if word in OTHERS:
            others.add(word)
        else:
            resources.append(_resource(word))
    return Scopes(tuple(sorted(set(resources))), frozenset(others))


def ask(text: str) -> Scopes:
    """Read what an application asks for now, less the words that are not understood: OpenID
    Connect Core 1.0, 3.1.2.1, has them ignored. Raises Unread: nothing is left."""
    if len(text) > LONGEST:
        raise Unread("The list of scopes is too long")
    kept, trouble = [], None
    for word in text.split():
        try:
            read(word)
        except Unread as error:
            trouble = trouble or error
        else:
            kept.append(word)
    if trouble and not kept:
        raise trouble
    return read(" ".join(kept))


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
    context, kind, said, parts = found.groups()
    interactions = FORMER.get(said, said)
    if parts:
        raise Unread("Scopes with parts (?category=...) are not offered: ask for the whole type")
    letters = [one for one in ORDER if one in interactions]
    if "".join(letters) != interactions:
        raise Unread("Interactions are letters among c, r, u, d, s, each once and in this order")
    return Scope(context, kind, interactions)


def within(asked: Scopes, most: Scopes) -> Scopes:
    """Keep of what is asked what is within the most that may be given."""
    kept: dict[tuple[str, str], set[str]] = {}
    for one in asked.resources:
        for ours in most.resources:
            same = one.type == ours.type or "*" in (one.type, ours.type)
            if same and one.context == ours.context:
                kind = one.type if ours.type == "*" else ours.type
                letters = set(one.interactions) & set(ours.interactions)
                kept.setdefault((one.context, kind), set()).update(letters)
    return Scopes(tuple(_said(kept)), asked.others & most.others)


def _said(kept: dict[tuple[str, str], set[str]]) -> Iterable[Scope]:
    for (context, kind), letters in sorted(kept.items()):
        if letters:
            yield Scope(context, kind, "".join(one for one in ORDER if one in letters))

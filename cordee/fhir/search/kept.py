"""Parameters that ask of what partners sent, kept around rows, beside the rows themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest

from cordee.access.actor import Actor
from cordee.fhir.search.parameters import (
    CODED,
    NOTHING,
    Asking,
    Listed,
    Moment,
    Parameter,
    interval_of,
    label,
    token_of,
)


def _is_kept(type_name: str) -> bool:
    """Whether anything of a type comes in: of what does not, nothing is kept."""
    from cordee.fhir.registry import mappings

    return mappings()[type_name].comes_in


@dataclass(frozen=True)
class Label(Parameter):
    """A tag, a security label or a profile that a partner put on what it sent.

    `given`: those that the house itself gives, to the rows of one table.
    """

    kind: str
    given: Mapping[str, Q] = field(default_factory=dict)

    @property
    def modifiers(self) -> frozenset[str]:  # type: ignore[override]
        return CODED if self.type == "token" else frozenset({"not"})

    @property
    def type(self) -> str:  # type: ignore[override]
        return "uri" if self.kind == "profile" else "token"

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        from cordee.fhir.selectors import labelled

        system, code = token_of(value) if self.kind != "profile" else (None, value)
        found = self._of_the_house(system, code)
        if _is_kept(asking.type):
            found |= labelled(asking.actor, asking.type, [label(self.kind, system, code)])
        return ~found if modifier == "not" else found

    def among(self, codes: Listed, asking: Asking) -> Q:
        """One question whatever the number of codes: each apart would cost as many."""
        from cordee.fhir.selectors import labelled_by_any

        found = NOTHING
        for kind, own, word, condition in self._given_by_the_house():
            if kind == self.kind and word in codes.get(own, {}):
                found |= condition
        if _is_kept(asking.type):
            labels = [label(self.kind, own, one) for own, some in codes.items() for one in some]
            found |= labelled_by_any(asking.actor, asking.type, labels)
        return found

    def _of_the_house(self, system: str | None, code: str) -> Q:
        """The rows to which Cordée itself gives the label."""
        found = NOTHING
        for kind, own, word, condition in self._given_by_the_house():
            if (kind, word) == (self.kind, code) and system in (None, own):
                found |= condition
        return found

    def _given_by_the_house(self) -> Iterator[tuple[str, str, str, Q]]:
        for said, condition in self.given.items():
            kind, own, word = said.split("|")
            yield kind, own, word, condition


TOUCHED = "last_touched_at"
"""The name under which a search that is sorted by it has when a resource last changed."""


def latest_touch(actor: Actor, type_name: str) -> Greatest:
    """When a row or what is kept around it last changed, as far as its reader is told."""
    from cordee.fhir.registry import mappings
    from cordee.fhir.selectors import touched_around

    since = F(mappings()[type_name].moment)
    return Greatest(since, Coalesce(touched_around(actor, type_name), since))


@dataclass(frozen=True)
class Touched(Moment):
    """When a resource last changed: its row, or what is kept around it, the later of both."""

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        if not _is_kept(asking.type):
            return super().condition(value, modifier, asking)
        prefix, wanted = interval_of(value, asking)
        since, beyond = self._since(wanted.start, asking), self._since(wanted.end, asking)
        if prefix in ("gt", "sa"):
            return beyond
        if prefix == "ge":
            return since
        if prefix in ("lt", "eb"):
            return ~since
        if prefix == "le":
            return ~beyond
        return ~since | beyond if prefix == "ne" else since & ~beyond

    def order_of(self, type_name: str) -> str:
        return TOUCHED if _is_kept(type_name) else self.order()

    def _since(self, moment: datetime, asking: Asking) -> Q:
        """What changed at a moment or after it, as far as its reader is told."""
        from cordee.fhir.selectors import kept_since

        return Q(**{f"{self.path}__gte": moment}) | kept_since(asking.actor, asking.type, moment)

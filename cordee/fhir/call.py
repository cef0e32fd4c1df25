"""One call at the door: who calls, when, at which address, and how the answer is wanted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.policy import sees_row
from cordee.fhir.caller import OUT_OF_SCOPE, Caller
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.outcome import Refusal
from cordee.fhir.search.compiler import let_through
from cordee.fhir.search.parameters import Asking

PREFIX = "/fhir/"


@dataclass(frozen=True)
class Call:
    """A call, once its caller is known."""

    request: HttpRequest
    caller: Caller
    now: datetime

    @property
    def actor(self) -> Actor:
        """In whose name everything is read and done."""
        return self.caller.actor

    @cached_property
    def base(self) -> str:
        """The address of the door, with its last slash."""
        return base_of(self.request)

    @property
    def prefers(self) -> str:
        """What the `Prefer` header asks for, in lower case."""
        return self.request.headers.get("Prefer", "").lower()

    @property
    def is_strict(self) -> bool:
        """Whether what is not understood is to be refused."""
        return "handling=strict" in self.prefers

    def rows(self, mapping: Mapping, letters: str = "r") -> QuerySet[Any]:
        """What the caller may see of a type; bound to one person, about that person alone; within
        the parts of the scopes that let these interactions through."""
        return let_through(mapping, self.asking(mapping.type), letters)

    def row(self, mapping: Mapping, key: Any, letters: str = "r") -> Any:
        """The row of a key that the caller may see, in whatever table of the type; else None."""
        asking = self.asking(mapping.type)
        for one in mapping.tables:
            seen = _seen_alone(self.actor, one, key)
            row = let_through(one, asking, letters, seen).filter(pk=key).first()
            if row is not None:
                return row
        return None

    def keys_seen(self, mapping: Mapping, keys: Iterable[Any], letters: str = "r") -> set[Any]:
        """Those of some keys whose row the caller may see. One query by table of the type."""
        wanted = list(keys)
        found = (self.rows(one, letters).filter(pk__in=wanted) for one in mapping.tables)
        return {pk for rows in found for pk in rows.values_list("pk", flat=True)}

    def is_whole(self, type_name: str, letters: str = "r") -> bool:
        """Whether no part of a scope narrows these interactions on a type."""
        return not any(self.caller.scopes.parts(type_name, one) for one in letters)

    def asking(self, type_name: str) -> Asking:
        """For whom a search of a type is written."""
        who = self.caller
        return Asking(self.actor, type_name, self.base, self.now, who.scopes, who.patient_id)

    @property
    def seeing(self) -> Seeing:
        """For whom resources are made."""
        return Seeing(self.actor, self.now, asking=self.asking(""))

    def require(self, type_name: str, interaction: str) -> None:
        """Raise Refusal (403), after tracing it, when the scopes do not let it through."""
        if not self.caller.scopes.allow(type_name, interaction):
            raise self.out_of_scope(type_name)

    def out_of_scope(self, type_name: str) -> Refusal:
        """What to raise (403) of what the scopes do not let through, once it is traced."""
        trace.refused(self.actor, f"fhir.{type_name.lower()}", reason="scope")
        return Refusal(403, [OUT_OF_SCOPE])


def _seen_alone(actor: Actor, table: Mapping, key: Any) -> tuple[UUID, ...] | None:
    """The key of a row, as long as it is seen; None: nobody looked, its query judges it. Asked by a
    statement planned once."""
    if not isinstance(key, UUID):
        return None
    return (key,) if sees_row(actor, table.model, key) else ()


def base_of(request: HttpRequest) -> str:
    """The address of the door as its callers write it, with its last slash."""
    public: str = settings.CORDEE.public_url
    return public.rstrip("/") + PREFIX if public else request.build_absolute_uri(PREFIX)

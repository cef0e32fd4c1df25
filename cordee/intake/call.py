"""What was understood of a call, once read from a form: plain values, no table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from cordee.kernel.identifiers import uuid7
from cordee.kernel.typography import said_phone
from cordee.people.rules.processing import Agreed


@dataclass(frozen=True)
class CallerSaid:
    """Who calls."""

    kind: str = "other"
    name: str = ""
    structure: str = ""
    phone: str = ""
    email: str = ""

    @property
    def typed(self) -> dict[str, list[str]]:
        """Return them as the desk would have typed them, where a draft goes on from them."""
        return {
            "caller_name": [self.name],
            "caller_structure": [self.structure],
            "caller_phone": [said_phone(self.phone)],
            "caller_email": [self.email],
        }

    @property
    def as_seen(self) -> str:
        """Write who a page shows as the requester, to tell whether they are still so."""
        return " | ".join([self.name, self.phone, self.email])


@dataclass(frozen=True)
class PersonSaid:
    """For whom: somebody known, somebody new, or nobody (anonymous advice)."""

    person_id: UUID | None = None
    birth_name: str = ""
    first_names: str = ""
    birth_date: date | None = None
    sex: str = ""
    phone: str = ""

    @property
    def is_new(self) -> bool:
        """Say whether the person is to be created."""
        return self.person_id is None and bool(self.birth_name)


@dataclass(frozen=True)
class NeedSaid:
    """What, where, when, how."""

    kind: str = ""
    other_kinds: tuple[str, ...] = ()
    need: str = ""
    commune_code: str = ""
    address: str = ""
    access_notes: str = ""
    begins_on: date | None = None
    ends_on: date | None = None
    frequency: str = ""
    visit_times: tuple[str, ...] = ()
    visit_minutes: int | None = None
    prescription: str = ""
    prescriber: str = ""
    risks: tuple[str, ...] = ()
    risk_notes: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """Return every kind of care asked for."""
        return frozenset(code for code in (self.kind, *self.other_kinds) if code)

    def columns(self) -> dict[str, Any]:
        """Return the need as a request keeps it."""
        said = {name: said for name, said in vars(self).items() if name != "commune_code"}
        return said | {
            "commune_id": self.commune_code or None,
            "other_kinds": [code for code in self.other_kinds if code != self.kind],
            "visit_times": list(self.visit_times),
            "risks": list(self.risks),
        }


@dataclass(frozen=True)
class Choice:
    """Whom the person chooses; `seen`: whom the page showed that they had chosen."""

    wishes: Mapping[UUID, str]
    nobody: bool = False
    seen: str = ""


def as_seen(wishes: Mapping[UUID, str]) -> str:
    """Write whom a page shows as chosen, to tell whether it is still so."""
    return " ".join(sorted(f"{choice}:{who}" for who, choice in wishes.items()))


@dataclass(frozen=True)
class Call:
    """One call, whole."""

    caller: CallerSaid
    person: PersonSaid = PersonSaid()
    need: NeedSaid = NeedSaid()
    weight: str = "full"
    answers: Mapping[str, bool] = field(default_factory=dict)
    delay: str = ""
    wishes: Mapping[UUID, str] = field(default_factory=dict)
    chooses_nobody: bool = False
    answer_words: str = ""
    tell_caller: bool = True
    search_now: bool = False
    agreed: Agreed | None = None  # asked of the person where coordination needs it
    caller_seen: str | None = None  # of what came online: who the page showed as the requester


@dataclass(frozen=True)
class Asked:
    """What was typed: the need, who asks, and the person in the requester's own words."""

    caller_kind: str
    caller_name: str
    need: NeedSaid
    typed: Mapping[str, list[str]]
    prescription: tuple[str, bytes] | None = None  # the name of a file, and its bytes
    key: UUID = field(default_factory=uuid7)  # of the page it was typed on
    chooses_nobody: bool = False


def as_kept(typed: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return what was typed as a draft keeps it."""
    return {str(name)[:60]: [cleaned(value) for value in values] for name, values in typed.items()}


def cleaned(text: object) -> str:
    """Return a text without what the database refuses."""
    return str(text).replace("\x00", "")

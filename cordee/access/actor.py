"""Who acts: built once per door, passed as an argument, never looked up in the air."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any
from uuid import UUID

from cordee.kernel.errors import Unruled


class Role(StrEnum):
    """In which quality somebody acts. One at a time: one changes hats on purpose."""

    COORDINATOR = "coordinator"
    ORIENTEUSE = "orienteuse"
    PRACTITIONER = "practitioner"
    HOME_HELP = "home_help"
    HOSPITAL = "hospital"
    PERSON = "person"
    RELATIVE = "relative"
    DPO = "dpo"
    ADMINISTRATOR = "administrator"
    PARTNER = "partner"
    GUEST = "guest"
    ANONYMOUS = "anonymous"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """The French name of the role."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.COORDINATOR: "coordination de parcours",
    Role.ORIENTEUSE: "infirmière orienteuse ou infirmier orienteur",
    Role.PRACTITIONER: "professionnel de santé",
    Role.HOME_HELP: "aide à domicile",
    Role.HOSPITAL: "équipe hospitalière",
    Role.PERSON: "la personne elle-même",
    Role.RELATIVE: "proche",
    Role.DPO: "délégué à la protection des données",
    Role.ADMINISTRATOR: "administration",
    Role.PARTNER: "système partenaire",
    Role.GUEST: "invité par un lien",
    Role.ANONYMOUS: "non connecté",
    Role.SYSTEM: "Cordée",
}


class Purpose(StrEnum):
    """What one looks for. It narrows what may be seen; only emergency widens it."""

    CARE = "care"
    COORDINATION = "coordination"
    OWN = "own"
    ADMINISTRATION = "administration"
    AUDIT = "audit"
    EMERGENCY = "emergency"
    TECHNICAL = "technical"


class Origin(StrEnum):
    """Through which door something came in: the double-entry meter reads it."""

    FORM = "form"
    CALL = "call"
    TEXT = "text"
    LINK = "link"
    JOB = "job"
    IMPORT = "import"
    FHIR = "fhir"
    HL7 = "hl7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who, in which role, for which organisation and territories, and to what purpose."""

    role: Role
    account_id: UUID | None = None
    name: str = ""
    organization_id: UUID | None = None
    organizations: frozenset[UUID] = field(default_factory=frozenset)
    territories: frozenset[UUID] = field(default_factory=frozenset)
    practitioner_id: UUID | None = None
    person_ids: frozenset[UUID] = field(default_factory=frozenset)
    profession: str = ""
    purpose: Purpose = Purpose.COORDINATION
    origin: Origin = Origin.FORM
    session_key: str = ""
    only_person: UUID | None = None
    """The one person that whoever speaks for the actor may be shown; the second lock holds it."""
    memory: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What follows from these words alone, worked out once: a page asks it hundreds of times."""

    def __hash__(self) -> int:
        if "hash" not in self.memory:
            told = (getattr(self, one.name) for one in fields(self) if one.compare)
            self.memory["hash"] = hash(tuple(told))
        number: int = self.memory["hash"]
        return number

    @property
    def by_software(self) -> bool:
        """Whether what they see goes into the software of a partner, not onto a screen of ours."""
        return self.origin in (Origin.FHIR, Origin.HL7)

    @property
    def signatory(self) -> UUID:
        """The account that signs. Raises Unruled for nobody: the rule of a signed gesture asks."""
        if self.account_id is None:
            raise Unruled(f"{self.role.value} signs nothing")
        return self.account_id

    def reference(self) -> dict[str, str]:
        """The identifiers that a fact or a version keeps of its author: no name."""
        kept = {
            "role": self.role.value,
            "account": self.account_id,
            "practitioner": self.practitioner_id,
            "organization": self.organization_id,
        }
        return {key: str(value) for key, value in kept.items() if value}


SYSTEM = Actor(role=Role.SYSTEM, name="Cordée", purpose=Purpose.TECHNICAL, origin=Origin.JOB)
ANONYMOUS = Actor(role=Role.ANONYMOUS, purpose=Purpose.TECHNICAL)

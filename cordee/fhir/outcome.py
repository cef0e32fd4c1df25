"""What could not be done, said as FHIR says it: an OperationOutcome, in French and in English."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cordee.kernel.errors import DomainError
from cordee.kernel.typography import typo

Json = dict[str, Any]
CODES = "urn:cordee:fhir:outcome"
"""The system of our stable codes ("reading.duplicate_key"), in `issue.details.coding`."""


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong, or to be known.

    `kind` is FHIR's own word for it (IssueType: "invalid", "not-found"…), `code` ours, which never
    changes; `where` the FHIRPath of the element (`Patient.name[0].family`).
    """

    kind: str
    code: str
    french: str
    english: str
    where: str = ""
    severity: str = "error"

    def to_fhir(self) -> Json:
        """The issue as one element of `OperationOutcome.issue`."""
        said: Json = {
            "severity": self.severity,
            "code": self.kind,
            "details": {
                "coding": [{"system": CODES, "code": self.code}],
                "text": typo(self.french),
            },
            "diagnostics": self.english,
        }
        return said | ({"expression": [self.where]} if self.where else {})


def outcome(issues: Iterable[Issue]) -> Json:
    """An OperationOutcome of these issues, in their order."""
    return {"resourceType": "OperationOutcome", "issue": [one.to_fhir() for one in issues]}


@dataclass
class Refusal(Exception):
    """A request that is not answered with what it asked: its status and what is wrong."""

    status: int
    issues: Sequence[Issue] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.status, [one.code for one in self.issues])

    def __str__(self) -> str:
        return f"{self.status} {', '.join(one.code for one in self.issues)}"


def invalid(code: str, french: str, english: str, where: str = "") -> Refusal:
    """A request that no server could read: 400."""
    return Refusal(400, [Issue("invalid", code, french, english, where)])


def unprocessable(code: str, french: str, english: str, where: str = "") -> Refusal:
    """A resource that is well written and cannot be: 422."""
    return Refusal(422, [Issue("business-rule", code, french, english, where)])


def not_supported(code: str, french: str, english: str) -> Refusal:
    """Something that FHIR knows and this door does not do: 400."""
    return Refusal(400, [Issue("not-supported", code, french, english)])


def absent() -> Refusal:
    """What is not there, or hides: the same words for both."""
    french = "Cette ressource n’existe pas, ou ne vous est pas confiée."
    english = "The resource does not exist, or may not be seen by this caller."
    return Refusal(404, [Issue("not-found", "read.absent", french, english)])


def forbidden(verb: str) -> Refusal:
    """Seen, but not allowed: 403."""
    french = "Cela ne fait pas partie de ce qui vous est confié. Rien n’a été modifié."
    return Refusal(403, [Issue("forbidden", verb, french, f"Not allowed to this caller: {verb}.")])


def refused(error: DomainError, where: str = "") -> Refusal:
    """What a room refused, in its own words, and which element is why where that is known: 422."""
    english = f"Refused by the house: {error.code}. Nothing was changed."
    return Refusal(422, [Issue("business-rule", error.code, error.message, english, where)])

"""The shape of a resource against the definitions of R4."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong in the shape of a resource: where, what and how grave."""

    path: str
    code: str
    severity: str
    text: str


def troubles(resource: dict[str, Any]) -> list[Trouble]:
    """List what is wrong in the shape of a resource."""
    if isinstance(resource.get("resourceType"), str):
        return []
    text = "resourceType is missing or is not a string"
    return [Trouble("resourceType", "required", "error", text)]

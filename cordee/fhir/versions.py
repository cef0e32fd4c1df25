"""Which version of a resource is which: that of its row, and that of what is kept around it."""

from typing import Any

from cordee.fhir.selectors import Body


def version_of(row: Any, body: Body | None) -> str:
    """The version of a resource as its reader sees it: "3", or "3-2" with a body of version 2."""
    return f"{row.version}-{body.version}" if body else str(row.version)

"""References: how one is written, and what it may lead to."""

import re
from typing import Any

from cordee.fhir.shape.primitives import Check
from cordee.fhir.shape.tables import resource_types
from cordee.fhir.shape.trouble import Finding, Found, joined

# Type/id, perhaps of one version; or a search, which a transaction resolves (FHIR R4, http.html).
_WRITTEN = re.compile(
    r"([A-Za-z]+)(/[A-Za-z0-9\-.]{1,64}(/_history/[A-Za-z0-9\-.]{1,64})?(#\S+)?|\?\S+)", re.ASCII
).fullmatch
_WHOLE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+", re.ASCII).fullmatch
# The REST address of a resource, wherever its server is (FHIR R4, references, literal).
_AT_THE_END = re.compile(
    r"https?://\S*/([A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(/_history/[A-Za-z0-9\-.]{1,64})?(#\S+)?",
    re.ASCII,
).fullmatch


def reference(inner: Check, targets: frozenset[str]) -> Check:
    """Return the check of a Reference that may lead to some types (none named: to any)."""
    leads_to = ", ".join(sorted(targets))

    def check(value: Any) -> Found:
        found = inner(value)
        if found is not None:
            return found
        text = value.get("reference")
        if text is not None:
            if text[0] == "#":
                return [Finding("local", leads_to, [text], severity="warning")]
            name = named_type(text)
            if name is None:
                return [Finding("bad_reference", path=["reference"])]
            if name and targets and name not in targets:
                return [Finding("wrong_target", leads_to, path=["reference"])]
        said = value.get("type")
        if said and targets and said not in targets and said in resource_types():
            return joined(None, "type", [Finding("wrong_target", leads_to)])
        return None

    return check


def named_type(text: str) -> str | None:
    """Return the type a reference names, "" when it names none, None when it is no reference."""
    short = _WRITTEN(text)
    if short:
        return short[1] if short[1] in resource_types() else None
    if not _WHOLE(text):
        return None
    whole = _AT_THE_END(text)
    return whole[1] if whole and whole[1] in resource_types() else ""

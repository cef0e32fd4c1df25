"""Resources inside others, and the local references that lead to them (ref-1, dom-2 to dom-5).

Each `#id` that was met came up as a finding: nothing is walked a second time.
"""

from typing import Any

from cordee.fhir.shape.trouble import Finding, Found, joined, noted

LOCAL, ADDRESS = "local", "local_address"


def settled(resource: Any, found: Found) -> Found:
    """Judge what the references of a resource lead to inside it, and what it holds for nothing."""
    inside = resource.get("contained") if isinstance(resource, dict) else None
    held = [one for one in inside if isinstance(one, dict)] if isinstance(inside, list) else []
    types = {one.get("id"): str(one.get("resourceType")) for one in held}
    used: set[object] = set()
    kept: Found = None
    for one in found or ():
        if one.code not in (LOCAL, ADDRESS):
            kept = noted(kept, one)
            continue
        bad = _followed(one, types, used)
        if bad is not None:
            kept = noted(kept, bad)
    for rank, one in enumerate(inside if isinstance(inside, list) else ()):
        if isinstance(one, dict):
            for rule in _of_one(one, rank, used):
                kept = joined(kept, "contained", joined(None, rank, [Finding(rule)]))
    return kept


def _followed(one: Finding, types: dict[Any, str], used: set[object]) -> Finding | None:
    """Follow one local reference, and note what it uses; `#` alone is whoever holds."""
    name = (one.path.pop(0) if one.code == LOCAL else one.about)[1:]  # type: ignore[index]
    if not name:
        if "contained" in one.path:
            used.add(one.path[one.path.index("contained") - 1])
        return None
    used.add(name)
    if one.code == ADDRESS:
        return None
    one.path.insert(0, "reference")
    one.severity = "error"
    if name not in types:
        one.code, one.about = "ref-1", ""
        return one
    if one.about and types[name] not in one.about.split(", "):
        one.code = "wrong_target"
        return one
    return None


def _of_one(one: dict[str, Any], rank: int, used: set[object]) -> list[str]:
    """Return the rules that a contained resource breaks."""
    meta = one.get("meta")
    said = meta if isinstance(meta, dict) else {}
    broken = []
    if "contained" in one:
        broken.append("dom-2")
    if one.get("id") not in used and rank not in used:
        broken.append("dom-3")
    if "versionId" in said or "lastUpdated" in said:
        broken.append("dom-4")
    return [*broken, "dom-5"] if "security" in said else broken

"""What a questionnaire says of itself: who reads it, where it comes from, its fingerprint."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cordee.people.rules.sharing import Category

CATEGORY = "urn:cordee:category"
SOURCE = "urn:cordee:source"
OURS = frozenset({CATEGORY, SOURCE})
CATEGORIES = frozenset({Category.CARE, Category.MENTAL_HEALTH, Category.SOCIAL})


def category_of(definition: Mapping[str, Any]) -> Category | None:
    """Say which information the questionnaire holds: care, unless its extension says another.

    None when it names a category that is not one: who reads it is never guessed.
    """
    said = _extension(definition, CATEGORY)
    if said is None:
        return Category.CARE
    return next((one for one in CATEGORIES if one.value == said), None)


def source_of(definition: Mapping[str, Any]) -> str:
    """Say where the instrument comes from, in the words of its definition."""
    said = _extension(definition, SOURCE)
    for told in (said, definition.get("purpose"), definition.get("description")):
        if isinstance(told, str) and told.strip():
            return told.strip()
    return ""


def digest_of(definition: Mapping[str, Any]) -> str:
    """SHA-256 of the definition in its canonical form: keys in order, no space."""
    canonical = json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _extension(definition: Mapping[str, Any], url: str) -> str | None:
    for one in definition.get("extension") or ():
        if isinstance(one, Mapping) and one.get("url") == url:
            for name, value in one.items():
                if name.startswith("value"):
                    return str(value.get("code", "")) if isinstance(value, Mapping) else str(value)
    return None


def bare(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Give the definition without what is read here, for who reads the rest."""
    told = definition.get("extension")
    if not isinstance(told, list):
        return dict(definition)
    left = [one for one in told if not (isinstance(one, Mapping) and one.get("url") in OURS)]
    rest = {key: value for key, value in definition.items() if key != "extension"}
    return rest | ({"extension": left} if left else {})

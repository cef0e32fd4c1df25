"""What a questionnaire says of itself: who reads what is answered to it, and its fingerprint."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cordee.assessments.rules.definition import Definition
from cordee.people.rules.sharing import Category

CATEGORIES = (Category.CARE, Category.MENTAL_HEALTH, Category.SOCIAL)
"""What an evaluation may be of: the category says who reads it."""


def category_of(definition: Definition) -> Category | None:
    """Say which information the questionnaire holds: care, unless it says another.

    None when it names a category that is not one: who reads it is never guessed.
    """
    said = definition.category or Category.CARE.value
    return next((one for one in CATEGORIES if one.value == said), None)


def source_of(definition: Definition) -> str:
    """Say what the instrument is for and where it comes from, in the words of its definition."""
    return (definition.description or definition.purpose).strip()


def digest_of(definition: Mapping[str, Any]) -> str:
    """SHA-256 of the definition in its canonical form: keys in order, no space."""
    canonical = json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()

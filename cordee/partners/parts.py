"""What the part of a scope says: whoever holds the search reads it.

Called by name: this room knows no word of FHIR, and the door that does stands on the upper floors.
"""

from collections.abc import Callable
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from cordee.partners.rules.scopes import Scope

Reader = Callable[[str, str], str]


@cache
def _called(name: str) -> Reader:
    return cast("Reader", import_string(f"{settings.SCOPE_PARTS}.{name}"))


def fault(scope: Scope) -> str:
    """Why the part of a scope is not understood, in English; nothing when it is."""
    return _called("fault_of")(scope.type, scope.part) if scope.part else ""


def said(scope: Scope) -> str:
    """The part of a scope in French, as the end of a sentence; nothing for a whole type."""
    return _called("said")(scope.type, scope.part) if scope.part else ""

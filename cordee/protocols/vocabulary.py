"""What a protocol may speak of in this house: the facts that rooms publish, and those to come."""

from collections.abc import Collection, Mapping
from dataclasses import fields

from cordee.kernel.facts import Fact
from cordee.protocols.rules.kinds import TO_COME


def known_kinds() -> Mapping[str, Collection[str]]:
    """Return each kind of fact, and the fields that its data holds."""
    published = {
        kind: frozenset(field.name for field in fields(fact))  # type: ignore[arg-type]
        for kind, fact in Fact.known.items()
    }
    return {**TO_COME, **published}

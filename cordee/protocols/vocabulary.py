"""What a protocol may speak of in this house: the facts that rooms publish, and those to come."""

from collections.abc import Collection, Mapping
from dataclasses import fields

from cordee.kernel.facts import Fact
from cordee.people.policy import CATEGORY_OF_FACT, OWN_LINES
from cordee.people.rules.sharing import Category
from cordee.protocols.rules.kinds import NAMES_TO_COME, TO_COME

PROTECTED = frozenset({Category.SOCIAL, Category.MENTAL_HEALTH})


def known_kinds() -> Mapping[str, Collection[str]]:
    """Return each kind of fact, and the fields that its data holds."""
    published = {
        kind: frozenset(field.name for field in fields(fact))  # type: ignore[arg-type]
        for kind, fact in Fact.known.items()
        if is_told(kind)
    }
    return {**TO_COME, **published}


def names_of_kinds() -> Mapping[str, str]:
    """Return what the thread shows of each kind of fact: a French sentence."""
    published = {
        kind: (fact.__doc__ or kind).strip().splitlines()[0] for kind, fact in Fact.known.items()
    }
    return {**NAMES_TO_COME, **published}


def is_told(kind: str) -> bool:
    """Say whether a pathway, which is read as coordination, may be moved by a kind of line.

    Neither a choice of the person, which its shadow would tell, nor mental health. What is of
    social life may, beside another kind (`never_alone`): nothing shown says which it was.
    """
    return kind not in OWN_LINES and CATEGORY_OF_FACT.get(kind) != Category.MENTAL_HEALTH


def never_alone() -> frozenset[str]:
    """Return the kinds that a protocol may only name beside another: alone, a step that is done
    or a rupture would tell of what few may read."""
    return frozenset(kind for kind, of in CATEGORY_OF_FACT.items() if of in PROTECTED)

"""Who sees which persons, and who may do what about them."""

from cordee.people.policy.deeds import (
    STEERING,
    may_act,
    may_steer,
    speaks_for,
    stays_one_may_end,
)
from cordee.people.policy.known import (
    OfThisOne,
    by_category,
    entrusted_through,
    entrusted_to,
    in_emergency,
    is_entrusted,
    keys_of,
    know,
    known_among,
    knows,
    persons_of,
    through_person,
    was_heard_on_coordination,
    who_refused_coordination,
)
from cordee.people.policy.lines import write_categories
from cordee.people.policy.scopes import (
    CATEGORY_OF_FACT,
    MERGING,
    OWN_LINES,
    Tellable,
    tellable,
    tells,
)

__all__ = [
    "CATEGORY_OF_FACT",
    "MERGING",
    "OWN_LINES",
    "OfThisOne",
    "STEERING",
    "Tellable",
    "by_category",
    "entrusted_through",
    "entrusted_to",
    "in_emergency",
    "is_entrusted",
    "keys_of",
    "know",
    "known_among",
    "knows",
    "may_act",
    "may_steer",
    "persons_of",
    "speaks_for",
    "stays_one_may_end",
    "tellable",
    "tells",
    "through_person",
    "was_heard_on_coordination",
    "write_categories",
    "who_refused_coordination",
]

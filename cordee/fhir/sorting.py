"""What was kept before its labels were looked at is sorted again, and never wider than it was.

Who reads what a partner sent depends on its category, which was said when it came in. The rules of
today may hear more: a label on an entry, a sensitivity of HL7.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.sight import by_the_house
from cordee.fhir.bundles.categories import category_of
from cordee.fhir.misshapen import SUSPECT, what_changes_meaning
from cordee.fhir.models import WHOLE, KeptBody
from cordee.fhir.outcome import Refusal
from cordee.fhir.rules.sensitivity import SIGNS, protected_in
from cordee.people.rules.sharing import PROTECTED, Category

AT_ONCE = 100  # a document may weigh megabytes
NARROWING = (Category.IDENTITY, Category.COORDINATION, Category.CARE)


@dataclass
class Sorted:
    """How far it went: how many were looked at, what each became, and which no rule sorts."""

    last: UUID | None = None
    looked: int = 0
    became: Counter[Category] = field(default_factory=Counter)
    unsorted: list[str] = field(default_factory=list)


def to_look_at() -> QuerySet[KeptBody]:
    """What may be read more widely than its labels say: every document, and what bears a label."""
    signed = reduce(or_, (Q(sent__contains=one.decode()) for one in SIGNS))
    rows = KeptBody.objects.exclude(category__in=[one.value for one in PROTECTED])
    return rows.filter(Q(kind__in=WHOLE) | signed).order_by("pk")


@action("fhir.sort_again", on=None)
def sort_again(*, actor: Actor, so_far: Sorted, now: datetime) -> bool:
    """Sort the next ones, those of each category by one update. Whether any are left.

    What no rule sorts (two protected categories, restricted without one) stays as it is, and is
    named: who keeps the house looks at it.
    """
    rows = to_look_at().select_for_update(of=("self",))
    if so_far.last is not None:
        rows = rows.filter(pk__gt=so_far.last)
    found = list(rows.defer("base", "labels")[:AT_ONCE])
    moved: dict[Category, list[UUID]] = {}
    for row in found:
        today = _category_today(row)
        if today is None:
            so_far.unsorted.append(_named(row))
        elif _is_narrower(today, Category(row.category)):
            moved.setdefault(today, []).append(row.pk)
    for category, keys in moved.items():
        KeptBody.objects.filter(pk__in=keys).update(category=category.value)
        so_far.became[category] += len(keys)
    so_far.looked += len(found)
    so_far.last = found[-1].pk if found else so_far.last
    return len(found) == AT_ONCE


@by_the_house
def kept_under_a_modifier() -> list[str]:
    """Name what was kept, before such were refused, with an element that changes the meaning of the
    rest and that nobody here knows. One query.

    By the house: only addresses are given, to who keeps it, for somebody to look at.
    """
    signed = reduce(or_, (Q(sent__contains=one.decode()) for one in SUSPECT))
    rows = KeptBody.objects.filter(signed).exclude(kind__in=WHOLE).order_by("kind", "pk")
    return [
        _named(row)
        for row in rows.defer("base", "labels").iterator(AT_ONCE)
        if what_changes_meaning({"resourceType": row.kind} | json.loads(row.sent))
    ]


def _category_today(row: KeptBody) -> Category | None:
    """What the rules of today say of it; None: they would have refused it."""
    try:
        if row.kind in WHOLE:
            return category_of(json.loads(row.sent))
    except Refusal:
        return None
    found = sorted(protected_in(row.sent))
    return None if len(found) > 1 else (found or [Category(row.category)])[0]


def _is_narrower(today: Category, then: Category) -> bool:
    return today in PROTECTED or NARROWING.index(today) > NARROWING.index(then)


def _named(row: KeptBody) -> str:
    return f"{'Bundle' if row.kind in WHOLE else row.kind}/{row.resource_id}"

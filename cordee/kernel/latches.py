"""What is over or held, said where every room can read it at once ("room/kind/id").

Facts go up and are heard a moment later; a yes must not win in that moment. The room that ends a
thing latches it in the same transaction; a room that works for it looks before it acts.
"""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from cordee.kernel.base import any_of
from cordee.kernel.models import Latch


def latch(origin: str) -> None:
    """Let nothing be begun for a thing any more. Safe to repeat."""
    Latch.objects.get_or_create(origin=origin)


def unlatch(origin: str) -> None:
    """Let things be begun for it again. Safe to repeat."""
    Latch.objects.filter(origin=origin).delete()


def is_latched(origin: str) -> bool:
    """Say whether nothing may be begun for a thing. One query, by its key."""
    return Latch.objects.filter(origin=origin).exists()


def latched() -> Exists:
    """Tell, in a query over rows that have an `origin`, those whose origin is latched."""
    return Exists(Latch.objects.filter(origin=OuterRef("origin")))


def latched_among(origins: Collection[str]) -> set[str]:
    """Give, of many things, those for which nothing may be begun. One query."""
    held = Latch.objects.filter(origin__in=any_of(origins, "text"))
    return set(held.values_list("origin", flat=True))

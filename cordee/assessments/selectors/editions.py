"""Editions of an instrument: the one before, and those that measure the same."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cordee.access.actor import Actor
from cordee.access.fetched import Fetch
from cordee.access.stencil import Stencil, Word, filled_up
from cordee.assessments.models import ComparableEditions, Questionnaire
from cordee.assessments.rules.comparing import Comparable, groups


def edition_before(actor: Actor, edition: Questionnaire) -> Questionnaire | None:
    """Find the edition of the same instrument that was published before. One query."""
    if edition.published_at is None:
        return None
    rows = Questionnaire.objects.visible_to(actor).filter(
        url=edition.url, published_at__lt=edition.published_at
    )
    found: Questionnaire | None = rows.defer("definition").order_by("-published_at", "-pk").first()
    return found


def comparison_of(actor: Actor, edition: Questionnaire) -> ComparableEditions | None:
    """Say with which edition it was declared comparable, by whom and why. One query."""
    rows = ComparableEditions.objects.visible_to(actor).filter(edition=edition, withdrawn_at=None)
    found: ComparableEditions | None = rows.select_related("before", "declared_by").first()
    return found


@dataclass(frozen=True)
class Declared:
    """What was said of the editions of an instrument, and what follows from it."""

    said: tuple[ComparableEditions, ...]
    comparable: Comparable


NOTHING = Declared((), ())


def comparable_among(actor: Actor, urls: Collection[str]) -> Mapping[str, Declared]:
    """Say, by instrument, which editions measure the same. One query where nothing was
    said of them, two otherwise, planned once."""
    asked = filled_up(map(Word, sorted(set(urls))))
    rows = _declared(actor=actor, urls=asked) if asked else []
    said: dict[str, list[ComparableEditions]] = defaultdict(list)
    for one in _comparable.in_order(pk for (pk,) in rows):
        said[one.edition.url].append(one)
    return {
        url: Declared(
            tuple(many), groups([(one.before.edition, one.edition.edition) for one in many])
        )
        for url, many in said.items()
    }


@Stencil
def _declared(actor: Actor, urls: list[Word]) -> Any:
    rows = ComparableEditions.objects.visible_to(actor).filter(
        edition__url__in=urls, withdrawn_at=None
    )
    return rows.order_by("declared_at", "pk").values_list("pk")


_comparable = Fetch(
    lambda: ComparableEditions.objects.select_related("edition", "before", "declared_by")
)

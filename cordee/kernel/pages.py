"""A page of a long list, without counting what is before and after it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

DEEPEST = 200


@dataclass(frozen=True)
class Page:
    """Some rows, where they stand, and whether more follow; what a template asks of a page."""

    object_list: list[Any]
    number: int
    follows: bool
    paginator: None = None

    def __iter__(self) -> Any:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)

    def has_previous(self) -> bool:
        """Say whether rows stand before."""
        return self.number > 1

    def has_next(self) -> bool:
        """Say whether rows follow."""
        return self.follows

    def has_other_pages(self) -> bool:
        """Say whether this page is one of several."""
        return self.has_previous() or self.has_next()

    def previous_page_number(self) -> int:
        """Give the number of the page before."""
        return self.number - 1

    def next_page_number(self) -> int:
        """Give the number of the page after."""
        return self.number + 1


def page_of(rows: "QuerySet[Any]", number: str | None, size: int) -> Page:
    """Read one page of an ordered query: one row more than it shows, and nothing is counted.

    What is no number is the first page; a page is 200 deep at most. One query.
    """
    wanted = int(number) if number and number.isdecimal() else 1
    wanted = min(max(wanted, 1), DEEPEST)
    start = (wanted - 1) * size
    found = list(rows[start : start + size + 1])
    return Page(found[:size], wanted, len(found) > size and wanted < DEEPEST)

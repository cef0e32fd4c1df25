"""A commune looked for while one types: by a beginning, an article left out, a postal code.

Baseline: what a tutorial would write, `icontains` over the name and the postal code.
"""

from collections.abc import Callable
from itertools import cycle

from django.db.models import Q

from bench.registry import job, side_by_side
from cordee.directory import selectors
from cordee.directory.models import Commune

TYPED = ("saint", "gap", "st bonnet", "l", "05500", "ciotat", "mont", "75", "chateau", "sète 34")


@job("commune search", unit="ms", goal="≤ 20 ms", is_reached=lambda ours, baseline: ours <= 20)
def commune_search() -> tuple[float, float]:
    """Measure the search over every commune of France, and the plain one."""
    return side_by_side(_each(_ours), _each(_plain), times=20 * len(TYPED))


def _each(search: Callable[[str], object]) -> Callable[[], object]:
    turns = cycle(TYPED)
    return lambda: search(next(turns))


def _ours(text: str) -> object:
    return selectors.communes_matching(text)


def _plain(text: str) -> object:
    found = Commune.objects.filter(
        Q(name__icontains=text) | Q(postal_codes__code__icontains=text), is_current=True
    )
    rows = found.distinct().prefetch_related("postal_codes").order_by("-population")[:12]
    return [(row.name, [one.code for one in row.postal_codes.all()]) for row in rows]

"""Where somebody could come, where nobody could, and what one more would change."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cordee.access.policy import require
from cordee.directory import selectors
from cordee.directory.coverage import Place, one_more, shares, zone_around
from cordee.directory.forms import CoverageForm
from cordee.kernel.http import page

PAGE = 200


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """The communes of a territory by how many nurses could come."""
    require(request.actor, "directory.read_coverage")
    form = CoverageForm(request.actor, request.GET)
    places: list[Place] = []
    if form.is_valid() and form.where:
        places = selectors.coverage_of(form.where, form.care, request.now)
    context = {
        "form": form,
        "shares": shares(places),
        "page": Paginator(places, PAGE).get_page(request.GET.get("page")),
        "zone_map": selectors.coverage_map(places) if places else None,
        "bands": {one.code: one.band for one in places},
        **_one_more(places, request.GET.get("plus", "")),
    }
    return page(request, "directory/coverage.jinja", context, status=422 if form.errors else 200)


def _one_more(places: list[Place], code: str) -> dict[str, Any]:
    """Say what one more nurse in a commune would change, alone there or around."""
    here = next((one for one in places if one.code == code), None)
    if here is None:
        return {"here": None}
    around = one_more(places, zone_around(places, code))
    return {"here": here, "alone": one_more(places, {code}), "around": around}

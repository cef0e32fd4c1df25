"""The condition of the house: for those who work in it, for what watches it, for its figures."""

import hmac

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from cordee.access.policy import require
from cordee.kernel import metrics
from cordee.kernel.http import page
from cordee.messaging.selectors import unkept
from cordee.web import condition

LOOPBACK = {"127.0.0.1", "::1"}


@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """Say in French what is late, since when, and what to do meanwhile."""
    require(request.actor, "web.see_condition")
    found = condition.signs(request.now)
    troubles = [sign for sign in found if not sign.works]
    context = {"signs": found, "troubles": troubles, "unkept": unkept(request.actor)}
    return page(request, "web/condition.jinja", context)


@require_GET
def ready(request: HttpRequest) -> JsonResponse:
    """Say to what watches the house which parts do their work: yes or no, nothing more."""
    try:
        found = condition.signs(request.now)
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    parts = {"database": True} | {sign.code: sign.works for sign in found}
    return JsonResponse(parts, status=200 if condition.is_ready(found) else 503)


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Give the counts to Prometheus: to this machine, or to who holds the token."""
    if not _may_count(request):
        raise Http404
    body = metrics.exposed(condition.figures(request.now))
    return HttpResponse(body, content_type=metrics.CONTENT_TYPE)


def _may_count(request: HttpRequest) -> bool:
    token = settings.CORDEE.metrics_token
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    return request.META.get("REMOTE_ADDR") in LOOPBACK

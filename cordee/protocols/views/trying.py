"""Protocols are tried: what one would have flagged, what changes from one version to another."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as hour
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cordee.access import trace
from cordee.access.policy import require
from cordee.kernel.http import page
from cordee.protocols import forms, selectors
from cordee.protocols.rules.clocks import PARIS
from cordee.protocols.views.reading import protocol_or_told

MOST_SECONDS = 5.0


@require_GET
def trial(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what a version would have flagged over a period, on the persons of one's structures."""
    require(request.actor, "protocols.try")
    found = selectors.get_version(request.actor, pk)
    protocol = protocol_or_told(found)
    form = forms.PeriodForm(request.GET, today=request.now.astimezone(PARIS).date())
    tried = None
    if form.is_valid() and "depuis" in request.GET:
        period = _period(form.cleaned_data, request.now)
        late = _after(MOST_SECONDS)
        tried = selectors.trial_of(request.actor, protocol, period, is_late=late)
        trace.listed(request.actor, "protocols.trial", tried.looked_at)
    context = {"version": found, "protocol": protocol, "form": form, "tried": tried}
    return page(request, "protocols/trial.jinja", context)


@require_GET
def comparison(request: HttpRequest, pk: UUID, other: UUID) -> HttpResponse:
    """Say what changes from a version (`other`) to this one."""
    found = selectors.get_version(request.actor, pk)
    before = selectors.get_version(request.actor, other)
    context = {
        "version": found,
        "before": before,
        "changes": selectors.changes(protocol_or_told(before), protocol_or_told(found)),
    }
    return page(request, "protocols/compare.jinja", context)


def _period(said: dict[str, Any], now: datetime) -> selectors.Period:
    since, until = said["depuis"], said["jusqu"] + timedelta(days=1)
    start, end = (datetime.combine(day, hour(), tzinfo=PARIS) for day in (since, until))
    return selectors.Period(start, min(end, now), everybody=said["tous"])


def _after(seconds: float) -> Callable[[], bool]:
    begun = time.monotonic()
    return lambda: time.monotonic() - begun > seconds

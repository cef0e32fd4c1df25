"""The settings of searches, explained to all, changed by administration."""

from dataclasses import asdict

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from cordee.access.policy import is_allowed, require
from cordee.broker import forms, rules, selectors, services
from cordee.broker.rules.replay import LEAST_SEARCHES
from cordee.broker.rules.simulation import NEVER
from cordee.directory.selectors import moments_in_force
from cordee.kernel.http import page


@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """Show every setting with its explanation."""
    require(request.actor, "broker.read_settings")
    context = {
        "listed": selectors.explained_settings(),
        "may_change": is_allowed(request.actor, "broker.change_settings"),
        "may_replay": is_allowed(request.actor, "broker.replay"),
        "moments": moments_in_force(request.now),
        "may_set_moments": is_allowed(request.actor, "directory.set_moments"),
    }
    return page(request, "broker/settings.jinja", context)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, urgency: str) -> HttpResponse:
    """Change the settings of one urgency."""
    require(request.actor, "broker.change_settings")
    if urgency not in set(rules.Urgency):
        raise Http404
    kept = asdict(selectors.settings_of(urgency))
    form = forms.SettingsForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        services.change_settings(
            actor=request.actor, urgency=urgency, settings=form.settings, now=request.now
        )
        return redirect("broker:settings")
    context = {"form": form, "urgency": rules.Urgency(urgency)}
    status = 422 if form.is_bound else 200
    return page(request, "broker/change_settings.jinja", context, status=status)


@require_GET
def replay(request: HttpRequest, urgency: str) -> HttpResponse:
    """Say what other settings would have done on the past searches of one's team."""
    require(request.actor, "broker.replay")
    if urgency not in set(rules.Urgency):
        raise Http404
    kept = selectors.settings_of(urgency)
    form = forms.ReplayForm(request.GET or None, settings=kept)
    tried = form.settings if form.is_valid() else kept
    count, found = selectors.replay(request.actor, rules.Urgency(urgency), tried, request.now)
    context = {"form": form, "urgency": rules.Urgency(urgency), "count": count, "found": found}
    context |= {"never": NEVER, "least": LEAST_SEARCHES}
    return page(request, "broker/replay.jinja", context, status=422 if form.errors else 200)

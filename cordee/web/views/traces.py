"""The trace of the house, for who audits it: who did what, about how many persons, never which."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cordee.access import trace
from cordee.access.policy import require
from cordee.access.seals import last_sealed_at
from cordee.kernel.http import page, reads
from cordee.people import selectors as people
from cordee.web import forms, selectors

LINES = 50


@require_GET
def traces(request: HttpRequest) -> HttpResponse:
    """Show the latest lines, by nature, service, account or day, and when they were sealed."""
    require(request.actor, "web.audit")
    form = forms.TracesForm(request.GET)
    wanted = form.wanted()
    lines = people.trace_lines(request.actor, wanted)
    trace.signed(request.actor, "web.audit")
    context = {"form": form, "who_form": forms.WhoForm(), "lines": lines} | {
        "account": selectors.account_named(request.actor, wanted.account_id),
        "older": _with(request.GET, avant=str(lines[-1].id)) if len(lines) == LINES else "",
        "everybody": _with(request.GET, compte=""),
        "sealed_at": last_sealed_at(),
        "roles": people.role_lines(request.actor),
    }
    return page(request, "web/traces.jinja", context)


@require_POST
@reads
def whose(request: HttpRequest) -> HttpResponse:
    """Find the account whose lines are wanted: posted, so that no name stands in an address."""
    require(request.actor, "web.audit")
    form = forms.WhoForm(request.POST)
    text = form.cleaned_data["qui"] if form.is_valid() else ""
    found = list(selectors.accounts(request.actor, text, request.now)[:30]) if text else []
    if len(found) == 1:
        query = urlencode({"compte": found[0].pk})
        return HttpResponseRedirect(f"{reverse('web:traces')}?{query}", status=303)
    context = {"form": form, "accounts": found}
    return page(request, "web/traces_whose.jinja", context, status=200 if found else 422)


def _with(query: QueryDict, **changed: str) -> str:
    """The same filters, one of them changed; another choice begins again from the latest line."""
    kept = {name: value for name, value in query.items() if name != "avant"} | changed
    return urlencode({name: value for name, value in kept.items() if value})

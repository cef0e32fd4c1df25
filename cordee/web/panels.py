"""Pages that mix rooms are composed by address: each panel is a view of its room, called here."""

from copy import copy
from dataclasses import dataclass

from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve, reverse
from markupsafe import Markup

from cordee.kernel.errors import Forbidden
from cordee.kernel.once import asked_once
from cordee.web.nav import exists


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of a page: a view of a room, and the rooms whose facts refresh it."""

    name: str
    title: str
    view: str
    hears: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel with what its room answered."""

    panel: Panel
    href: str
    html: Markup


THREAD = (
    *("people", "assessments", "liaison", "intake", "broker", "plans", "protocols"),
    *("vigilance", "meetings", "pathways", "fhir"),
)
PERSON = (
    Panel("tasks", "À faire", "pathways:person_panel", ("pathways",)),
    Panel("thread", "Fil", "people:thread_panel", THREAD),
    Panel("notebook", "Cahier de liaison", "liaison:person_panel", ("liaison",)),
    Panel("visits", "À domicile", "vigilance:person_panel", ("vigilance",)),
    Panel("plan", "Plan", "plans:person_panel", ("plans",)),
    Panel("pathways", "Parcours", "protocols:person_panel", ("protocols",)),
    Panel("meetings", "Réunions", "meetings:person_panel", ("meetings",)),
    Panel("evaluations", "Évaluations", "assessments:person_panel", ("assessments",)),
    Panel("documents", "Documents reçus", "fhir:person_panel", ("fhir",)),
    Panel("requests", "Demandes", "intake:person_panel", ("intake",)),
    Panel("searches", "Recherches", "broker:person_panel", ("broker",)),
    Panel("applications", "Applications", "partners:person_panel", ()),
    Panel("circle", "Cercle de soins", "people:circle_panel", ("people",)),
    Panel("choices", "Ses choix", "people:choices_panel", ("people",)),
    Panel("identity", "Identité", "people:identity_panel", ("people",)),
    Panel("notes", "Notes protégées", "people:notes_panel", ("people",)),
    Panel("spaces", "Espace personnel", "web:spaces_panel", ("people",)),
    Panel("traces", "Qui a ouvert ce dossier", "people:traces_panel", ()),
)


def shown(request: HttpRequest, panels: tuple[Panel, ...], **identifiers: object) -> list[Shown]:
    """Call each panel's view with the same actor. What is not for this reader leaves no gap."""
    found = []
    with asked_once():
        for panel in panels:
            if not exists(panel.view, **identifiers):
                continue
            href = reverse(panel.view, kwargs=identifiers)
            html = part_of(request, href)
            if html and html.strip():
                found.append(Shown(panel, href, html))
    return found


def part_of(request: HttpRequest, href: str, query: str = "") -> Markup | None:
    """The fragment that an address answers, in this very request; None when it refuses."""
    match = resolve(href)
    inner = copy(request)
    inner.method, inner.path, inner.path_info = "GET", href, href
    inner.GET, inner.POST = QueryDict(query), QueryDict()
    inner.resolver_match, inner.htmx = match, True
    try:
        response = match.func(inner, *match.args, **match.kwargs)
    except (Http404, Forbidden):
        return None
    return Markup(response.content.decode())  # noqa: S704 — written by our own templates

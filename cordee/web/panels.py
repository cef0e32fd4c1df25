"""Pages that mix rooms are composed by address: each panel is a view of its room, called here."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from markupsafe import Markup

from cordee.access.about import Met, noting
from cordee.access.actor import Role
from cordee.access.fetched import read_about
from cordee.access.policy import see_about
from cordee.kernel.errors import Forbidden
from cordee.kernel.once import asked_once
from cordee.people.policy import know
from cordee.web.context import shell


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


def shown(request: HttpRequest, panels: tuple[Panel, ...], pk: UUID) -> list[Shown]:
    """Call each panel's view with the same actor. What is not for this reader leaves no gap.

    What the panels read about her is asked at once, its keys then its records: which tables they
    ask of, a page says it to the next.
    """
    found = []
    met = _met.setdefault((panels, request.actor.role), Met())
    with asked_once(), noting(met):
        know(request.actor, pk)
        see_about(request.actor, pk, list(met.tables))
        read_about(request.actor, pk, list(met.readings))
        whole = _whole(request)
        for panel in panels:
            door = _door(panel.view, settings.ROOT_URLCONF)
            if door is None:
                continue
            href = door.href.replace(_NOBODY, str(pk))
            html = _part_of(whole, href, door, pk)
            if html and html.strip():
                found.append(Shown(panel, href, html))
    return found


_met: dict[tuple[tuple[Panel, ...], Role], Met] = {}


class _Door(NamedTuple):
    """Where a view is: its address about nobody, and what answers there."""

    href: str
    view: Callable[..., HttpResponse]


_NOBODY = str(UUID(int=0))


@cache
def _door(view: str, urlconf: str) -> _Door | None:
    """Look a view up once for all: eighteen addresses, among all those of the house, took a tenth
    of the page. None: a house may be built without that room."""
    try:
        href = reverse(view, urlconf, kwargs={"pk": _NOBODY})
    except NoReverseMatch:
        return None
    return _Door(href, resolve(href, urlconf).func)


def _whole(request: HttpRequest) -> HttpRequest:
    """What the parts of a page have in common, its frame too: worked out once."""
    whole = copy(request)
    whole.method, whole.htmx, whole.frame = "GET", True, shell(request)
    whole.GET = whole.POST = QueryDict()
    return whole


def _part_of(whole: HttpRequest, href: str, door: _Door, pk: UUID) -> Markup | None:
    """The fragment that a view answers, in this very request; None when it refuses."""
    inner = copy(whole)
    inner.path = inner.path_info = href
    try:
        response = door.view(inner, pk=pk)
    except (Http404, Forbidden):
        return None
    return Markup(response.content.decode())  # noqa: S704 — written by our own templates

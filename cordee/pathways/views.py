"""The worklist: what waits for me, and five gestures on each line."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access import trace
from cordee.access.pages import page_about
from cordee.access.policy import is_allowed, require
from cordee.broker import selectors as broker
from cordee.intake.policy import at_desk
from cordee.kernel.errors import DomainError
from cordee.kernel.http import done, follows, only_of, page
from cordee.kernel.patterns import standing
from cordee.liaison.policy import taken_back_by
from cordee.pathways import caseload as loads
from cordee.pathways import dose as doses
from cordee.pathways import entrusted, forms, lines, rules, selectors, services
from cordee.pathways.models import HandOver, Task
from cordee.pathways.rules import dose as rules_of_dose
from cordee.pathways.rules.caseload import WEIGHTS
from cordee.people.rules.sharing import Category
from cordee.people.selectors import get_person
from cordee.plans.rules.lines import may_rewrite
from cordee.plans.rules.rhythms import civil_day

HOME = "pathways:worklist"
MOST = 100  # persons of a table: the rest is read colleague by colleague
WEIGHED = {"setting": WEIGHTS[-1]}


@follows("pathways")
@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """Show what waits, most urgent first."""
    if not request.user.is_authenticated and request.actor.account_id is None:
        return redirect("account_login")
    asked = forms.WorklistFilter.read(request.GET)
    only = only_of(request) if request.htmx else None
    wanted = asked.wanted(request.GET.get("apres", ""), only)
    shown = selectors.worklist(request.actor, wanted, request.now)
    trace.listed(request.actor, "pathways.task", shown.persons, refresh=request.htmx)
    context = {
        "asked": asked,
        "takes_calls": at_desk(request.actor, request.actor.organization_id),
        "leads": is_allowed(request.actor, "pathways.see_caseload"),
    }
    part, words = "pathways/_worklist.jinja", _words(request, shown, asked)
    return page(request, "pathways/worklist.jinja", context, part=part, words=words)


def _words(
    request: HttpRequest, shown: selectors.Worklist, asked: forms.WorklistFilter
) -> dict[str, str | tuple[str, ...]]:
    """What changes from page to page: all else is of what its frame hangs from."""
    return {
        "lines": lines.written(shown.tasks, request.now, standing(request)),
        "told": shown.all_told,
        "more": asked.address(apres=shown.next) if shown.next else "",
    }


def _standing(task: Task, now: datetime) -> dict[str, bool]:
    return {
        "late": selectors.is_late(task, now),
        "soon": selectors.is_soon(task, now),
        "by_hand": task.kind in rules.SETTLED_BY_HAND,
    }


def _gestures(task: Task, request: HttpRequest) -> dict[str, object]:
    """A task, where it leads, and how its time stands."""
    href = reverse("pathways:open", args=[task.pk])
    return {"task": task, "href": href, **_standing(task, request.now)}


@require_GET
def person_panel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What waits about one person, for their page."""
    person = get_person(request.actor, pk)
    found = [_gestures(task, request) for task in selectors.of_person(request.actor, pk)]
    return page_about(request, person, "pathways/_person_panel.jinja", {"lines": found})


@require_GET
def search_of(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go from a request to the search made for it. Http404 when there is none to see."""
    search = broker.latest_for_origin(request.actor, f"intake/request/{pk}")
    if search is None:
        raise Http404
    return redirect("broker:search", search.pk)


@require_GET
def open_task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go to what the task is about; else to the task itself."""
    task = selectors.get_task(request.actor, pk)
    target = forms.page_of(task.origin, task.kind)
    return redirect(target) if target else task_page(request, task)


def task_page(request: HttpRequest, task: Task) -> HttpResponse:
    """A task alone, with its gestures."""
    trace.read(request.actor, task)
    context = {
        "task": task,
        "about": rules.KINDS[task.kind].about or lines.NAMELESS,
        "gives": task.kind == "give_line" and is_allowed(request.actor, "pathways.give_line", task),
        "line": _gestures(task, request),
        "snoozes": rules.SNOOZES,
        "colleagues": selectors.colleagues(request.actor, request.now),
    }
    return page(request, "pathways/task.jinja", context)


@require_GET
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The task itself: put off, hand over, settle, without a script."""
    return task_page(request, selectors.get_task(request.actor, pk))


@require_POST
def settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Done."""
    task = selectors.get_task(request.actor, pk)
    left = services.settle(actor=request.actor, task=task, now=request.now)
    return done(request, _said(task, request), to=reverse(HOME), undo=_undo("reopen", left))


def _said(task: Task, request: HttpRequest) -> str:
    """What was settled, as its line named it: a key may have been pressed on another than meant.
    A sentence that is kept for the next page names nobody."""
    if not request.htmx:
        return "C’est fait."
    whose = f" pour {task.person.full_name}" if task.person else ""
    return f"«\u00a0{rules.KINDS[task.kind].asks}\u00a0»\u00a0: c’est fait{whose}."


def _undo(verb: str, left: Task, *before: object) -> str:
    """Where a gesture is undone: it says which version it left, the only one that it undoes."""
    return reverse(f"pathways:{verb}", args=[left.pk, *before], query={"vu": left.version})


@require_POST
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Undo "done"."""
    task, seen = selectors.get_task(request.actor, pk), forms.seen(request)
    services.reopen(actor=request.actor, task=task, seen=seen, now=request.now)
    return done(request, "La tâche est de retour.", to=reverse(HOME))


@require_POST
def snooze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put off, until a moment among those offered."""
    task = selectors.get_task(request.actor, pk)
    until = forms.snoozed_until(request.POST, timezone.localtime(request.now))
    left = services.snooze(actor=request.actor, task=task, until=until, now=request.now)
    said = "La tâche reviendra à l’heure dite."
    return done(request, said, to=reverse(HOME), undo=_undo("wake", left))


@require_POST
def wake(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring back at once what was put off."""
    task, seen = selectors.get_task(request.actor, pk), forms.seen(request)
    services.snooze(actor=request.actor, task=task, until=None, seen=seen, now=request.now)
    return done(request, "La tâche est de retour.", to=reverse(HOME))


@require_POST
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give to a colleague, or leave to the team."""
    task = selectors.get_task(request.actor, pk)
    people = selectors.colleagues(request.actor, request.now)
    to = forms.colleague(request.POST, people)
    before = task.assignee_id or "equipe"
    left = services.hand_over(actor=request.actor, task=task, to=to, now=request.now)
    said = f"Confiée à {to.name}." if to else "Laissée à l’équipe."
    return done(request, said, to=reverse(HOME), undo=_undo("give_back", left, before))


@require_POST
def give_line(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a line that nobody of the structure may read to those of the circle who may."""
    task = selectors.get_task(request.actor, pk)
    services.give_line(actor=request.actor, task=task, now=request.now)
    said = "C’est confié à qui, dans son cercle, peut lire cette ligne."
    return done(request, said, to=reverse(HOME))


@require_POST
def give_back(request: HttpRequest, pk: UUID, before: str) -> HttpResponse:
    """Undo a hand-over: `before` is the account that had it, or "equipe"."""
    task, seen = selectors.get_task(request.actor, pk), forms.seen(request)
    to = forms.colleague({"to": before}, selectors.colleagues(request.actor, request.now))
    services.hand_over(actor=request.actor, task=task, to=to, seen=seen, now=request.now)
    return done(request, "La tâche est revenue où elle était.", to=reverse(HOME))


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What is entrusted to who is signed in, by name."""
    require(request.actor, "pathways.see_entrusted")
    found = entrusted.mine(request.actor, civil_day(request.now))
    trace.listed(request.actor, "pathways.entrusted", [one.pk for one in found.persons])
    by = request.actor.account_id
    rewrites = {"rewrites": lambda line: may_rewrite(line.category, line.author_id, by)}
    return page(request, "pathways/mine.jinja", {"mine": found} | rewrites)


@require_GET
def caseload(request: HttpRequest) -> HttpResponse:
    """Who follows whom in the structure, and what it weighs."""
    require(request.actor, "pathways.see_caseload")
    found = loads.caseload(request.actor, request.now)
    trace.listed(request.actor, "pathways.caseload", [pk for one in found for pk in one.people])
    return page(request, "pathways/caseload.jinja", {"loads": found} | WEIGHED)


@require_http_methods(["GET", "POST"])
def followed(request: HttpRequest, who: str) -> HttpResponse:
    """What one colleague has in hand; some of it, or all, goes to another."""
    require(request.actor, "pathways.see_caseload")
    load = loads.load_of(request.actor, loads.account_of(request.actor, who), request.now)
    sent = request.POST if request.method == "POST" else None
    colleagues = loads.leaders(request.actor, request.now)
    form = forms.HandingForm(sent, load=load, colleagues=colleagues)
    if form.is_valid() and (made := _reassigned(request, form)):
        return done(request, "C’est confié.", to=reverse("pathways:handed_over", args=[made.pk]))
    trace.listed(request.actor, "pathways.caseload", list(load.people))
    context = {"load": load, "form": form} | WEIGHED
    return page(request, "pathways/followed.jinja", context, status=422 if form.is_bound else 200)


def _reassigned(request: HttpRequest, form: forms.HandingForm) -> HandOver | None:
    """Give what was chosen; what stands against it is put on the form, which keeps its words."""
    try:
        return services.reassign(actor=request.actor, asked=form.said, now=request.now)
    except DomainError as refusal:
        form.add_error(None, refusal.message)
        return None


@require_GET
def dose(request: HttpRequest) -> HttpResponse:
    """What each person that the structure follows needs, against what she was given."""
    require(request.actor, "pathways.see_caseload")
    days = forms.days_of(request.GET)
    found = doses.given_by(request.actor, days, request.now)
    who = forms.colleague_looked_at(request.GET, [load.slug for load, _ in found.colleagues])
    rows = [one for one in found.rows if who in ("", one.load.slug)]
    trace.listed(request.actor, "pathways.dose", [one.followed.person.pk for one in rows[:MOST]])
    context = {"found": found, "rows": rows[:MOST], "left": len(rows[MOST:]), "who": who}
    return page(request, "pathways/dose.jinja", context | _period(days))


@require_GET
def dose_of_person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one person needs, against what she was given, and each contact."""
    person = get_person(request.actor, pk, Category.COORDINATION)
    days = forms.days_of(request.GET)
    trace.read(request.actor, person)
    context = {
        "person": person,
        "given": doses.given_to(request.actor, person, days, request.now),
        "may_take_back": taken_back_by(request.actor, person),
    }
    return page(request, "pathways/dose_of_person.jinja", context | _period(days))


def _period(days: int) -> dict[str, object]:
    return {"periods": rules_of_dose.PERIODS, "days": days}


@require_GET
def handed_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changed hands together: who, to whom, why, and what stayed."""
    made = loads.get_hand_over(request.actor, pk)
    trace.read(request.actor, made)
    left = loads.left_of(request.actor, made)
    return page(request, "pathways/handed_over.jinja", {"made": made, "left": left})

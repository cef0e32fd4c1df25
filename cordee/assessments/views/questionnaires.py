"""The instruments of the house: read, brought in by a file, published, retired."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordee.access.policy import is_allowed, require
from cordee.assessments import selectors, services
from cordee.assessments.models import Questionnaire
from cordee.assessments.rules import reading
from cordee.assessments.rules.about import CATEGORIES
from cordee.assessments.rules.read_as import READINGS
from cordee.assessments.views.moment import today
from cordee.kernel.errors import DomainError
from cordee.kernel.http import file_given, page

BRING = "assessments.import_questionnaire"


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every edition, those in use first."""
    context = {
        "questionnaires": selectors.questionnaires(request.actor),
        "may_bring": is_allowed(request.actor, BRING),
    }
    return page(request, "assessments/questionnaires.jinja", context)


@require_GET
def questionnaire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One edition, question by question, as it is or will be asked."""
    found = selectors.get_questionnaire(request.actor, pk)
    context = {
        "questionnaire": found,
        "sections": selectors.preview_of(found, today(request)),
        "may_keep": is_allowed(request.actor, "assessments.publish", found),
        "may_choose": is_allowed(request.actor, "assessments.read_as", found),
        "reading": READINGS.get(found.url),
        "others": [one for one in CATEGORIES if one != found.category],
        "before": selectors.edition_before(request.actor, found),
        "comparison": selectors.comparison_of(request.actor, found),
    }
    return page(request, "assessments/questionnaire.jinja", context)


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Read a file of FHIR, and keep it, or list all that is not supported in it."""
    require(request.actor, BRING)
    problems: tuple[reading.Problem, ...] = ()
    if given := file_given(request, "fichier"):
        try:
            content = reading.loads(given.read(reading.MAX_BYTES + 1))
            brought = services.import_questionnaire(
                actor=request.actor, content=content, now=request.now
            )
        except reading.Refused as refusal:
            problems = refusal.problems
        else:
            return redirect("assessments:questionnaire", brought.pk)
    status = 422 if request.method == "POST" else 200
    context = {"problems": problems, "nothing_given": status == 422 and not problems}
    return page(request, "assessments/bring.jinja", context, status=status)


@require_POST
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put an edition in use, for good: the text that the page showed; or the same text, read as
    another information."""
    found = selectors.get_questionnaire(request.actor, pk)
    if asked := request.POST.get("categorie"):
        return _read_as(request, found, asked)
    shown = request.POST.get("empreinte", "")
    services.publish_questionnaire(
        actor=request.actor, questionnaire=found, digest=shown, now=request.now
    )
    return redirect("assessments:questionnaire", pk)


def _read_as(request: HttpRequest, found: Questionnaire, asked: str) -> HttpResponse:
    category = next((one for one in CATEGORIES if one.value == asked), None)
    if category is None:
        raise DomainError(
            "assessments.unknown_category",
            "Choisissez une information de la liste. Rien n’a été modifié.",
        )
    why = request.POST.get("pourquoi", "")
    made = services.read_as(
        actor=request.actor, questionnaire=found, category=category, why=why, now=request.now
    )
    return redirect("assessments:questionnaire", made.pk)


@require_POST
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an edition out of use."""
    found = selectors.get_questionnaire(request.actor, pk)
    services.retire_questionnaire(actor=request.actor, questionnaire=found, now=request.now)
    return redirect("assessments:questionnaire", pk)


@require_POST
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Declare that an edition measures the same as the one before, or take it back."""
    found = selectors.get_questionnaire(request.actor, pk)
    if request.POST.get("geste") == "reprendre":
        services.part_editions(actor=request.actor, questionnaire=found, now=request.now)
    else:
        why = request.POST.get("pourquoi", "")
        services.compare_editions(
            actor=request.actor, questionnaire=found, why=why, now=request.now
        )
    return redirect("assessments:questionnaire", pk)

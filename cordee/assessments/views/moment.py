"""The day of a request, in France; and the day that answers are of."""

from datetime import date

from django.http import HttpRequest

from cordee.assessments.models import QuestionnaireResponse
from cordee.directory.rules import PARIS


def today(request: HttpRequest) -> date:
    """Give the day on which the page is asked."""
    day: date = request.now.astimezone(PARIS).date()
    return day


def day_of(request: HttpRequest, draft: QuestionnaireResponse) -> date:
    """Give the day that the answers of a draft are of: today, or that of what it corrects."""
    return draft.answered_at(request.now).astimezone(PARIS).date()

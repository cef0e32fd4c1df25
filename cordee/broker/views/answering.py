"""The three answers to a question, by link or from one's own account."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from cordee.broker import forms, services
from cordee.broker.models import Invitation, Solicitation
from cordee.kernel.http import told

Form = forms.forms.Form
YES, NO, LATER = "yes", "no", "later"
GESTURES: dict[str, Callable[..., Invitation]] = {
    YES: services.accept,
    NO: services.decline,
    LATER: services.later_offer,
}
FORMS: dict[str, type[Form]] = {NO: forms.RefusalForm, LATER: forms.LaterForm}


def said(word: str, typed: Mapping[str, Any]) -> tuple[Callable[..., Invitation], Form | None]:
    """Read an answer: its gesture, and the form of what it says more. Any other word is no."""
    word = word if word in GESTURES else NO
    return GESTURES[word], FORMS[word](typed) if word in FORMS else None


def replies(pk: UUID, wrong: Form | None = None) -> dict[str, Form]:
    """Give the forms of one question, each field with a name of its own on a page of many."""
    given = {word: form(auto_id=f"{pk}-%s") for word, form in FORMS.items()}
    if wrong is not None:
        wrong.auto_id = f"{pk}-%s"
        given |= {word: wrong for word, form in FORMS.items() if isinstance(wrong, form)}
    return given


CHANGED = (
    "La demande a changé depuis que cette page s’est affichée. Votre réponse n’est pas "
    "enregistrée\u00a0: relisez la demande et, si elle vous est encore proposée, répondez."
)


def has_read(request: HttpRequest, search: Solicitation) -> bool:
    """Whether the page that was answered showed the need as it is; else say that it changed."""
    is_read = request.POST.get("edition", search.edition) == search.edition
    if not is_read:
        told(request, CHANGED, "warn")
    return is_read

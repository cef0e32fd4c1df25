"""The gestures on a request: each small form says the version of the page it was made on."""

from typing import Any
from uuid import UUID

from django import forms

from cordee.intake import rules
from cordee.intake.forms.need import DatedForm, DayField, PhoneField, several, text
from cordee.intake.models import (
    Caller,
    CancelReason,
    DacCriterion,
    HandOnReason,
    RefusalReason,
    Telling,
)
from cordee.kernel.errors import DomainError
from cordee.kernel.typography import said_phone


class GestureForm(DatedForm):
    """A gesture on a request, with the version of the page it was made on."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


def _why(choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label="Motif", choices=choices)


def _words(label: str = "Précisions") -> forms.CharField:
    return forms.CharField(label=label, max_length=500, required=False)


class RefuseForm(GestureForm):
    reason = _why(RefusalReason.choices)
    words = _words("Précisions (pour le service)")


class CancelForm(GestureForm):
    reason = _why(
        [choice for choice in CancelReason.choices if choice[0] != CancelReason.PERSON_DIED]
    )
    words = _words()


class ConfirmForm(GestureForm):
    first_visit_on = DayField(label="Premier passage le")


BY_THE_DESK = [one for one in Telling.How.choices if one[0] != Telling.How.LINK]


class TellForm(GestureForm):
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)
    how = forms.ChoiceField(label="Comment", choices=BY_THE_DESK, initial="call")
    result = forms.ChoiceField(
        label="Résultat",
        choices=Telling.Result.choices,
        initial="reached",
        help_text="Un SMS ou un courriel se note « message laissé ».",
    )
    words = _words("Ce qui a été dit")


class ReleaseForm(GestureForm):
    reason = forms.CharField(label="Pourquoi la recherche peut reprendre", max_length=500)


class DelayForm(GestureForm):
    delay = forms.ChoiceField(
        label="Délai", choices=[(delay.value, delay.label) for delay in rules.Delay]
    )


class TakeForm(GestureForm):
    account_id = forms.UUIDField(label="Suivie par", required=False)


class CallerForm(GestureForm):
    caller_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    caller_name = text("Nom du demandeur", 150)
    caller_phone = PhoneField(label="Son numéro", required=False)
    caller_email = forms.EmailField(max_length=254, label="Son courriel", required=False)


def known_caller(caller: Caller | None) -> dict[str, Any]:
    """Return a requester as the form that corrects them shows it."""
    if caller is None:
        return {}
    return {
        "caller_name": caller.name,
        "caller_phone": said_phone(caller.phone),
        "caller_email": caller.email,
        "caller_seen": caller.version,
    }


TEAM = "equipe"


def holder_before(text: str) -> UUID | None:
    """Read who had a request before: an account, or the team. Raises DomainError."""
    try:
        return None if text == TEAM else UUID(text)
    except ValueError as unreadable:
        raise DomainError(
            "intake.not_a_colleague", "Cette personne n’est pas connue. Rien n’a changé."
        ) from unreadable


CHOOSE = {
    "required": "Choisissez dans la liste.",
    "invalid": "Choisissez dans la liste.",
    "invalid_choice": "Choisissez dans la liste.",
}


class KeepForm(GestureForm):
    account_id = forms.UUIDField(label="Qui la garde", error_messages=CHOOSE)
    how = forms.ChoiceField(
        label="Comment",
        choices=[(how.value, how.label) for how in rules.Keeping],
        error_messages=CHOOSE,
    )


class HandOnForm(GestureForm):
    reason = _why(HandOnReason.choices)
    organization = forms.UUIDField(label="À quel service")
    spoken_with = forms.CharField(label="À qui vous avez parlé", max_length=150)
    words = _words("Ce que vous lui avez dit")
    criteria = several("Critères pour le DAC", DacCriterion.choices)

"""What a human types, read into plain values, by noun. Forms never save."""

from cordee.intake.forms.call import CallForm
from cordee.intake.forms.editing import EditForm
from cordee.intake.forms.gestures import (
    TEAM,
    CallerForm,
    CancelForm,
    ConfirmForm,
    DelayForm,
    GestureForm,
    HandOnForm,
    KeepForm,
    RefuseForm,
    ReleaseForm,
    TakeForm,
    TellForm,
    holder_before,
    known_caller,
)
from cordee.intake.forms.need import SEARCH, RetriageForm
from cordee.intake.forms.public import AgainForm, CodeForm, KnockForm, OnlineForm

__all__ = [
    "SEARCH",
    "TEAM",
    "CallForm",
    "CallerForm",
    "CancelForm",
    "AgainForm",
    "CodeForm",
    "ConfirmForm",
    "DelayForm",
    "EditForm",
    "GestureForm",
    "HandOnForm",
    "KeepForm",
    "KnockForm",
    "OnlineForm",
    "RefuseForm",
    "ReleaseForm",
    "RetriageForm",
    "TakeForm",
    "TellForm",
    "holder_before",
    "known_caller",
]

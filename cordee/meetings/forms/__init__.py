"""What humans type of a meeting. Forms check; services decide."""

from cordee.meetings.forms.dilemmas import DilemmaForm
from cordee.meetings.forms.meetings import (
    CancelForm,
    GuestForm,
    LookForm,
    MeetingForm,
    TopicForm,
)
from cordee.meetings.forms.minutes import DecisionForm, MinutesForm, SettleForm

__all__ = [
    "CancelForm",
    "DecisionForm",
    "DilemmaForm",
    "GuestForm",
    "LookForm",
    "MeetingForm",
    "MinutesForm",
    "SettleForm",
    "TopicForm",
]

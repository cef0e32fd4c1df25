"""What humans type of a plan. Forms check; services decide."""

from cordee.plans.forms.lines import (
    ActionForm,
    AlertForm,
    GoalForm,
    LineForm,
    NeedForm,
    WordsForm,
)
from cordee.plans.forms.words import (
    ActivateForm,
    AnswerForm,
    CloseForm,
    DoneForm,
    EffectForm,
    ReviewForm,
    SettleForm,
    StopForm,
    WordForm,
)

__all__ = [
    "ActionForm",
    "ActivateForm",
    "AlertForm",
    "AnswerForm",
    "CloseForm",
    "DoneForm",
    "EffectForm",
    "GoalForm",
    "LineForm",
    "NeedForm",
    "ReviewForm",
    "SettleForm",
    "StopForm",
    "WordForm",
    "WordsForm",
]

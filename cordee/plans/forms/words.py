"""What was said of a plan, answered to it, felt of it."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from cordee.kernel.day_field import DayField, DayForm
from cordee.people.forms.choices import ToldForm
from cordee.people.rules.notices import How
from cordee.plans.forms.lines import LineForm, area
from cordee.plans.models import Goal
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.lines import Answer, Effect, Stage
from cordee.plans.rules.states import BY_HAND
from cordee.plans.services import ActionSaid, EffectSaid, ReviewSaid, Settled, Word

FELT = [("", "—"), *Effect.choices()]


class WordForm(ToldForm):
    """What was said of the version that is shown."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    shown = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)
    decision = forms.ChoiceField(
        label="Réponse",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la réponse qui a été donnée."},
    )
    words = area("Dans ses mots", 3, 1000, required=False)

    def __init__(self, *args: Any, decisions: Iterable[Decision], **options: Any) -> None:
        options.setdefault("auto_id", "id_%s")
        super().__init__(*args, **options)
        del self.fields["document"]
        choices = [(one.value, one.label) for one in decisions]
        cast(forms.ChoiceField, self.fields["decision"]).choices = choices

    @property
    def word(self) -> Word:
        """The word, as the service takes it."""
        typed = self.cleaned_data
        return Word(
            decision=Decision(typed["decision"]),
            number=typed["number"],
            shown=typed["shown"],
            speaker=self.voice,
            relative=None if self.own else self.voices[typed["speaker"]][1],
            how=How.ONLINE if self.own else How(typed["how"]),
            words=typed["words"],
        )


class ActivateForm(DayForm):
    """When the plan is looked at again."""

    review_on = DayField(label="Première révision le")


class AnswerForm(forms.Form):
    """What who is to act says, once the action was read back."""

    answer = forms.ChoiceField(
        label="Réponse",
        choices=Answer.choices(),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une réponse."},
    )
    words = area(
        "Dans ses mots",
        3,
        required=False,
        help_text="L’action redite par qui la fera, sa question, ou ce qui l’empêche.",
    )

    @property
    def said(self) -> ActionSaid:
        """The answer, as the service takes it."""
        return ActionSaid(Answer(self.cleaned_data["answer"]), self.cleaned_data["words"])


class DoneForm(DayForm):
    """When an action was done."""

    done_on = DayField(label="Faite le")


class StopForm(forms.Form):
    """Why an action stops."""

    why = forms.CharField(label="Pourquoi elle s’arrête", max_length=300)


class SettleForm(LineForm):
    """What became of an objective."""

    stage = forms.ChoiceField(label="Où il en est", choices=Stage.choices())
    outcome = forms.CharField(label="Ce qui s’est passé", max_length=600, required=False)

    @property
    def said(self) -> Settled:
        """What became of it, as the service takes it."""
        return Settled(Stage(self.cleaned_data["stage"]), self.cleaned_data["outcome"])


class CloseForm(forms.Form):
    """Why a plan ends."""

    reason = forms.ChoiceField(
        label="Le plan se termine parce que", choices=[(one.value, one.label) for one in BY_HAND]
    )


class EffectForm(forms.Form):
    """The effect of one objective, for each side."""

    person_effect = forms.ChoiceField(label="Pour la personne", choices=FELT, required=False)
    person_words = forms.CharField(label="Ses mots", max_length=300, required=False)
    team_effect = forms.ChoiceField(label="Pour le professionnel", choices=FELT, required=False)
    team_words = forms.CharField(label="Ses observations", max_length=300, required=False)

    def __init__(self, data: Any = None, *, goal: Goal) -> None:
        super().__init__(data, prefix=f"g{goal.pk.hex[-12:]}")
        self.goal = goal

    @property
    def said(self) -> EffectSaid:
        """Both judgements, as the service takes them."""
        return EffectSaid(goal=self.goal, **self.cleaned_data)


class ReviewForm(DayForm):
    """One review, with the effect of each objective."""

    held_on = DayField(label="Tenue le")
    next_on = DayField(label="Prochaine révision le")
    words = area("Ce qui en ressort", 3, 2000, required=False)

    def __init__(self, data: Any, *, goals: Iterable[Goal], **options: Any) -> None:
        super().__init__(data, **options)
        self.effects = [EffectForm(data, goal=goal) for goal in goals]

    def is_valid(self) -> bool:
        """Every objective is read, even when a date is wrong."""
        return all([super().is_valid(), *(one.is_valid() for one in self.effects)])

    @property
    def said(self) -> ReviewSaid:
        """The review, as the service takes it."""
        return ReviewSaid(**self.cleaned_data, effects=[one.said for one in self.effects])

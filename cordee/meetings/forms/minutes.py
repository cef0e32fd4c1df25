"""What was said in a meeting, and what was decided."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict

from cordee.kernel.day_field import DayField, DayForm
from cordee.meetings.models import Meeting, Seat, Topic
from cordee.meetings.models.lines import CATEGORY
from cordee.meetings.rules.states import Phase
from cordee.meetings.selectors import Choices, who
from cordee.meetings.services import DecisionSaid, Minutes, Said
from cordee.people.rules.sharing import Category


def area(label: str, rows: int, longest: int) -> forms.CharField:
    """A text of several lines, that may stay empty."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class MinutesForm(forms.Form):
    """Who was there, and what was said of each line. What was read there goes with it."""

    there = forms.MultipleChoiceField(
        label="Qui était là",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez qui était là."},
    )
    words = area("Ce qui en ressort", 3, 2000)
    words_read = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def __init__(
        self, data: Any, *, meeting: Meeting, seats: Iterable[Seat], topics: Iterable[Topic]
    ) -> None:
        seated = [(str(seat.pk), who(seat)) for seat in seats]
        was_there = [str(seat.pk) for seat in seats if seat.was_there is not False]
        first: dict[str, Any] = {"there": was_there}
        first |= {"words": meeting.words, "words_read": meeting.words}
        self.topics = {f"t{topic.pk.hex}": topic for topic in topics}
        for name, topic in self.topics.items():
            first |= {name: topic.said, f"{name}_read": topic.said}
        super().__init__(data, initial=first)
        cast(forms.MultipleChoiceField, self.fields["there"]).choices = seated
        for name, topic in self.topics.items():
            self.fields[name] = area(topic.words, 3, 4000)
            self.fields[f"{name}_read"] = forms.CharField(
                required=False, widget=forms.HiddenInput, strip=False
            )

    @property
    def lines(self) -> list[Any]:
        """The field of each line of the agenda, in order."""
        return [self[name] for name in self.topics]

    @property
    def said(self) -> Minutes:
        """What was said, as the service takes it."""
        return Minutes(
            there=frozenset(UUID(one) for one in self.cleaned_data["there"]),
            words=self._said("words"),
            topics={topic.pk: self._said(name) for name, topic in self.topics.items()},
        )

    def _said(self, name: str) -> Said:
        return Said(self.cleaned_data[name], self.cleaned_data[f"{name}_read"])

    def shows_again(self, where: str, stands: str, message: str) -> None:
        """After somebody else wrote: what is typed stays, what is read is what stands now."""
        name = next((name for name, one in self.topics.items() if str(one.pk) == where), "words")
        self.add_error(name, message)
        sent = cast(QueryDict, self.data).copy()
        sent[f"{name}_read"] = stands
        self.data = sent


class DecisionForm(DayForm):
    """What was decided: who does it, until when."""

    words = forms.CharField(
        label="Ce qui est décidé", max_length=600, widget=forms.Textarea(attrs={"rows": 3})
    )
    doer = forms.ChoiceField(label="Qui le fait")
    due_on = DayField(label="Pour le")
    topic = forms.ChoiceField(label="À propos de", required=False)
    category = forms.ChoiceField(
        label="Ce que cette décision dit de la personne",
        choices=CATEGORY,
        required=False,
        initial=Category.COORDINATION.value,
        help_text="Quand elle suit une ligne de l’ordre du jour, elle se lit comme cette ligne.",
    )

    def __init__(self, *args: Any, doers: Choices, topics: Iterable[Topic], **options: Any) -> None:
        super().__init__(*args, **options)
        self.doers, self.topics = doers, {str(one.pk): one for one in topics}
        choices = [("", "—"), *((key, label) for key, (label, _) in doers.items())]
        cast(forms.ChoiceField, self.fields["doer"]).choices = choices
        about = [("", "—"), *((key, one.words[:80]) for key, one in self.topics.items())]
        cast(forms.ChoiceField, self.fields["topic"]).choices = about

    @property
    def said(self) -> DecisionSaid:
        """The decision, as the service takes it."""
        typed = self.cleaned_data
        return DecisionSaid(
            words=typed["words"],
            doer=self.doers[typed["doer"]][1],
            due_on=typed["due_on"],
            topic=self.topics.get(typed["topic"]),
            category=Category(typed["category"] or Category.COORDINATION),
        )


class SettleForm(forms.Form):
    """What became of a decision."""

    phase = forms.ChoiceField(choices=[(one.value, one.label) for one in Phase if one != "open"])
    outcome = forms.CharField(max_length=300, required=False)

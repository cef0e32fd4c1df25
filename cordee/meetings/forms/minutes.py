"""What was said in a meeting, and what was decided."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

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


def hidden() -> forms.CharField:
    """What was read, that goes with what is typed."""
    return forms.CharField(required=False, widget=forms.HiddenInput, strip=False)


def name_of(topic: Topic) -> str:
    """Name the field of a line."""
    return f"t{topic.pk.hex}"


class MinutesForm(forms.Form):
    """Who was there, and what was said of each line. What was read there goes with it.

    `aside`: lines that are set aside; one is shown when words were typed under it meanwhile.
    """

    there = forms.MultipleChoiceField(
        label="Qui était là",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez qui était là."},
    )
    seats_read = hidden()
    there_read = hidden()
    words = area("Ce qui en ressort", 3, 2000)
    words_read = hidden()

    def __init__(
        self,
        data: QueryDict | None,
        *,
        meeting: Meeting,
        seats: Sequence[Seat],
        topics: Iterable[Topic],
        aside: Iterable[Topic] = (),
    ) -> None:
        self.seats, self.sent = seats, data
        self.topics = {name_of(topic): topic for topic in topics}
        if data is not None:
            self.topics |= {name_of(one): one for one in aside if _typed(data, name_of(one)).is_new}
        first = {"words": meeting.words, "words_read": meeting.words}
        for name, topic in self.topics.items():
            first |= {name: topic.said, f"{name}_read": topic.said}
        super().__init__(_with_who_was_added(data, seats), initial=first | _read(seats))
        choices = [(str(seat.pk), who(seat)) for seat in seats]
        cast(forms.MultipleChoiceField, self.fields["there"]).choices = choices
        for name, topic in self.topics.items():
            self.fields[name] = area(topic.words, 3, 4000)
            self.fields[f"{name}_read"] = hidden()

    @property
    def lines(self) -> list[Any]:
        """The field of each line of the agenda, in order."""
        return [self[name] for name in self.topics]

    @property
    def said(self) -> Minutes:
        """What was said, as the service takes it."""
        sent = cast(QueryDict, self.sent)
        shown, read = _listed(sent, "seats_read"), _listed(sent, "there_read")
        there = set(sent.getlist("there"))
        return Minutes(
            there=frozenset(one.pk for one in self.seats if str(one.pk) in there),
            words=self._said("words"),
            topics={topic.pk: self._said(name) for name, topic in self.topics.items()},
            seats={one.pk: str(one.pk) in read for one in self.seats if str(one.pk) in shown},
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


def _typed(data: QueryDict, name: str) -> Said:
    return Said(data.get(name, ""), data.get(f"{name}_read", ""))


def _listed(data: QueryDict, name: str) -> set[str]:
    return set(data.get(name, "").split())


def _read(seats: Iterable[Seat]) -> dict[str, Any]:
    """What a page shows of who was there: who was asked came, until somebody says otherwise."""
    there = [str(seat.pk) for seat in seats if seat.was_there is not False]
    shown = " ".join(str(seat.pk) for seat in seats)
    return {"there": there, "there_read": " ".join(there), "seats_read": shown}


def _with_who_was_added(data: QueryDict | None, seats: Iterable[Seat]) -> QueryDict | None:
    """Show those who were added since the page was read as they stand, if it comes back."""
    if data is None:
        return None
    shown, sent = _listed(data, "seats_read"), data.copy()
    added = _read([seat for seat in seats if str(seat.pk) not in shown])
    for key in added.pop("there"):
        if key not in sent.getlist("there"):
            sent.appendlist("there", key)
    for name, keys in added.items():
        sent[name] = f"{sent.get(name, '')} {keys}".strip()
    return sent


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

"""When and where, who comes, what is talked about."""

from datetime import datetime
from typing import Any, cast

from django import forms

from cordee.kernel.day_field import DayField, DayForm
from cordee.meetings.models import Meeting
from cordee.meetings.models.lines import CATEGORY
from cordee.meetings.rules.states import PARIS, local
from cordee.meetings.selectors import Choices
from cordee.meetings.services import TopicSaid, Where
from cordee.people.rules.sharing import Category

HOURS = ["%H:%M", "%Hh%M", "%Hh", "%H h %M", "%H h", "%H"]
LASTS = [("30", "30 minutes"), ("45", "45 minutes"), ("60", "1 heure"), ("90", "1 h 30")]
LASTS += [("120", "2 heures")]


class MeetingForm(DayForm):
    """When and where."""

    day = DayField(label="Jour")
    hour = forms.TimeField(
        label="Heure",
        input_formats=HOURS,
        widget=forms.TimeInput(
            attrs={"placeholder": "14:30", "autocomplete": "off"}, format="%H:%M"
        ),
        error_messages={"invalid": "Écrivez l’heure ainsi\u00a0: 14:30."},
    )
    minutes = forms.ChoiceField(label="Durée", choices=LASTS, initial="60")
    place = forms.CharField(label="Lieu", max_length=160, required=False)
    link = forms.URLField(
        label="Lien de visioconférence", max_length=300, required=False, assume_scheme="https"
    )

    def __init__(self, *args: Any, meeting: Meeting | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if meeting:
            starts = local(meeting.starts_at)
            self.initial.update(day=starts.date(), hour=starts.time())
            self.initial.update(minutes=str(meeting.minutes))
            self.initial.update(place=meeting.place, link=meeting.link)

    @property
    def where(self) -> Where:
        """When and where, as the service takes it."""
        typed = self.cleaned_data
        return Where(
            starts_at=datetime.combine(typed["day"], typed["hour"], tzinfo=PARIS),
            minutes=int(typed["minutes"]),
            place=typed["place"],
            link=typed["link"],
        )


class CancelForm(forms.Form):
    """Why a meeting does not take place."""

    why = forms.CharField(label="Pourquoi elle est annulée", max_length=300)


class LookForm(forms.Form):
    """A professional of the directory, by name."""

    texte = forms.CharField(label="Nom, ou numéro RPPS", max_length=80, required=False)


class GuestForm(forms.Form):
    """Who is asked to come."""

    who = forms.ChoiceField(
        label="Qui",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez qui inviter."},
    )
    accepted = forms.BooleanField(
        label="La personne a accepté que ce professionnel participe", required=False
    )

    def __init__(self, *args: Any, guests: Choices, outside: bool = False, **options: Any) -> None:
        options.setdefault("auto_id", "id_dehors_%s" if outside else "id_%s")
        super().__init__(*args, **options)
        self.guests = guests
        choices = [(key, label) for key, (label, _) in guests.items()]
        cast(forms.ChoiceField, self.fields["who"]).choices = choices
        if not outside:
            del self.fields["accepted"]

    def clean(self) -> dict[str, Any]:
        """Whoever comes from outside was accepted by the person."""
        cleaned = super().clean() or {}
        if "accepted" in self.fields and not cleaned.get("accepted"):
            self.add_error("accepted", "Sans son accord, rien ne se partage hors de son cercle.")
        return cleaned

    @property
    def guest(self) -> dict[str, Any]:
        """Who comes, as the service takes it."""
        return self.guests[self.cleaned_data["who"]][1]


class TopicForm(forms.Form):
    """A line of the agenda, and what it tells."""

    words = forms.CharField(
        label="De quoi parler", max_length=600, widget=forms.Textarea(attrs={"rows": 3})
    )
    category = forms.ChoiceField(
        label="Ce que cette ligne dit de la personne",
        choices=CATEGORY,
        initial=Category.COORDINATION.value,
    )

    @property
    def said(self) -> TopicSaid:
        """The line, as the service takes it."""
        return TopicSaid(self.cleaned_data["words"], Category(self.cleaned_data["category"]))

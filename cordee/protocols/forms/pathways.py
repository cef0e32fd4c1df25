"""What is typed of a pathway: an entry, an exit, and how a rupture ends."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms

from cordee.kernel.days import DayError, read_day
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules.outcomes import BY_HAND, ENDED_BY_HAND, Cause, Leaving, Standing
from cordee.protocols.services import Settling

PARIS = ZoneInfo("Europe/Paris")
OLDEST = timedelta(days=20 * 366)
SETTLED_AS = {
    Standing.REPAIRED: "Réparée\u00a0: ce qui était attendu a été fait autrement",
    Standing.WAIVED: "Levée\u00a0: ce n’était pas attendu pour cette personne",
    Standing.ACCEPTED: "Acceptée\u00a0: le parcours continue ainsi, en le sachant",
}


class EnterForm(forms.Form):
    """Which pathway, and since which day it counts."""

    version = forms.ChoiceField(
        label="Parcours",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un parcours."},
    )
    entered_on = forms.CharField(
        label="Entrée le",
        max_length=30,
        widget=forms.TextInput(attrs={"placeholder": "jj/mm/aaaa", "autocomplete": "off"}),
        help_text="Ce qui s’est passé depuis ce jour compte. Un jour passé rattrape ce qui a été "
        "fait avant que vous ne l’écriviez.",
    )

    def __init__(
        self, *args: Any, versions: Iterable[ProtocolVersion], now: datetime, **options: Any
    ) -> None:
        self.now = now
        options.setdefault("initial", {"entered_on": self.today.strftime("%d/%m/%Y")})
        super().__init__(*args, **options)
        self.versions = {str(one.pk): one for one in versions}
        choices = [(pk, one.title) for pk, one in self.versions.items()]
        cast(forms.ChoiceField, self.fields["version"]).choices = choices

    @property
    def today(self) -> date:
        """The day it is in France."""
        return self.now.astimezone(PARIS).date()

    def clean_entered_on(self) -> datetime:
        """Read the day: its first instant, or now for today. Raises ValidationError."""
        try:
            day = read_day(self.cleaned_data["entered_on"], self.today)
        except DayError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        if day > self.today:
            raise forms.ValidationError(
                "Ce jour est à venir\u00a0: choisissez aujourd’hui ou avant."
            )
        if day < self.today - OLDEST:
            raise forms.ValidationError(
                "Ce jour est trop ancien\u00a0: une entrée remonte à vingt ans au plus."
            )
        return datetime.combine(day, time(), tzinfo=PARIS)

    @property
    def chosen(self) -> ProtocolVersion:
        """The version chosen."""
        return self.versions[self.cleaned_data["version"]]


class RemarkForm(forms.Form):
    """What is to be mended in a text that is sent back."""

    remarque = forms.CharField(max_length=500)


class LeaveForm(forms.Form):
    """Why a person leaves."""

    reason = forms.ChoiceField(
        label="Pourquoi", choices=[(one.value, one.label) for one in BY_HAND]
    )

    @property
    def chosen(self) -> Leaving:
        """The reason chosen."""
        return Leaving(self.cleaned_data["reason"])


class SettleForm(forms.Form):
    """How a rupture ends, why it happened, and what was done or decided."""

    standing = forms.ChoiceField(
        label="Elle est",
        choices=[(one.value, SETTLED_AS[one]) for one in ENDED_BY_HAND],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez comment elle se termine."},
    )
    cause = forms.ChoiceField(
        label="Pourquoi c’est arrivé",
        choices=[("", "—"), *Cause.choices()],
        error_messages={"required": "Choisissez une cause, même approchée."},
    )
    words = forms.CharField(
        label="Ce qui a été fait, ou décidé",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Une phrase suffit\u00a0: l’équipe la relira."},
    )

    @property
    def said(self) -> Settling:
        """What was typed, as the service takes it."""
        return Settling(
            standing=Standing(self.cleaned_data["standing"]),
            cause=Cause(self.cleaned_data["cause"]),
            words=self.cleaned_data["words"],
        )

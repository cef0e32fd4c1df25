"""What administration types to set the hours of the moments of the day."""

from datetime import date, time
from typing import Any

from django import forms

from cordee.directory.forms.inputs import WITHIN_SIGHT, DayInput, HourInput
from cordee.directory.models.moments import MOMENTS
from cordee.directory.rules import MomentHours
from cordee.directory.services import MomentTraits

EDGES = ("from", "until")


def _hour(label: str) -> forms.TimeField:
    return forms.TimeField(label=label, widget=HourInput())


class MomentsForm(forms.Form):
    """Four moments, the day from which they hold, and who says so."""

    since = forms.DateField(
        label="À partir du",
        widget=DayInput(),
        validators=[WITHIN_SIGHT],
        help_text="Un jour à venir\u00a0: ce qui est en vigueur ne se réécrit pas.",
    )
    morning_from, morning_until = _hour("Matin, de"), _hour("Matin, à")
    noon_from, noon_until = _hour("Midi, de"), _hour("Midi, à")
    evening_from, evening_until = _hour("Soir, de"), _hour("Soir, à")
    night_from, night_until = _hour("Nuit, de"), _hour("Nuit, à (le lendemain)")
    source = forms.CharField(
        label="Qui le dit",
        min_length=10,
        max_length=200,
        help_text="En toutes lettres. Exemple\u00a0: «\u00a0Réunion des infirmières du "
        "territoire, 12 novembre 2026\u00a0».",
        error_messages={"min_length": "Dites-le en toutes lettres\u00a0: qui, et quand."},
    )
    verified = forms.BooleanField(label="Des infirmières du territoire l’ont relu", required=False)

    @classmethod
    def on(cls, setting: MomentHours, since: date, data: Any = None) -> "MomentsForm":
        """Open the form on the hours of a setting."""
        initial: dict[str, date | time] = {"since": since}
        for name in MOMENTS:
            stretches = setting.hours[name]
            initial |= {f"{name}_from": stretches[0][0], f"{name}_until": stretches[-1][1]}
        return cls(data, initial=initial)

    def traits(self) -> MomentTraits:
        """What was typed, as a setting."""
        typed = self.cleaned_data
        return MomentTraits(
            since=typed["since"],
            source=typed["source"],
            verified=typed["verified"],
            parts={name: (typed[f"{name}_from"], typed[f"{name}_until"]) for name in MOMENTS},
        )

"""What a professional declares: checked, never saved here."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cordee.directory.forms.inputs import DAYS, WITHIN_SIGHT, DayInput, HourInput, midnight
from cordee.directory.kinds import (
    care_of,
)
from cordee.directory.models import (
    Absence,
    Practice,
)
from cordee.directory.rules import PARIS, Hours
from cordee.directory.services import (
    Preferences,
)

# -- one's own practice --------------------------------------------------------------------------


class KindsForm(forms.Form):
    """The kinds of care of one's profession."""

    kinds = forms.MultipleChoiceField(
        label="Soins que vous proposez", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, practice: Practice, data: Any = None) -> None:
        super().__init__(data, initial={"kinds": practice.kinds})
        allowed = care_of(practice.practitioner.profession)
        field: Any = self.fields["kinds"]
        field.choices = [(kind.value, kind.label) for kind in allowed]


class WeekForm(forms.Form):
    """A usual week: two stretches a day, or as many as are held and one more."""

    def __init__(self, practice: Practice, data: Any = None) -> None:
        super().__init__(data)
        held: dict[int, list[Hours]] = {}
        for stretch in practice.hours.all():
            held.setdefault(stretch.weekday, []).append(stretch.stretch())
        self.parts = range(max(2, 1 + max(map(len, held.values()), default=0)))
        for weekday, name in enumerate(DAYS):
            stretches: list[Hours | None] = [*held.get(weekday, [])]
            stretches += [None] * (len(self.parts) - len(stretches))
            for part, stretch in enumerate(stretches):
                for end, word in (("starts", "de"), ("ends", "à")):
                    self.fields[f"{end}_{weekday}_{part}"] = forms.TimeField(
                        label=f"{name}, {word}",
                        widget=HourInput(),
                        required=False,
                        initial=getattr(stretch, end, None),
                    )

    def days(self) -> list[tuple[str, list[Any]]]:
        """Give the fields day by day, for the table."""
        return [
            (
                name,
                [self[f"{end}_{day}_{part}"] for part in self.parts for end in ("starts", "ends")],
            )
            for day, name in enumerate(DAYS)
        ]

    def clean(self) -> dict[str, Any]:
        """Each stretch has both ends, in order; midnight closes a day."""
        given = super().clean() or {}
        for weekday, name in enumerate(DAYS):
            for part in self.parts:
                starts, ends = (
                    given.get(f"starts_{weekday}_{part}"),
                    given.get(f"ends_{weekday}_{part}"),
                )
                if (starts is None) != (ends is None):
                    raise ValidationError(f"Le {name}, donnez le début et la fin.")
                if starts is not None and ends <= starts and ends != time(0):
                    raise ValidationError(f"Le {name}, la fin est avant le début.")
        return given

    def week(self) -> list[Hours]:
        """Give the stretches that were filled in."""
        given = self.cleaned_data
        return [
            Hours(weekday, given[f"starts_{weekday}_{part}"], given[f"ends_{weekday}_{part}"])
            for weekday in range(7)
            for part in self.parts
            if given.get(f"starts_{weekday}_{part}") is not None
        ]


class AbsenceForm(forms.Form):
    """A pause or a holiday, in whole days; a pause may have no end."""

    kind = forms.ChoiceField(label="Nature", choices=Absence.Kind.choices)
    first = forms.DateField(label="Premier jour", widget=DayInput())
    last = forms.DateField(
        label="Dernier jour",
        widget=DayInput(),
        required=False,
        validators=[WITHIN_SIGHT],
        help_text="Sans dernier jour, la pause dure jusqu’à ce que vous repreniez.",
    )

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            raise ValidationError("Le dernier jour est avant le premier : vérifiez les deux dates.")
        return given

    def span(self, now: datetime) -> tuple[datetime, datetime | None]:
        """Give the moments; today begins now."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        begins = now if first == now.astimezone(PARIS).date() else midnight(first)
        return begins, midnight(last + timedelta(days=1)) if last else None


class PreferencesForm(forms.Form):
    """How much, and when."""

    weekly_cap = forms.IntegerField(
        label="Nouvelles personnes par semaine, au plus",
        min_value=1,
        max_value=99,
        required=False,
        help_text="Vide : pas de limite.",
    )
    urgent_at_night = forms.BooleanField(
        label="J’accepte un message urgent pendant les heures calmes", required=False
    )
    ranking_objection = forms.BooleanField(
        label="Je m’oppose au classement",
        required=False,
        help_text="Vous serez sollicitée ou sollicité comme un nouvel inscrit, sans historique.",
    )

    def preferences(self) -> Preferences:
        """Say it in the words of the service."""
        return Preferences(**self.cleaned_data)


class MobileForm(forms.Form):
    """The phone that will receive requests."""

    mobile = forms.CharField(
        label="Mobile qui recevra les demandes",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )


class TieForm(forms.Form):
    """Which independently known number was called to confirm the tie."""

    phone_called = forms.CharField(label="Numéro appelé", max_length=40)
    number_found = forms.CharField(label="Trouvé où", max_length=160)

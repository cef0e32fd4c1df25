"""Days, hours and places, as people type them."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator

from cordee.directory import selectors
from cordee.directory.kinds import Weekday
from cordee.directory.models import Commune
from cordee.directory.rules import PARIS

DAYS = tuple(Weekday.labels)


class DayInput(forms.DateInput):
    """A day, with the browser's calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class HourInput(forms.TimeInput):
    """A time of day, with the browser's clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class MomentInput(forms.DateTimeInput):
    """A day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


WITHIN_SIGHT = MaxValueValidator(
    date(2199, 12, 31), "Cette date est trop lointaine : vérifiez l’année."
)


def midnight(day: date) -> datetime:
    """Give the first moment of a day in mainland France."""
    return datetime.combine(day, time(0), PARIS)


class PlaceForm(forms.Form):
    """A commune, by its name or postal code; its intercommunality comes with it."""

    place = forms.CharField(label="Ajouter les communes de", max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found_places: list[Commune] = []

    def clean_place(self) -> Commune:
        """Give the commune that was meant; several are kept in `.found_places`, to choose from."""
        self.found_places = selectors.communes_matching(self.cleaned_data["place"], 8)
        named = selectors.the_one_named(self.found_places)
        if named is None:
            raise ValidationError(
                "Plusieurs communes commencent ainsi : choisissez la bonne."
                if self.found_places
                else "Aucune commune ne commence ainsi : vérifiez le nom."
            )
        return named

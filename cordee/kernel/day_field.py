"""A day, as it is typed in a hurry."""

from datetime import date
from typing import Any

from django import forms

from cordee.kernel.days import DayError, read_day

INPUT = forms.TextInput(attrs={"placeholder": "jj/mm/aaaa", "autocomplete": "off"})


class DayField(forms.CharField):
    """« 3/2/2027 », « demain », « lundi », « +3 »; the form tells it what day it is."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 30)
        super().__init__(widget=INPUT, **options)
        self.today: date | None = None

    def prepare_value(self, value: Any) -> Any:
        """Show a known day as people write it."""
        return value.strftime("%d/%m/%Y") if isinstance(value, date) else value

    def clean(self, value: Any) -> Any:
        """Read the day. Raises ValidationError with a sentence."""
        text = super().clean(value)
        if not text:
            return None
        if self.today is None:
            raise RuntimeError("a DayField must be told what day it is")
        try:
            return read_day(text, self.today)
        except DayError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class DayForm(forms.Form):
    """A form with days in it."""

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.today = today

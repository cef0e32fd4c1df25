"""The days over which a protocol is tried on what really happened."""

from datetime import date, timedelta
from typing import Any

from django import forms

LONGEST = timedelta(days=366)
USUAL = timedelta(days=90)


class PeriodForm(forms.Form):
    """From one day to another, a year at most."""

    depuis = forms.DateField(label="Depuis le", widget=forms.DateInput(attrs={"type": "date"}))
    jusqu = forms.DateField(label="Jusqu’au", widget=forms.DateInput(attrs={"type": "date"}))
    tous = forms.BooleanField(
        label="Faire entrer tout le monde au premier jour",
        help_text="Pour essayer un texte dont l’entrée est proposée par un fait encore absent.",
        required=False,
    )

    def __init__(self, data: Any, *, today: date) -> None:
        self.today = today
        usual = {"depuis": (today - USUAL).isoformat(), "jusqu": today.isoformat()}
        super().__init__(
            {**{name: data.get(name) or usual[name] for name in usual}, "tous": data.get("tous")}
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or lasts more than a year."""
        said: dict[str, Any] = super().clean() or {}
        since, until = said.get("depuis"), said.get("jusqu")
        if until and until > self.today:
            said["jusqu"] = until = self.today
        if since and until and not (since <= until and until - since <= LONGEST):
            self.add_error("jusqu", "Choisissez un jour qui suit le premier, d’un an au plus.")
        return said

"""What is typed about visits at home. Forms check; services decide."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from cordee.kernel.identifiers import uuid7
from cordee.vigilance.rules.marks import LEVELS, MARKS, NEEDS, SIGNS, Kind
from cordee.vigilance.rules.sent import WORDS, Sent, Unfit, read

LEVEL_CHOICES = [(str(level), word) for level, word in LEVELS.items()]
HEAVIEST = 5_000_000
"""Bytes of a planning: three months of a large service."""


class MarkForm(forms.Form):
    """A visit, marked without scripts."""

    visit, health, morale, fitness = (
        forms.ChoiceField(
            label=label, choices=LEVEL_CHOICES, widget=forms.RadioSelect, required=False
        )
        for label in MARKS.values()
    )
    signs = forms.MultipleChoiceField(
        label="Signes",
        choices=list(SIGNS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    words = forms.CharField(
        label="En quelques mots",
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    urgent = forms.BooleanField(label="C’est urgent", required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def said(self, person_id: UUID, now: datetime) -> Sent | Unfit:
        """The visit, as a phone would send it."""
        typed = self.cleaned_data
        marks = {name: int(typed[name]) for name in MARKS if typed[name]}
        return read(
            {
                "id": str(typed["key"] or uuid7()),
                "person": str(person_id),
                "at": now.isoformat(),
                "marks": marks,
                "signs": typed["signs"],
                "words": typed["words"],
                "urgent": typed["urgent"],
            }
        )


class NeedForm(forms.Form):
    """A need, raised in one more tap: each button is one."""

    sign = forms.ChoiceField(choices=list(SIGNS.items()))
    key = forms.UUIDField(required=False)

    def said(self, person_id: UUID, now: datetime) -> Sent | Unfit:
        """The need, as a phone would send it."""
        typed = self.cleaned_data
        key = str(typed["key"] or uuid7())
        about: dict[str, Any] = {"id": key, "person": str(person_id), "at": now.isoformat()}
        return read(about | {"kind": Kind.NEED.value, "signs": [typed["sign"]]})


OFFERED = [(code, SIGNS[code]) for code in (*NEEDS, *(one for one in SIGNS if one not in NEEDS))]
"""Needs in the order in which they are offered."""


class AnswerForm(forms.Form):
    """What was done, told to the helper."""

    words = forms.CharField(
        label="Ce qui a été fait",
        max_length=300,
        error_messages={"required": "Dites en quelques mots ce qui a été fait."},
    )


class PlanningForm(forms.Form):
    """A planning, in CSV or ICS."""

    file = forms.FileField(
        label="Fichier du planning",
        widget=forms.FileInput(attrs={"accept": ".csv,.ics,text/csv,text/calendar"}),
        error_messages={"required": "Choisissez le fichier du planning."},
    )

    def clean_file(self) -> Any:
        """Refuse what is too heavy, or neither of the two."""
        given = self.cleaned_data["file"]
        if given.size > HEAVIEST:
            raise forms.ValidationError("Ce fichier est trop lourd\u00a0: exportez moins de jours.")
        if not given.name.lower().endswith((".csv", ".ics")):
            raise forms.ValidationError("Donnez un fichier CSV (tableau) ou ICS (agenda).")
        return given

"""What people type to the broker. Forms check; services decide."""

from dataclasses import replace
from typing import Any, cast

from django import forms

from cordee.broker import rules
from cordee.broker.models import REFUSALS, Call

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
STOP_REASONS = [
    ("found_elsewhere", "une autre solution est trouvée"),
    ("request_cancelled", "la demande est annulée"),
    ("admitted", "la personne est hospitalisée"),
    ("died", "la personne est décédée"),
    ("moved", "la personne a déménagé"),
    ("declined", "la personne ne veut plus de ces soins"),
    ("mistake", "lancée par erreur"),
]


class StopForm(forms.Form):
    """Why a search is stopped, and where it stood on the page."""

    reason = forms.ChoiceField(label="Motif de l’arrêt", choices=STOP_REASONS)
    seen = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


class CallForm(forms.Form):
    """What a call gave."""

    practitioner = forms.ChoiceField(label="Professionnel appelé")
    outcome = forms.ChoiceField(label="Issue de l’appel", choices=Call.Outcome.choices)
    refusal = forms.ChoiceField(
        label="Raison du refus", choices=[("", "—"), *REFUSALS], required=False
    )
    offers_from = forms.DateTimeField(
        label="Peut commencer à partir de", required=False, widget=MOMENT
    )

    def __init__(self, *args, practitioners=(), **kwargs) -> None:  # noqa: ANN002, ANN003
        super().__init__(*args, **kwargs)
        self.practitioners = {str(one.pk): one for one in practitioners}
        cast(forms.ChoiceField, self.fields["practitioner"]).choices = [
            (pk, str(one)) for pk, one in self.practitioners.items()
        ]

    def call(self) -> dict:
        """What was typed, as the service wants it: only a refusal has a reason."""
        typed = self.cleaned_data
        outcome = typed["outcome"]
        return {
            "practitioner": self.practitioners[typed["practitioner"]],
            "outcome": outcome,
            "refusal": typed["refusal"] if outcome == Call.Outcome.NO else "",
            "offers_from": typed["offers_from"] if outcome == Call.Outcome.LATER else None,
        }


class CodeForm(forms.Form):
    """The code received by text."""

    code = forms.CharField(
        label="Code reçu par SMS",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class RefusalForm(forms.Form):
    """Why not: a code, never a free word."""

    refusal = forms.ChoiceField(label="Raison", choices=[("", "sans raison"), *REFUSALS],
                                required=False)  # fmt: skip


class LaterForm(forms.Form):
    """From when one could come."""

    offers_from = forms.DateTimeField(label="Je peux à partir de", widget=MOMENT)


class FirstVisitForm(forms.Form):
    """When the first visit is."""

    first_visit_at = forms.DateTimeField(label="Première visite", widget=MOMENT)


class ToleranceForm(forms.Form):
    """How far from their share solicitations may be."""

    x = forms.TypedChoiceField(
        label="Tolérance",
        choices=[(value, f"±\u00a0{value}\u00a0%") for value in (10, 20, 30, 50)],
        coerce=int,
        required=False,
        empty_value=20,  # type: ignore[arg-type]  # the stub forgets that coerce may give an int
    )


class SettingsForm(forms.Form):
    """The settings of one urgency, each with its explanation."""

    def __init__(self, *args, **kwargs) -> None:  # noqa: ANN002, ANN003
        super().__init__(*args, **kwargs)
        for name, words in rules.EXPLAINED.items():
            self.fields[name] = _field(name, words)

    def clean(self) -> dict[str, Any]:
        """Refuse what the rules refuse, field by field."""
        cleaned = super().clean() or {}
        if not self.errors:
            self.settings = rules.SearchSettings(**cleaned)
            for name, sentence in rules.problems(self.settings).items():
                self.add_error(name, sentence)
        return cleaned


class ReplayForm(forms.Form):
    """The settings to try on the past: those that change who is asked, and when."""

    TRIED = ("head_start", "wave_length", "wanted_chance", "wanted_delay")

    def __init__(self, *args, settings: rules.SearchSettings, **kwargs) -> None:  # noqa: ANN002, ANN003
        super().__init__(*args, **kwargs)
        self.settings = settings
        for name in self.TRIED:
            self.fields[name] = _field(name, rules.EXPLAINED[name])
            self.fields[name].initial = getattr(settings, name)
            self.fields[name].help_text = ""

    def clean(self) -> dict[str, Any]:
        """Refuse what the rules refuse, field by field."""
        cleaned = super().clean() or {}
        if not self.errors:
            self.settings = replace(self.settings, **cleaned)
            for name, sentence in rules.problems(self.settings).items():
                self.add_error(name if name in self.fields else None, sentence)
        return cleaned


class ShareField(forms.FloatField):
    """A share, typed and read again in hundredths, as screens say it: 90 is 0.9, 92,5 is 0.925."""

    def prepare_value(self, value: Any) -> Any:
        """Say a share that is kept in hundredths; what was typed stays as it was typed."""
        return _hundredths(value) if isinstance(value, float) else value

    def clean(self, value: Any) -> float | None:  # a share, once typed
        """Read it. Raises ValidationError."""
        typed = super().clean(value)
        return None if typed is None else round(typed / 100, 3)


def _hundredths(share: float | None) -> float | None:
    said = None if share is None else round(share * 100, 1)
    return int(said) if said is not None and said.is_integer() else said


def _field(name: str, words: rules.Explained) -> forms.Field:
    label = words.label[0].upper() + words.label[1:]
    if words.unit:
        label = f"{label} ({words.unit})"
    common: dict[str, Any] = {"label": label, "help_text": words.help}
    if name == "ignores_quiet":
        return forms.BooleanField(required=False, **common)
    if name.startswith("quiet_"):
        return forms.TimeField(
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **common
        )
    if name == "wanted_chance":
        return ShareField(
            min_value=_hundredths(words.least),
            max_value=_hundredths(words.most),
            localize=True,
            **common,
        )
    return forms.IntegerField(min_value=_whole(words.least), max_value=_whole(words.most), **common)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)

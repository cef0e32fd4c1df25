"""What every form of the room asks: a day, a number, the need, the grid. Forms never save."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from cordee.directory.kinds import CareKind, professions_giving
from cordee.directory.phones import parse_phone
from cordee.directory.selectors import communes_matching
from cordee.intake import rules
from cordee.intake.call import NeedSaid
from cordee.intake.models import (
    Frequency,
    Prescription,
    Risk,
    VisitTime,
)
from cordee.intake.selectors import the_one_meant
from cordee.kernel.days import DayError, read_day

NOT_SAID = ("", "—")
SEARCH = "search"  # the gesture of a form that searches at once
DELAYS = [("", "selon le tri"), *((delay.value, delay.label) for delay in rules.Delay)]
KINDS = [NOT_SAID, *CareKind.choices]


class DayField(forms.CharField):
    """A day typed in a hurry; `past` reads two-figure years backwards, for births."""

    def __init__(self, *, past: bool = False, **options: Any) -> None:
        options.setdefault("max_length", 30)
        super().__init__(**options)
        self.past = past
        self.today: date | None = None

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        if self.today is None:
            raise RuntimeError("a DayField must be told what day it is")
        try:
            return read_day(text, self.today, past=self.past)
        except DayError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class PhoneField(forms.CharField):
    """A number as people type it, kept the international way."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel"}))
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        number = parse_phone(text) if text else ""
        if text and not number:
            raise forms.ValidationError(
                "Ce numéro ne peut pas exister. Relisez-le avec la personne, ou laissez vide."
            )
        return number


class DatedForm(forms.Form):
    """A form that knows what day it is."""

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.today = today


def text(label: str, longest: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False, **options)


def several(label: str, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class NeedForm(DatedForm):
    """What, where, when: the part that the desk and the public form share."""

    kind = forms.ChoiceField(label="Soin", choices=KINDS, required=False)
    other_kinds = several("Autres soins", CareKind.choices)
    need = text("En quelques mots", 2000, widget=forms.Textarea(attrs={"rows": 2}))
    commune = forms.CharField(label="Commune", max_length=80, required=False)
    commune_code = forms.CharField(max_length=5, required=False, widget=forms.HiddenInput)
    address = text("Adresse du soin", 300)
    access_notes = text("Accès au domicile", 500)
    begins_on = DayField(label="À partir de", required=False)
    ends_on = DayField(label="Jusqu’au", required=False)
    frequency = forms.ChoiceField(
        label="Rythme", choices=[NOT_SAID, *Frequency.choices], required=False
    )
    visit_times = several("Moments", VisitTime.choices)
    visit_minutes = forms.IntegerField(
        label="Durée (min)", min_value=5, max_value=480, required=False
    )
    prescription = forms.ChoiceField(
        label="Prescription", choices=[NOT_SAID, *Prescription.choices], required=False
    )
    prescriber = text("Prescripteur", 150)
    risks = several("Risques pour qui vient", Risk.choices)
    risk_notes = text("Précisions", 500)

    def clean_begins_on(self) -> date | None:
        day: date | None = self.cleaned_data["begins_on"]
        if day is not None and not -31 <= (day - self.today).days <= 400:
            raise forms.ValidationError("Ce début est trop loin d’aujourd’hui. Vérifiez l’année.")
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self._place(said)
        self._profession(said)
        begins, ends = said.get("begins_on"), said.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", "La fin vient avant le début.")
        return said

    def _profession(self, said: dict[str, Any]) -> None:
        """Refuse what no profession gives whole: nobody could ever say yes."""
        kinds = {said.get("kind"), *said.get("other_kinds", ())} - {None, ""}
        if len(kinds) > 1 and not professions_giving(kinds):
            self.add_error(
                "other_kinds",
                "Ces soins relèvent de plusieurs professions : une même personne ne peut pas "
                "tous les donner. Faites une demande par profession.",
            )

    def _place(self, said: dict[str, Any]) -> None:
        """Find the commune that was typed; a doubt is said with what one may have meant."""
        text = said.get("commune")
        if not text:
            said["commune_code"] = ""
            return
        found = communes_matching(text, limit=6)
        picked = [one for one in found if one.pk == said.get("commune_code")]
        meant = picked[0] if picked else the_one_meant(text, found)
        if meant is not None:
            said["commune_code"] = meant.pk
            return
        names = ", ".join(f"{one.name} ({one.departement})" for one in found[:4])
        self.add_error(
            "commune",
            f"Plusieurs communes possibles : {names}. Choisissez, ou ajoutez le code postal."
            if found
            else "Cette commune n’existe pas. Vérifiez l’orthographe ou le code postal.",
        )

    def need_said(self) -> NeedSaid:
        """Return the need as plain values."""
        said = self.cleaned_data
        names = [
            "kind",
            "need",
            "commune_code",
            "address",
            "access_notes",
            "begins_on",
            "ends_on",
            "frequency",
            "visit_minutes",
            "prescription",
            "prescriber",
            "risk_notes",
        ]
        return NeedSaid(
            **{name: said[name] for name in names},
            other_kinds=tuple(said["other_kinds"]),
            visit_times=tuple(said["visit_times"]),
            risks=tuple(said["risks"]),
        )


class ChoiceForm(forms.Form):
    """The person’s free choice (CSP, art. L.1110-8); several names are told apart by commas."""

    usual_nurse = forms.UUIDField(required=False, widget=forms.HiddenInput)
    usual_shown = forms.UUIDField(required=False, widget=forms.HiddenInput)
    prefer = text("Préfère", 240)
    exclude = text("Ne souhaite pas", 240)
    chooses_nobody = forms.BooleanField(label="Ne souhaite pas choisir", required=False)


class GridForm(DatedForm):
    """The grid, asked aloud: a sign unticked counts only once « aucun » was said."""

    no_sign = forms.BooleanField(label="Aucun de ces signes", required=False)

    def __init__(self, *args: Any, grid: rules.Grid | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.grid = grid
        for code, question in grid.questions if grid else ():
            self.fields[f"q_{code}"] = forms.BooleanField(label=question, required=False)

    @property
    def signs(self) -> list[Any]:
        """List the questions that are not ours to handle, in order."""
        return [self[f"q_{sign.code}"] for sign in self.grid.signs] if self.grid else []

    @property
    def delays(self) -> list[Any]:
        """List the questions that set the delay, in order."""
        return [self[f"q_{one.code}"] for one in self.grid.delays] if self.grid else []

    def signs_asked(self, said: Mapping[str, Any]) -> bool:
        """Say whether a sign was ticked, or « aucun »."""
        signs = [sign.code for sign in self.grid.signs] if self.grid else []
        return bool(said.get("no_sign")) or any(said.get(f"q_{code}") for code in signs)

    def answers(self) -> dict[str, bool]:
        """Return the triage answers, those that were really given."""
        if self.grid is None:
            return {}
        said = self.cleaned_data
        ticked = {code: bool(said.get(f"q_{code}")) for code in self.grid.codes}
        signs = {sign.code for sign in self.grid.signs}
        return (
            ticked
            if self.signs_asked(said)
            else {c: v for c, v in ticked.items() if c not in signs and v}
        )


class RetriageForm(GridForm):
    """The grid answered again, after the call: the signs are asked again too."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.signs_asked(said):
            self.add_error("no_sign", "Posez d’abord les signes\u00a0: cochez, ou dites aucun.")
        return said

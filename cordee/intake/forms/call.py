"""The call desk, on one page."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from cordee.intake.call import Call, CallerSaid, PersonSaid
from cordee.intake.forms.need import (
    DELAYS,
    NOT_SAID,
    SEARCH,
    ChoiceForm,
    DayField,
    GridForm,
    NeedForm,
    PhoneField,
    text,
)
from cordee.intake.models import (
    CallerKind,
    Weight,
)
from cordee.intake.selectors import NOBODY
from cordee.people.forms import AgreementForm

SIGNS_FIRST = (
    "Rien n’est cherché avant d’avoir posé les signes\u00a0: cochez, ou dites aucun. "
    "Vous pouvez aussi enregistrer sans chercher."
)


class WhoField(forms.UUIDField):
    """One of the persons shown, or NOBODY when it is none of them: said, never supposed."""

    def to_python(self, value: Any) -> Any:
        return NOBODY if value == NOBODY else super().to_python(value)


class CallForm(NeedForm, ChoiceForm, GridForm, AgreementForm):
    """The whole call desk, on one page."""

    caller_phone = PhoneField(label="Numéro", required=False)
    caller_kind = forms.ChoiceField(
        label="Qualité", choices=CallerKind.choices, initial="other", required=False
    )
    caller_name = text("Nom de l’appelant", 150)
    caller_structure = text("Structure", 150)
    caller_email = forms.EmailField(max_length=254, label="Courriel", required=False)
    caller_seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    person_id = WhoField(label="Pour qui", required=False)
    birth_name = text("Nom", 120)
    first_names = text("Prénom", 160)
    birth_date = DayField(label="Né·e le", past=True, required=False)
    sex = forms.ChoiceField(
        label="Sexe", choices=[NOT_SAID, ("F", "femme"), ("M", "homme")], required=False
    )
    person_phone = PhoneField(label="Son téléphone", required=False)
    anonymous = forms.BooleanField(label="Conseil sans nom", required=False)

    weight = forms.ChoiceField(label="Demande", choices=Weight.choices, initial="full")
    answer_words = text("Réponse donnée", 2000, widget=forms.Textarea(attrs={"rows": 2}))
    delay = forms.ChoiceField(label="Délai", choices=DELAYS, required=False)
    tell_caller = forms.BooleanField(label="Envoyer un accusé de réception", required=False)

    def clean_birth_date(self) -> date | None:
        day: date | None = self.cleaned_data["birth_date"]
        if day is not None and day > self.today:
            raise forms.ValidationError(
                "Cette date de naissance est dans l’avenir. Vérifiez l’année."
            )
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        full = said.get("weight") == Weight.FULL
        if full and not said.get("kind"):
            self.add_error("kind", "Choisissez le soin demandé.")
        if said.get("person_id") == NOBODY:
            said["person_id"] = None
        someone = said.get("person_id") or said.get("birth_name")
        if full and not someone:
            self.add_error("birth_name", "Dites pour qui : choisissez à droite, ou écrivez le nom.")
        if full and self.data.get("geste") == SEARCH and self.grid and not self.signs_asked(said):
            self.add_error("no_sign", SIGNS_FIRST)
        return said

    def call(self, wishes: Mapping[UUID, str], *, search_now: bool) -> Call:
        """Return the call as plain values."""
        said = self.cleaned_data
        return Call(
            caller=CallerSaid(
                kind=said["caller_kind"] or "other",
                name=said["caller_name"].strip(),
                structure=said["caller_structure"].strip(),
                phone=said["caller_phone"],
                email=said["caller_email"],
            ),
            person=self._person(said),
            need=self.need_said(),
            weight=said["weight"],
            answers=self.answers(),
            delay=said["delay"],
            wishes=wishes,
            chooses_nobody=said["chooses_nobody"],
            answer_words=said["answer_words"],
            tell_caller=said["tell_caller"],
            search_now=search_now,
            agreed=self.agreement,
            caller_seen=said["caller_seen"] or None,
        )

    def _person(self, said: Mapping[str, Any]) -> PersonSaid:
        if said["anonymous"] and said["weight"] != Weight.FULL:
            return PersonSaid()
        if said["person_id"]:
            return PersonSaid(person_id=said["person_id"])
        return PersonSaid(
            birth_name=said["birth_name"].strip(),
            first_names=said["first_names"].strip(),
            birth_date=said["birth_date"],
            sex=said["sex"],
            phone=said["person_phone"],
        )

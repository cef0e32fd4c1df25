"""The need, edited on its request."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from cordee.directory.kinds import Profession, professions_giving
from cordee.intake.call import Choice
from cordee.intake.forms.need import SEARCH, ChoiceForm, NeedForm
from cordee.intake.models import CareRequest
from cordee.intake.selectors import Chosen
from cordee.intake.services import Edited

PROFESSIONS = [("", "celle de ce soin"), *((one.value, one.label) for one in Profession)]


class EditForm(NeedForm, ChoiceForm):
    """What is known of the need and of whom the person chooses, to correct."""

    chosen_seen = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    profession = forms.ChoiceField(label="Profession", choices=PROFESSIONS, required=False)

    def __init__(self, *args: Any, care: CareRequest, chosen: Chosen, **options: Any) -> None:
        super().__init__(*args, initial=known(care) | chosen.shown, **options)
        self.care, self.chosen = care, chosen
        self.fields["kind"].required = bool(care.kind)

    def clean_begins_on(self) -> date | None:
        """A day already written stays, however long ago it was."""
        same = self.cleaned_data["begins_on"] == self.care.begins_on
        return self.care.begins_on if same else super().clean_begins_on()

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        profession = said.get("profession")
        kinds = {said.get("kind"), *said.get("other_kinds", ())} - {None, ""}
        able = professions_giving(kinds)
        if profession and kinds and profession not in able and "other_kinds" not in self.errors:
            can = [Profession(one).label for one in able]
            self.add_error(
                "profession",
                f"Cette profession ne donne pas ce soin. Peuvent le donner\u00a0: {', '.join(can)}."
                if can
                else "Ce soin n’est pas donné par une profession de l’annuaire.",
            )
        return said

    def clean_usual_nurse(self) -> UUID | None:
        """Only the nurse who was shown is the usual one."""
        return self._if_usual("usual_nurse")

    def clean_usual_shown(self) -> UUID | None:
        """The same, of who was shown with or without her tick."""
        return self._if_usual("usual_shown")

    def _if_usual(self, name: str) -> UUID | None:
        said: UUID | None = self.cleaned_data[name]
        return said if self.chosen.usual and said == self.chosen.usual.pk else None

    def edited(self, wishes: Mapping[UUID, str]) -> Edited:
        """Return what is asked now, and whom the person chooses, as plain values."""
        said = self.cleaned_data
        was_asked = "chosen_seen" in self.data
        choice = Choice(wishes, said["chooses_nobody"], said["chosen_seen"])
        search = self.data.get("geste") == SEARCH
        return Edited(self.need_said(), said["profession"], search, choice if was_asked else None)


def known(care: CareRequest) -> dict[str, Any]:
    """Return a request as its form shows it."""
    names = [name for name in NeedForm.base_fields if name not in ("commune", "commune_code")]
    shown = {name: getattr(care, name) for name in names}
    days = {name: shown[name] and shown[name].strftime("%d/%m/%Y") for name in DAYS}
    place = {"commune": care.commune.name if care.commune else "", "commune_code": care.commune_id}
    return {**shown, **days, **place, "profession": care.profession, "seen": care.version}


DAYS = ("begins_on", "ends_on")

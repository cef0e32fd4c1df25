"""What is typed to ask for a part of an evaluation. Services decide."""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from django import forms

from cordee.assessments.models import AskedPart
from cordee.assessments.selectors.parts import Guest
from cordee.kernel.day_field import DayField, DayForm


class AskForm(DayForm):
    """Of whom, which sections, and by when."""

    guest = forms.ChoiceField(
        label="À qui", error_messages={"required": "Choisissez à qui vous la demandez."}
    )
    sections = forms.MultipleChoiceField(
        label="Quelles sections",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Aucune cochée\u00a0: tout le questionnaire.",
    )
    wanted_on = DayField(
        label="Pour le", error_messages={"required": "Dites pour quel jour elle est attendue."}
    )

    def __init__(
        self, *args: Any, guests: Iterable[Guest], titles: Mapping[str, str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        choices = [(str(one.account.pk), f"{one.account.name}, {one.where}") for one in guests]
        cast(forms.ChoiceField, self.fields["guest"]).choices = [("", "—"), *choices]
        if titles:
            cast(forms.ChoiceField, self.fields["sections"]).choices = list(titles.items())
        else:
            del self.fields["sections"]

    def write_on(self, part: AskedPart) -> AskedPart:
        """Put what was typed on a request that is about to be made."""
        part.guest_id = UUID(self.cleaned_data["guest"])
        part.sections = list(self.cleaned_data.get("sections", ()))
        part.wanted_on = self.cleaned_data["wanted_on"]
        return part

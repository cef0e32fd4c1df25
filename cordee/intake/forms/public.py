"""The public door: who knocks, the code, the request."""

from collections.abc import Mapping
from typing import Any

from django import forms

from cordee.directory.phones import parse_mobile
from cordee.intake import rules
from cordee.intake.call import Asked
from cordee.intake.forms.need import (
    DayField,
    NeedForm,
    PhoneField,
    text,
)
from cordee.intake.models import (
    CallerKind,
)
from cordee.kernel.http import WITHOUT_NAME
from cordee.kernel.identifiers import uuid7


class OnlineForm(NeedForm):
    """The public form: one professional asks for one person, without an account.

    Its key, with all that was typed, tells a form that is sent again from another one."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid7)
    caller_name = forms.CharField(label="Votre nom", max_length=150)
    caller_kind = forms.ChoiceField(
        label="Vous êtes", choices=[("", "—"), *CallerKind.choices]
    )  # nobody is presumed: the first of the list would be sent unseen
    birth_name = forms.CharField(label="Nom de la personne", max_length=120)
    first_names = forms.CharField(label="Prénom", max_length=160)
    birth_date = DayField(label="Date de naissance", past=True, required=False)
    person_phone = PhoneField(label="Téléphone de la personne", required=False)
    prefer = text("Professionnel habituel, ou préféré", 120)
    exclude = text("Professionnel que la personne ne souhaite pas", 120)
    chooses_nobody = forms.BooleanField(label="La personne ne souhaite pas choisir", required=False)
    person_informed = forms.BooleanField(
        label="La personne est informée de cette demande et ne s’y oppose pas"
    )
    ordonnance = forms.FileField(
        label="Ordonnance, en photo ou en PDF",
        required=False,
        help_text="10\u00a0Mo au plus. Le professionnel ne la voit qu’une fois son identité "
        "confirmée.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("kind", "commune"):
            self.fields[name].required = True

    def clean_ordonnance(self) -> tuple[str, bytes] | None:
        """Judge the file by its content, as at the desk."""
        given = self.cleaned_data["ordonnance"]
        if self.data.get("ordonnance"):
            raise forms.ValidationError(WITHOUT_NAME)
        if not given:
            return None
        content = given.read(rules.MAX_UPLOAD + 1)
        try:
            rules.judge_upload(content)
        except rules.UploadError as refused:
            raise forms.ValidationError(str(refused)) from refused
        return given.name, content

    def full_clean(self) -> None:
        super().full_clean()
        self.ask_for_the_file_again()

    def ask_for_the_file_again(self) -> None:
        """A browser never sends a file twice by itself: say that it is to be chosen again."""
        if self.errors and self.files and "ordonnance" not in self.errors:
            self.add_error(
                "ordonnance", "Choisissez de nouveau l’ordonnance\u00a0: elle n’est pas gardée."
            )

    def asked(self, typed: Mapping[str, list[str]]) -> Asked:
        """Return what was asked as plain values, with what was typed: the desk goes on with it."""
        said = self.cleaned_data
        names = self.fields.keys() - {"key"}
        return Asked(
            said["caller_kind"],
            said["caller_name"],
            self.need_said(),
            {name: values for name, values in typed.items() if name in names},
            said["ordonnance"],
            said["key"] or uuid7(),
            said["chooses_nobody"],
        )


class KnockForm(forms.Form):
    """Who knocks at the public door: the code of a structure, and where to send a code."""

    organization_code = forms.CharField(label="Code de votre structure", max_length=12)
    contact = forms.CharField(label="Votre mobile ou votre adresse électronique", max_length=254)

    def clean_contact(self) -> str:
        """Write it one way: what cannot be is refused before anything is looked up."""
        text = self.cleaned_data["contact"].strip()
        if "@" in text:
            return str(forms.EmailField(max_length=254).clean(text)).casefold()
        if not (mobile := parse_mobile(text)):
            raise forms.ValidationError(
                "Ce numéro n’est pas celui d’un mobile. Relisez-le, ou donnez un courriel."
            )
        return mobile


class CodeForm(forms.Form):
    code = forms.CharField(label="Code reçu", max_length=12)


class AgainForm(CodeForm):
    """The code of who proves again who they are, beside what they wrote. None asks for another."""

    code = forms.CharField(
        label="Code reçu",
        max_length=12,
        required=False,
        help_text="Laissez vide pour en recevoir un autre.",
    )

"""What the person says of their data, with its proof, as humans type it."""

from typing import Any, cast

from django import forms

from cordee.people.models import Relative
from cordee.people.rules import notices
from cordee.people.rules.processing import Basis, Purpose, Will
from cordee.people.rules.sharing import Audience, Category, Choice, Medium, Speaker
from cordee.people.services import Chosen, Told


class ToldForm(forms.Form):
    """Who spoke, and how."""

    speaker = forms.ChoiceField(label="De la part de", choices=Speaker.choices())
    relative: "forms.ModelChoiceField[Relative]" = forms.ModelChoiceField(
        label="Qui a parlé", queryset=None, required=False
    )
    how = forms.ChoiceField(label="Recueilli", choices=notices.How.choices())
    document = forms.CharField(label="Justificatif", max_length=120, required=False)

    def __init__(self, *args: Any, relatives: Any, own: bool = False, **details: Any) -> None:
        self.own = own
        details.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")  # four on one page
        super().__init__(*args, **details)
        cast(forms.ModelChoiceField, self.fields["relative"]).queryset = relatives
        if own:
            for name in ("speaker", "relative", "how", "document"):
                self.fields[name].required = False
                self.fields[name].widget = forms.HiddenInput()

    @property
    def voice(self) -> Speaker:
        """Who speaks: in their own space, the person."""
        return Speaker.PERSON if self.own else Speaker(self.cleaned_data["speaker"])

    @property
    def told(self) -> Told:
        """The proof, as the service takes it."""
        hands = self.cleaned_data.get("hands_notice", False)
        if self.own:
            return Told(self.voice, how=notices.How.ONLINE, hands_notice=hands)
        return Told(
            speaker=self.voice,
            hands_notice=hands,
            how=notices.How(self.cleaned_data["how"]),
            relative=self.cleaned_data["relative"],
            document=self.cleaned_data["document"],
        )


class InformForm(ToldForm):
    """To whom the notice was given, and how."""

    def __init__(self, *args: Any, **details: Any) -> None:
        super().__init__(*args, **details)
        for name, label in (("speaker", "Remise à"), ("relative", "Lequel"), ("how", "Comment")):
            self.fields[name].label = label


class SharingForm(ToldForm):
    """One choice of sharing."""

    category = forms.ChoiceField(label="Ce qui est partagé", choices=Category.choices())
    audience = forms.ChoiceField(label="Avec", choices=Audience.choices())
    medium = forms.ChoiceField(
        label="Par", choices=[("", "tous les moyens"), *Medium.choices()], required=False
    )
    choice = forms.ChoiceField(
        label="Choix",
        choices=[
            (Choice.OPPOSED.value, "je m’y oppose"),
            (Choice.CONSENTED.value, "je suis d’accord"),
            (Choice.NEUTRAL.value, "je retire mon choix"),
        ],
    )
    hands_notice = forms.BooleanField(
        label="J’ai remis la note d’information en vigueur à qui parle, avant de recueillir ce "
        "choix",
        help_text="La loi le demande avant tout accord.",
        required=False,
    )
    field_order = ["category", "audience", "medium", "choice"]

    def __init__(
        self, *args: Any, to_tell: frozenset[Speaker] = frozenset(), **details: Any
    ) -> None:
        super().__init__(*args, **details)
        self.to_tell = to_tell
        if self.own:
            self.fields["hands_notice"].label = "J’ai lu la note d’information en vigueur"
        if not to_tell:
            del self.fields["hands_notice"]

    def clean(self) -> dict[str, Any]:
        """A consent that follows no notice is said next to the box that would mend it."""
        cleaned = super().clean() or {}
        consents = cleaned.get("choice") == Choice.CONSENTED and "speaker" in cleaned
        if consents and self.voice in self.to_tell and not cleaned["hands_notice"]:
            self.add_error("hands_notice", notices.TO_GIVE_FIRST)
        return cleaned

    @property
    def chosen(self) -> Chosen:
        """The choice, as the service takes it."""
        medium = self.cleaned_data["medium"]
        return Chosen(
            choice=Choice(self.cleaned_data["choice"]),
            category=Category(self.cleaned_data["category"]),
            audience=Audience(self.cleaned_data["audience"]),
            media=(Medium(medium),) if medium else tuple(Medium),
        )


class ProcessingForm(ToldForm):
    """One choice about a use of the data."""

    purpose = forms.ChoiceField(label="Usage", choices=Purpose.choices())
    will = forms.ChoiceField(
        label="Choix",
        choices=[(Will.REFUSED.value, "je refuse"), (Will.ACCEPTED.value, "j’accepte")],
    )
    field_order = ["purpose", "will"]


class BasisForm(forms.Form):
    """The legal basis of one use of the data."""

    purpose = forms.ChoiceField(label="Usage", choices=Purpose.choices())
    basis = forms.ChoiceField(label="Base légale", choices=Basis.choices())


class EmergencyChoiceForm(ToldForm):
    """Whether emergency access is refused beforehand."""

    opposed = forms.TypedChoiceField(
        label="Accès d’urgence",
        choices=[("oui", "je le refuse"), ("non", "je ne le refuse pas")],
        coerce=lambda value: value == "oui",
    )
    field_order = ["opposed"]


class HintForm(ToldForm):
    """Whether one may be told that what is shown may be partial."""

    allowed = forms.TypedChoiceField(
        label="Dire que ce qui est affiché peut être partiel",
        choices=[("non", "je ne le permets pas"), ("oui", "je le permets")],
        coerce=lambda value: value == "oui",
    )
    field_order = ["allowed"]

"""What the person says of their data, with its proof, as humans type it."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from cordee.people.models import Person, Relative
from cordee.people.rules import notices
from cordee.people.rules.processing import Agreed, Basis, Purpose, Will
from cordee.people.rules.sharing import (
    SPOKEN_BY,
    Audience,
    Category,
    Choice,
    Medium,
    Speaker,
)
from cordee.people.services import Chosen, Told


class ToldForm(forms.Form):
    """Who spoke, and how. One speaks for the person by a quality noted in the circle."""

    speaker = forms.ChoiceField(
        label="De la part de",
        error_messages={
            "invalid_choice": "Choisissez qui a parlé\u00a0: la personne, ou un proche dont la "
            "qualité est notée dans son cercle."
        },
    )
    how = forms.ChoiceField(label="Recueilli", choices=notices.How.choices())
    document = forms.CharField(label="Justificatif", max_length=120, required=False)

    def __init__(
        self,
        *args: Any,
        relatives: Iterable[Relative] = (),
        own: bool = False,
        to_tell: frozenset[Speaker] = frozenset(),
        **details: Any,
    ) -> None:
        self.own, self.to_tell = own, to_tell
        self.voices = dict(_voices(relatives))
        details.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")  # five on one page
        super().__init__(*args, **details)
        speaker = cast(forms.ChoiceField, self.fields["speaker"])
        speaker.choices = [(code, words) for code, (_, _, words) in self.voices.items()]
        if own:
            for name in ("speaker", "how", "document"):
                self.fields[name].required = False
                self.fields[name].widget = forms.HiddenInput()

    @property
    def voice(self) -> Speaker:
        """Who speaks: in their own space, the person."""
        return Speaker.PERSON if self.own else self.voices[self.cleaned_data["speaker"]][0]

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
            relative=self.voices[self.cleaned_data["speaker"]][1],
            document=self.cleaned_data["document"],
        )

    @property
    def said(self) -> dict[str, Any]:
        """What the service of this choice takes."""
        return {"told": self.told}


def _voices(relatives: Iterable[Relative]) -> Iterable[tuple[str, tuple[Speaker, Any, str]]]:
    """Each who may speak: the code of the choice, then as what, who, in words."""
    yield Speaker.PERSON.value, (Speaker.PERSON, None, Speaker.PERSON.label)
    for relative in relatives:
        for speaker, quality in SPOKEN_BY.items():
            if getattr(relative, quality):
                words = f"{relative.name}, {speaker.label}"
                yield f"{speaker.value}:{relative.pk}", (speaker, relative, words)


def _yes_no(label: str, **words: str) -> forms.TypedChoiceField:
    """Ask for one of two answers; the first in the list is shown."""
    return forms.TypedChoiceField(
        label=label, choices=list(words.items()), coerce=lambda value: value == "oui"
    )


class InformForm(ToldForm):
    """To whom the notice was given, and how."""

    def __init__(self, *args: Any, **details: Any) -> None:
        super().__init__(*args, **details)
        self.fields["speaker"].label, self.fields["how"].label = "Remise à", "Comment"


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

    def __init__(self, *args: Any, **details: Any) -> None:
        super().__init__(*args, **details)
        if self.own:
            self.fields["hands_notice"].label = "J’ai lu la note d’information en vigueur"
        if not self.to_tell:
            del self.fields["hands_notice"]

    def clean(self) -> dict[str, Any]:
        """A consent that follows no notice is said next to the box that would mend it."""
        cleaned = super().clean() or {}
        consents = cleaned.get("choice") == Choice.CONSENTED and "speaker" in cleaned
        if consents and self.voice in self.to_tell and not cleaned["hands_notice"]:
            self.add_error("hands_notice", notices.TO_GIVE_FIRST)
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """The choice, as the service takes it."""
        medium = self.cleaned_data["medium"]
        chosen = Chosen(
            choice=Choice(self.cleaned_data["choice"]),
            category=Category(self.cleaned_data["category"]),
            audience=Audience(self.cleaned_data["audience"]),
            media=(Medium(medium),) if medium else tuple(Medium),
        )
        return {"chosen": chosen, "told": self.told}


class ProcessingForm(ToldForm):
    """One choice about a use of the data."""

    purpose = forms.ChoiceField(label="Usage", choices=Purpose.choices())
    will = forms.ChoiceField(
        label="Choix",
        choices=[(Will.REFUSED.value, "je refuse"), (Will.ACCEPTED.value, "j’accepte")],
    )

    @property
    def said(self) -> dict[str, Any]:
        """The use, and what is wanted of it."""
        purpose, will = self.cleaned_data["purpose"], self.cleaned_data["will"]
        return {"purpose": Purpose(purpose), "will": Will(will), "told": self.told}


class EmergencyChoiceForm(ToldForm):
    """Whether emergency access is refused beforehand."""

    opposed = _yes_no("Accès d’urgence", oui="je le refuse", non="je ne le refuse pas")

    @property
    def said(self) -> dict[str, Any]:
        """Whether it is refused."""
        return {"opposed": self.cleaned_data["opposed"], "told": self.told}


class HintForm(ToldForm):
    """Whether one may be told that what is shown may be partial."""

    allowed = _yes_no("Choix", non="je ne le permets pas", oui="je le permets")

    @property
    def said(self) -> dict[str, Any]:
        """Whether it is allowed."""
        return {"allowed": self.cleaned_data["allowed"], "told": self.told}


class AgreementForm(forms.Form):
    """What is asked aloud of somebody before she is accompanied, where coordination needs it."""

    agreed = forms.BooleanField(
        label="Accord recueilli à l’oral, note d’information remise", required=False
    )
    agreed_by = forms.ChoiceField(
        label="De la part de",
        choices=[
            *((one.value, one.label) for one in (Speaker.PERSON, Speaker.PARENT)),
            *(
                (measure.value, f"{Speaker.REPRESENTATIVE.label}, {measure.label}")
                for measure in Person.REPRESENTING
            ),
        ],
        initial=Speaker.PERSON.value,
        required=False,
    )
    agreed_name = forms.CharField(
        label="Son nom, si ce n’est pas la personne", max_length=160, required=False
    )

    @property
    def agreement(self) -> Agreed | None:
        """Who agreed; nobody, when it is not ticked."""
        said = self.cleaned_data
        if not said.get("agreed"):
            return None
        by, name = said.get("agreed_by") or Speaker.PERSON.value, said["agreed_name"].strip()
        if by in Person.REPRESENTING:
            return Agreed(Speaker.REPRESENTATIVE, name, protection=by)
        return Agreed(Speaker(by), name)


class BasisForm(forms.Form):
    """The legal basis of one use of the data."""

    purpose = forms.ChoiceField(label="Usage", choices=Purpose.choices())
    basis = forms.ChoiceField(label="Base légale", choices=Basis.choices())

"""What a human types at the desk, read into plain values. Forms never save."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from cordee.directory.kinds import CareKind
from cordee.directory.phones import parse_mobile, parse_phone
from cordee.directory.selectors import communes_matching
from cordee.intake import rules
from cordee.intake.call import Call, CallerSaid, NeedSaid, PersonSaid
from cordee.intake.models import (
    CallerKind,
    CancelReason,
    DacCriterion,
    Frequency,
    HandOnReason,
    Prescription,
    RefusalReason,
    Risk,
    Telling,
    VisitTime,
    Weight,
    Wish,
)
from cordee.intake.selectors import the_one_meant
from cordee.kernel.days import DayError, read_day
from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7

NOT_SAID = ("", "—")
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


def _text(label: str, longest: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False, **options)


def _several(label: str, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class NeedForm(DatedForm):
    """What, where, when: the part that the desk and the public form share."""

    kind = forms.ChoiceField(label="Soin", choices=KINDS, required=False)
    other_kinds = _several("Autres soins", CareKind.choices)
    need = _text("En quelques mots", 2000, widget=forms.Textarea(attrs={"rows": 2}))
    commune = forms.CharField(label="Commune", max_length=80, required=False)
    commune_code = forms.CharField(max_length=5, required=False, widget=forms.HiddenInput)
    address = _text("Adresse du soin", 300)
    access_notes = _text("Accès au domicile", 500)
    begins_on = DayField(label="À partir de", required=False)
    ends_on = DayField(label="Jusqu’au", required=False)
    frequency = forms.ChoiceField(
        label="Rythme", choices=[NOT_SAID, *Frequency.choices], required=False
    )
    visit_times = _several("Moments", VisitTime.choices)
    visit_minutes = forms.IntegerField(
        label="Durée (min)", min_value=5, max_value=480, required=False
    )
    prescription = forms.ChoiceField(
        label="Prescription", choices=[NOT_SAID, *Prescription.choices], required=False
    )
    prescriber = _text("Prescripteur", 150)
    risks = _several("Risques pour qui vient", Risk.choices)
    risk_notes = _text("Précisions", 500)

    def clean_begins_on(self) -> date | None:
        day: date | None = self.cleaned_data["begins_on"]
        if day is not None and not -31 <= (day - self.today).days <= 400:
            raise forms.ValidationError("Ce début est trop loin d’aujourd’hui. Vérifiez l’année.")
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self._place(said)
        begins, ends = said.get("begins_on"), said.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", "La fin vient avant le début.")
        return said

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

    def answers(self) -> dict[str, bool]:
        """Return the triage answers, those that were really given."""
        if self.grid is None:
            return {}
        said = self.cleaned_data
        ticked = {code: bool(said.get(f"q_{code}")) for code in self.grid.codes}
        signs = {sign.code for sign in self.grid.signs}
        asked = said.get("no_sign") or any(ticked[code] for code in signs)
        return ticked if asked else {c: v for c, v in ticked.items() if c not in signs and v}


class RetriageForm(GridForm):
    """The grid answered again, after the call: the signs are asked again too."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        signs = [sign.code for sign in self.grid.signs] if self.grid else []
        if not said.get("no_sign") and not any(said.get(f"q_{code}") for code in signs):
            self.add_error("no_sign", "Posez d’abord les signes\u00a0: cochez, ou dites aucun.")
        return said


class CallForm(NeedForm, GridForm):
    """The whole call desk, on one page."""

    caller_phone = PhoneField(label="Numéro", required=False)
    caller_kind = forms.ChoiceField(
        label="Qualité", choices=CallerKind.choices, initial="other", required=False
    )
    caller_name = _text("Nom de l’appelant", 150)
    caller_structure = _text("Structure", 150)
    caller_email = forms.EmailField(label="Courriel", required=False)

    person_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    birth_name = _text("Nom", 120)
    first_names = _text("Prénom", 160)
    birth_date = DayField(label="Né·e le", past=True, required=False)
    sex = forms.ChoiceField(
        label="Sexe", choices=[NOT_SAID, ("F", "femme"), ("M", "homme")], required=False
    )
    person_phone = PhoneField(label="Téléphone de la personne", required=False)
    is_new = forms.BooleanField(label="Aucune de ces personnes", required=False)
    anonymous = forms.BooleanField(label="Conseil sans nom", required=False)

    weight = forms.ChoiceField(label="Demande", choices=Weight.choices, initial="full")
    answer_words = _text("Réponse donnée", 2000, widget=forms.Textarea(attrs={"rows": 2}))
    delay = forms.ChoiceField(label="Délai", choices=DELAYS, required=False)
    usual_nurse = forms.UUIDField(required=False, widget=forms.HiddenInput)
    prefer = _text("Préfère", 120)
    exclude = _text("Ne souhaite pas", 120)
    chooses_nobody = forms.BooleanField(label="Ne souhaite pas choisir", required=False)
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
        someone = said.get("person_id") or said.get("birth_name")
        if full and not someone:
            self.add_error("birth_name", "Dites pour qui : choisissez à droite, ou écrivez le nom.")
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


class GestureForm(DatedForm):
    """A gesture on a request, with the version of the page it was made on."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


def _why(choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label="Motif", choices=choices)


def _words(label: str = "Précisions") -> forms.CharField:
    return forms.CharField(label=label, max_length=500, required=False)


class RefuseForm(GestureForm):
    reason = _why(RefusalReason.choices)
    words = _words("Précisions (pour le service)")


class CancelForm(GestureForm):
    reason = _why(
        [choice for choice in CancelReason.choices if choice[0] != CancelReason.PERSON_DIED]
    )
    words = _words()


class ConfirmForm(GestureForm):
    first_visit_on = DayField(label="Premier passage le")


class TellForm(GestureForm):
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)
    how = forms.ChoiceField(label="Comment", choices=Telling.How.choices, initial="call")
    result = forms.ChoiceField(label="Résultat", choices=Telling.Result.choices, initial="reached")
    words = _words("Ce qui a été dit")


class ReleaseForm(GestureForm):
    reason = forms.CharField(label="Pourquoi la recherche peut reprendre", max_length=500)


class DelayForm(GestureForm):
    delay = forms.ChoiceField(
        label="Délai", choices=[(delay.value, delay.label) for delay in rules.Delay]
    )


class TakeForm(GestureForm):
    account_id = forms.UUIDField(label="Suivie par", required=False)


TEAM = "equipe"


def holder_before(text: str) -> UUID | None:
    """Read who had a request before: an account, or the team. Raises DomainError."""
    try:
        return None if text == TEAM else UUID(text)
    except ValueError as unreadable:
        raise DomainError(
            "intake.not_a_colleague", "Cette personne n’est pas connue. Rien n’a changé."
        ) from unreadable


CHOOSE = {
    "required": "Choisissez dans la liste.",
    "invalid": "Choisissez dans la liste.",
    "invalid_choice": "Choisissez dans la liste.",
}


class KeepForm(GestureForm):
    account_id = forms.UUIDField(label="Qui la garde", error_messages=CHOOSE)
    how = forms.ChoiceField(
        label="Comment",
        choices=[(how.value, how.label) for how in rules.Keeping],
        error_messages=CHOOSE,
    )


class HandOnForm(GestureForm):
    reason = _why(HandOnReason.choices)
    organization = forms.UUIDField(label="À quel service")
    spoken_with = forms.CharField(label="À qui vous avez parlé", max_length=150)
    words = _words("Ce que vous lui avez dit")
    criteria = _several("Critères pour le DAC", DacCriterion.choices)


class OnlineForm(NeedForm):
    """The public form: one professional asks for one person, without an account.

    Its key tells a form that is sent again from another form."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid7)
    caller_name = forms.CharField(label="Votre nom", max_length=150)
    caller_kind = forms.ChoiceField(label="Vous êtes", choices=CallerKind.choices)
    birth_name = forms.CharField(label="Nom de la personne", max_length=120)
    first_names = forms.CharField(label="Prénom", max_length=160)
    birth_date = DayField(label="Date de naissance", past=True, required=False)
    person_phone = PhoneField(label="Téléphone de la personne", required=False)
    prefer = _text("Professionnel habituel, ou préféré", 120)
    exclude = _text("Professionnel que la personne ne souhaite pas", 120)
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
        if not given:
            return None
        content = given.read(rules.MAX_UPLOAD + 1)
        try:
            rules.judge_upload(content)
        except rules.UploadError as refused:
            raise forms.ValidationError(str(refused)) from refused
        return given.name, content

    def full_clean(self) -> None:
        """A browser never sends a file twice by itself: say that it is to be chosen again."""
        super().full_clean()
        if self.errors and self.files and "ordonnance" not in self.errors:
            self.add_error(
                "ordonnance", "Choisissez de nouveau l’ordonnance\u00a0: elle n’est pas gardée."
            )


class KnockForm(forms.Form):
    """Who knocks at the public door: the code of a structure, and where to send a code."""

    organization_code = forms.CharField(label="Code de votre structure", max_length=12)
    contact = forms.CharField(label="Votre mobile ou votre adresse électronique", max_length=254)

    def clean_contact(self) -> str:
        """Write it one way: what cannot be is refused before anything is looked up."""
        text = self.cleaned_data["contact"].strip()
        if "@" in text:
            return str(forms.EmailField().clean(text)).casefold()
        if not (mobile := parse_mobile(text)):
            raise forms.ValidationError(
                "Ce numéro n’est pas celui d’un mobile. Relisez-le, ou donnez un courriel."
            )
        return mobile


class CodeForm(forms.Form):
    code = forms.CharField(label="Code reçu", max_length=12)


WISHES = {
    "usual_nurse": Wish.Choice.USUAL,
    "prefer": Wish.Choice.PREFER,
    "exclude": Wish.Choice.EXCLUDE,
}

"""What humans type about a person. Forms check; services decide."""

from datetime import date, datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from cordee.directory.forms import WITHIN_SIGHT
from cordee.directory.models import Commune
from cordee.directory.selectors import communes_matching
from cordee.people.forms.choices import AgreementForm as AgreementForm
from cordee.people.forms.circle import JoinForm as JoinForm
from cordee.people.forms.circle import RelativeForm as RelativeForm
from cordee.people.models import Person
from cordee.people.rules import writing
from cordee.people.rules.emergency import Attestation, Motive, Outcome
from cordee.people.rules.identity import REGISTRIES_OF_MODE, Event, Registry
from cordee.people.rules.sharing import Category
from cordee.people.rules.traits import Destination, Traits, WhyAlive
from cordee.people.rules.writing import Identity
from cordee.people.selectors import Authors
from cordee.people.selectors.thread import ROOMS
from cordee.people.services import Claim

PARIS = ZoneInfo("Europe/Paris")
DAY = forms.DateInput(attrs={"placeholder": "jj/mm/aaaa", "inputmode": "numeric"})
DAY_FORMATS = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%d%m%Y"]
TEXTS = (
    *("birth_name", "first_names", "used_name", "used_first_name", "sex", "ins"),
    *("phone", "other_phone"),
)
EMPTY = [("", "—")]


def _day(label: str, required: bool = False, **details: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        input_formats=DAY_FORMATS,
        widget=DAY,
        validators=[WITHIN_SIGHT],
        error_messages={"invalid": "Cette date n’existe pas\u00a0: écrivez jour/mois/année."},
        **details,
    )


class SearchForm(forms.Form):
    """One line, anything in it."""

    texte = forms.CharField(
        label="Nom, date de naissance, INS ou téléphone",
        max_length=200,
        required=False,
        widget=forms.TextInput(
            attrs={"data-search": True, "type": "search", "autocomplete": "off"}
        ),
    )


class IdentityForm(forms.Form):
    """Identity and contacts."""

    birth_name = forms.CharField(label="Nom de naissance", max_length=120)
    first_names = forms.CharField(label="Prénoms de naissance", max_length=160, required=False)
    used_name = forms.CharField(label="Nom utilisé", max_length=120, required=False)
    used_first_name = forms.CharField(label="Prénom utilisé", max_length=80, required=False)
    birth_date = _day("Date de naissance")
    sex = forms.ChoiceField(label="Sexe", choices=[*EMPTY, *Person.Sex.choices], required=False)
    birth_place_code = forms.CharField(
        label="Code Insee du lieu de naissance",
        max_length=5,
        required=False,
        help_text="La commune (05061), ou 99 et le pays pour une naissance à l’étranger.",
    )
    ins = forms.CharField(label="Matricule INS", max_length=30, required=False)
    forget_ins = forms.BooleanField(label="Retirer le matricule enregistré", required=False)
    ins_oid = forms.ChoiceField(label="Registre du matricule", required=False)
    phone = forms.CharField(label="Téléphone", max_length=30, required=False)
    other_phone = forms.CharField(label="Autre téléphone", max_length=30, required=False)
    email = forms.EmailField(max_length=254, label="Adresse électronique", required=False)
    address = forms.CharField(label="Adresse", max_length=240, required=False)
    commune = forms.CharField(
        label="Commune", max_length=90, required=False, help_text="Nom ou code postal."
    )
    home_access = forms.CharField(label="Accès au domicile", max_length=240, required=False)
    protection = forms.ChoiceField(
        label="Protection juridique", choices=Person.Protection, initial="none", required=False
    )
    unable_since = _day("Hors d’état de s’exprimer depuis le")
    ald = forms.BooleanField(label="Affection de longue durée", required=False)
    is_homonym = forms.BooleanField(label="Identité homonyme", required=False)
    is_doubtful = forms.BooleanField(label="Identité douteuse", required=False)
    is_fictitious = forms.BooleanField(label="Identité fictive", required=False)
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        today: date,
        person: Person | None = None,
        edition: str = "",
        withheld: frozenset[str] = frozenset(),
        **details: Any,
    ):
        if person is not None:
            details.setdefault("initial", _initial(person) | {"seen": edition})
        super().__init__(*args, **details)
        self.today, self.person, self.withheld = today, person, withheld
        self.keeps_ins = bool(person and person.ins and not person.shown_ins)
        self._hide_unqualified()
        for name in self.withheld & set(self.fields):
            del self.fields[name]
        if "ins_oid" in self.fields:
            self.fields["ins_oid"].choices = [*EMPTY, *_registries()]  # type: ignore[attr-defined]

    def _hide_unqualified(self) -> None:
        """A number is shown only when the identity is qualified; otherwise it is kept unseen."""
        if not self.keeps_ins or "ins" in self.withheld:
            del self.fields["forget_ins"]
        if self.keeps_ins:
            self.fields["ins"].help_text = (
                "Un matricule est enregistré. L’identité n’est pas qualifiée\u00a0: il n’est pas "
                "affiché. Laissez vide pour le garder."
            )

    def clean_commune(self) -> Commune | None:
        """Find the one commune meant, or say which ones it could be."""
        text = self.cleaned_data["commune"].strip()
        return _commune(text) if text else None

    def clean(self) -> dict[str, Any]:
        """Say everything that cannot be, next to its field."""
        cleaned = super().clean() or {}
        if not self.errors:
            found = writing.tidied(self.identity)
            mode = settings.CORDEE.mode
            for column, sentence in writing.faults(found, mode=mode, today=self.today).items():
                self.add_error(column if column in self.fields else None, sentence)
        return cleaned

    @property
    def traits(self) -> Traits:
        """What is already understood, to compare with who is known."""
        understood = getattr(self, "cleaned_data", {})
        kept: dict[str, Any] = {name: understood.get(name) or "" for name in TEXTS}
        named = Identity(**kept, birth_date=understood.get("birth_date"))
        return writing.tidied(named).traits

    @property
    def identity(self) -> Identity:
        """What was typed, as the services take it."""
        typed = dict(self.cleaned_data)
        commune = typed.pop("commune", None)
        for name in ("sure", "seen"):
            typed.pop(name, None)
        forgets = typed.pop("forget_ins", False)
        if self.person is not None and self.keeps_ins and not (typed.get("ins") or forgets):
            typed["ins"] = self.person.ins
        typed["protection"] = typed.get("protection") or "none"
        if self.person is not None:
            typed |= {name: getattr(self.person, name) for name in self.withheld}
        return Identity(**typed, commune_code=commune.pk if commune else "")


def _registries() -> list[tuple[str, str]]:
    allowed = REGISTRIES_OF_MODE[settings.CORDEE.mode]
    return [(one.value, one.label) for one in Registry if one in allowed]


def _initial(person: Person) -> dict[str, Any]:
    own = set(IdentityForm.base_fields) - {"sure", "seen", "forget_ins"}
    initial = {name: getattr(person, name) for name in own}
    if not person.shown_ins:
        initial |= {"ins": "", "ins_oid": ""}
    return initial | {"commune": _commune_text(person.commune)}


def _commune_text(commune: Commune | None) -> str:
    return f"{commune.name} ({commune.departement})" if commune else ""


def _commune(text: str) -> Commune:
    name, _, department = text.partition("(")
    department = department.strip(" )")
    found = communes_matching(text if not department else name.strip())
    if department:
        found = [one for one in found if one.departement == department] or found
    exact = [one for one in found if one.name.casefold() == name.strip().casefold()]
    if len(found) == 1 or len(exact) == 1:
        return (exact or found)[0]
    if not found:
        raise forms.ValidationError("Cette commune n’est pas connue\u00a0: vérifiez son nom.")
    names = ", ".join(_commune_text(one) for one in found[:6])
    raise forms.ValidationError(f"Plusieurs communes possibles\u00a0: {names}. Précisez.")


class CheckForm(forms.Form):
    """What was checked of an identity."""

    event = forms.ChoiceField(
        label="Vérification",
        choices=[(event.value, event.label) for event in (Event.PAPER_CHECKED, Event.INSI_FOUND)],
    )


class CorrectionForm(forms.Form):
    """What a protected note should have said."""

    body = forms.CharField(
        label="La note, corrigée", max_length=8000, widget=forms.Textarea(attrs={"rows": 8})
    )


class NoteForm(forms.Form):
    """A protected note."""

    category = forms.ChoiceField(
        label="Catégorie",
        choices=[(one.value, one.label) for one in (Category.SOCIAL, Category.MENTAL_HEALTH)],
    )
    body = forms.CharField(label="Note", max_length=8000, widget=forms.Textarea(attrs={"rows": 5}))


class ClaimForm(forms.Form):
    """Whom one has before oneself, and what one attests."""

    birth_name = forms.CharField(label="Nom", max_length=120, required=False)
    first_name = forms.CharField(label="Prénom", max_length=80, required=False)
    birth_date = _day("Date de naissance")
    ins = forms.CharField(
        label="Ou matricule INS", max_length=30, required=False, help_text="Quinze caractères."
    )
    motive = forms.ChoiceField(label="Motif", choices=Motive.choices())
    words = forms.CharField(
        label="La situation en quelques mots",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Gardés hors du fil, lus par qui relit cet accès.",
    )
    cannot_speak = forms.BooleanField(
        label="J’atteste que la personne est hors d’état d’exprimer sa volonté", required=False
    )
    immediate_risk = forms.BooleanField(
        label="J’atteste qu’il y a un risque immédiat pour sa santé", required=False
    )

    @property
    def claim(self) -> Claim:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        return Claim(
            attestation=Attestation(typed["cannot_speak"], typed["immediate_risk"], typed["words"]),
            motive=Motive(typed["motive"]),
            birth_name=typed["birth_name"],
            first_name=typed["first_name"],
            birth_date=typed["birth_date"],
            ins=typed["ins"],
        )


class ReviewForm(forms.Form):
    """The conclusion of a review."""

    outcome = forms.ChoiceField(
        label="Conclusion", choices=Outcome.choices(), widget=forms.RadioSelect
    )
    words = forms.CharField(
        label="Observations",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TellForm(forms.Form):
    """How the person was told."""

    how = forms.CharField(label="La personne, ou son représentant, a été prévenue", max_length=120)


class DeathForm(forms.Form):
    """The day somebody died."""

    deceased_on = _day("Date du décès", required=True)


class DischargeForm(forms.Form):
    """When somebody left hospital, and for where."""

    left_on = _day("Sortie de l’hôpital le", required=True)
    destination = forms.ChoiceField(label="Vers", choices=Destination.choices())

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        today = now.astimezone(PARIS).date()
        options |= {"auto_id": "sortie_%s", "initial": {"left_on": today}}
        super().__init__(*args, **options)
        self.now = now

    @property
    def left_at(self) -> datetime:
        """The moment: now on the day itself, noon of a day that is past."""
        day: date = self.cleaned_data["left_on"]
        if day == self.now.astimezone(PARIS).date():
            return self.now
        return datetime.combine(day, time(12), tzinfo=PARIS)


class AliveForm(forms.Form):
    """Why a death is taken back."""

    why = forms.ChoiceField(label="Pourquoi", choices=WhyAlive.choices())


class ThreadForm(forms.Form):
    """Which stretch of the rope."""

    salle = forms.MultipleChoiceField(
        label="Quoi",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(ROOMS.items()),
    )
    du = _day("Du")
    au = _day("Au")
    auteur = forms.ChoiceField(label="Par qui", required=False)
    structure = forms.ChoiceField(label="Pour quelle structure", required=False)
    avant = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, authors: Authors, **details: Any) -> None:
        super().__init__(*args, **details)
        for name, everyone, known in (
            ("auteur", "tout le monde", authors.people),
            ("structure", "toutes", authors.organizations),
        ):
            cast(forms.ChoiceField, self.fields[name]).choices = [("", everyone), *known]

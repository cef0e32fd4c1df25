"""What people type to set up structures, territories, desks and sectors."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cordee.access.models import Account
from cordee.directory import selectors
from cordee.directory.forms.inputs import (
    DAYS,
    WITHIN_SIGHT,
    DayInput,
    HourInput,
    MomentInput,
    PlaceForm,
    midnight,
)
from cordee.directory.kinds import (
    OrganizationKind,
    TerritoryKind,
)
from cordee.directory.mailboxes import NOT_OF_HEALTH, is_of_health
from cordee.directory.models import (
    Commune,
    Contact,
    Organization,
    Pole,
    Shift,
    Territory,
)
from cordee.directory.phones import parse_phone
from cordee.directory.rules import LONGEST_SERVICE
from cordee.directory.services import (
    DeskHours,
    OrganizationTraits,
    ShiftTraits,
)

# -- structures, territories, desks, sectors -----------------------------------------------------


class OrganizationForm(forms.Form):
    """What one says of an organisation."""

    held: Commune | None = None
    name = forms.CharField(label="Nom", max_length=160)
    kind = forms.ChoiceField(label="Nature", choices=OrganizationKind.choices)
    finess = forms.RegexField(
        r"^[0-9A-Za-z]{9}$",
        label="Numéro FINESS",
        required=False,
        error_messages={"invalid": "Un numéro FINESS a 9 caractères, chiffres ou lettres."},
    )
    territory = forms.ModelChoiceField(
        Territory.objects.filter(closed_on=None).order_by("name", "kind", "pk"),
        label="Territoire",
        required=False,
        empty_label="aucun",
    )
    place = forms.CharField(label="Commune ou code postal", max_length=80, required=False)
    address = forms.CharField(label="Adresse", max_length=240, required=False)
    phone = forms.CharField(label="Téléphone", max_length=40, required=False)
    email = forms.EmailField(max_length=254, label="Adresse électronique", required=False)
    sms_sender_name = forms.RegexField(
        r"^[A-Za-z0-9]{3,11}$",
        label="Expéditeur des textos",
        required=False,
        help_text="De 3 à 11 lettres sans accent ou chiffres.",
        error_messages={"invalid": "De 3 à 11 lettres sans accent ou chiffres."},
    )
    signature = forms.CharField(
        label="Signature des messages",
        max_length=LONGEST_SERVICE,
        required=False,
        help_text="Ce qui signe les SMS et les courriels si ce n’est pas le nom\u00a0: ni soin, "
        "ni petite commune. Exemple\u00a0: «\u00a0Service d’orientation\u00a0».",
    )
    request_code = forms.RegexField(
        r"^[A-Za-z0-9-]{4,12}$",
        label="Code des demandes en ligne",
        required=False,
        error_messages={"invalid": "De 4 à 12 lettres, chiffres ou tirets."},
    )

    @classmethod
    def of(cls, organization: Organization, data: Any = None) -> "OrganizationForm":
        """Open the form on an organisation."""
        initial = {name: getattr(organization, name) for name in cls.base_fields if name != "place"}
        initial["place"] = organization.commune.name if organization.commune else ""
        form = cls(data, initial=initial)
        form.held = organization.commune
        return form

    def clean_phone(self) -> str:
        """A number that exists, or nothing."""
        typed = self.cleaned_data["phone"]
        if typed and not parse_phone(typed):
            raise ValidationError("Ce numéro ne peut pas exister : vérifiez-le.")
        return parse_phone(typed)

    def clean_place(self) -> Any:
        """The commune that was meant. One left as it was stays: others may bear its name."""
        typed = self.cleaned_data["place"]
        if not typed or "place" not in self.changed_data:
            return self.held if typed else None
        found = selectors.communes_matching(typed, 8)
        named = selectors.the_one_named(found)
        if named is None:
            raise ValidationError(
                "Plusieurs communes s’appellent ou commencent ainsi\u00a0: donnez le nom entier et "
                "le code postal."
                if found
                else "Aucune commune ne commence ainsi\u00a0: vérifiez le nom."
            )
        return named

    def traits(self) -> OrganizationTraits:
        """Say it in the words of the service."""
        given = dict(self.cleaned_data)
        return OrganizationTraits(commune=given.pop("place"), **given)


class ContactForm(forms.Form):
    """A functional mailbox or number."""

    label = forms.CharField(label="Service", max_length=80)
    kind = forms.ChoiceField(label="Nature", choices=Contact.Kind.choices)
    value = forms.CharField(label="Numéro ou adresse", max_length=254)

    def clean(self) -> dict[str, Any]:
        """A number for a phone, an address for a mailbox."""
        given = super().clean() or {}
        value = given.get("value", "")
        if given.get("kind") in ("email", "mssante"):
            forms.EmailField().clean(value)
        elif value and not parse_phone(value):
            raise ValidationError("Ce numéro ne peut pas exister : vérifiez-le.")
        if value and given.get("kind") == "mssante" and not is_of_health(value):
            raise ValidationError(NOT_OF_HEALTH)
        return given


class TerritoryForm(PlaceForm):
    """A territory, begun with the intercommunality of a commune."""

    name = forms.CharField(label="Nom", max_length=120)
    kind = forms.ChoiceField(label="Nature", choices=TerritoryKind.choices)
    field_order = ("name", "kind", "place")
    place = forms.CharField(
        label="Avec les communes autour de",
        max_length=80,
        help_text="L’intercommunalité de cette commune ; vous pourrez ajouter et retirer ensuite.",
    )


class PoleForm(forms.Form):
    """A duty desk."""

    name = forms.CharField(label="Nom du pôle", max_length=80)
    opens = forms.TimeField(label="Ouvre à", widget=HourInput(), initial=DeskHours().opens)
    closes = forms.TimeField(label="Ferme à", widget=HourInput(), initial=DeskHours().closes)
    weekdays = forms.TypedMultipleChoiceField(
        label="Jours tenus",
        choices=list(enumerate(DAYS)),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        initial=list(DeskHours().weekdays),
    )

    @classmethod
    def of(cls, pole: Pole, data: Any = None) -> "PoleForm":
        """Open the form on a desk that is there."""
        return cls(data, initial={name: getattr(pole, name) for name in cls.base_fields})

    def clean(self) -> dict[str, Any]:
        """A desk closes after it opens."""
        given = super().clean() or {}
        opens, closes = given.get("opens"), given.get("closes")
        if opens and closes and closes <= opens and closes != time(0):
            raise ValidationError("La fermeture est avant l’ouverture : vérifiez les deux heures.")
        return given

    def hours(self) -> DeskHours:
        """Say it in the words of the service."""
        given = self.cleaned_data
        return DeskHours(
            opens=given["opens"], closes=given["closes"], weekdays=tuple(given["weekdays"])
        )


def colleague(label: str) -> Any:
    """Give the field of somebody of the organisation; the form says who there is."""
    return forms.ModelChoiceField(Account.objects.none(), label=label, empty_label="Choisissez…")


def offer(form: forms.Form, colleagues: Any, *names: str) -> None:
    """Say who may be chosen."""
    for name in names:
        field: Any = form.fields[name]
        field.queryset = colleagues


class ShiftForm(forms.Form):
    """Who holds the desk, from when to when."""

    account = colleague("Qui")
    kind = forms.ChoiceField(label="Nature", choices=Shift.Kind.choices)
    starts_at = forms.DateTimeField(label="Début", widget=MomentInput())
    ends_at = forms.DateTimeField(label="Fin", widget=MomentInput())

    def __init__(self, colleagues: Any, data: Any = None) -> None:
        super().__init__(data)
        offer(self, colleagues, "account")

    def traits(self) -> ShiftTraits:
        """Say it in the words of the service."""
        return ShiftTraits(**self.cleaned_data)


class HandoverForm(forms.Form):
    """What the next desk must know."""

    note = forms.CharField(
        label="Ce que la relève doit savoir",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SectorForm(forms.Form):
    """A sector and who answers for it."""

    name = forms.CharField(label="Nom du secteur", max_length=80)
    coordinator = colleague("Coordination assurée par")

    def __init__(self, colleagues: Any, data: Any = None) -> None:
        super().__init__(data)
        offer(self, colleagues, "coordinator")


class CoordinatorForm(forms.Form):
    """Who answers for a sector from now on."""

    coordinator = colleague("Coordination assurée par")

    def __init__(self, colleagues: Any, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        offer(self, colleagues, "coordinator")


class CoverForm(forms.Form):
    """Who replaces whom, and when."""

    absent = colleague("Qui est absent ou absente")
    cover = colleague("Qui remplace")
    since = forms.DateField(label="Premier jour", widget=DayInput())
    last = forms.DateField(
        label="Dernier jour", widget=DayInput(), required=False, validators=[WITHIN_SIGHT]
    )

    def __init__(self, colleagues: Any, data: Any = None) -> None:
        super().__init__(data)
        offer(self, colleagues, "absent", "cover")

    def span(self) -> tuple[datetime, datetime | None]:
        """Give the moments: whole days."""
        last = self.cleaned_data["last"]
        return (
            midnight(self.cleaned_data["since"]),
            midnight(last + timedelta(days=1)) if last else None,
        )

"""What people type about the directory: checked, never saved here."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory import selectors
from cordee.directory.kinds import (
    NURSING,
    CareKind,
    OrganizationKind,
    Profession,
    TerritoryKind,
    Weekday,
    care_of,
)
from cordee.directory.models import (
    Absence,
    Commune,
    Contact,
    Organization,
    Practice,
    Shift,
    Territory,
)
from cordee.directory.phones import parse_phone
from cordee.directory.rules import PARIS, Hours
from cordee.directory.services import (
    DeskHours,
    OrganizationTraits,
    Preferences,
    ShiftTraits,
)

DAYS = tuple(Weekday.labels)


class DayInput(forms.DateInput):
    """A day, with the browser's calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class HourInput(forms.TimeInput):
    """A time of day, with the browser's clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class MomentInput(forms.DateTimeInput):
    """A day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


WITHIN_SIGHT = MaxValueValidator(
    date(2199, 12, 31), "Cette date est trop lointaine : vérifiez l’année."
)


def midnight(day: date) -> datetime:
    """Give the first moment of a day in mainland France."""
    return datetime.combine(day, time(0), PARIS)


class SearchForm(forms.Form):
    """Who, what trade or what kind of structure, where."""

    q = forms.CharField(label="Nom, numéro RPPS ou FINESS", max_length=80, required=False)
    profession = forms.ChoiceField(
        label="Profession",
        choices=[("", "Toutes"), *Profession.choices],
        required=False,
    )
    kind = forms.ChoiceField(
        label="Nature de structure",
        choices=[("", "Toutes"), *OrganizationKind.choices],
        required=False,
    )
    place = forms.CharField(label="Commune ou code postal", max_length=80, required=False)

    def communes(self) -> list[str]:
        """Give the codes of the communes that the place names; none when it names nothing."""
        place = self.cleaned_data.get("place", "")
        if not place:
            return []
        return [one.pk for one in selectors.communes_matching(place, 40)] or ["?"]


class CoverageForm(forms.Form):
    """Which territory, which care; what is not said is one's own territory, and the toilette."""

    territory = forms.ChoiceField(label="Territoire", required=False)
    kind = forms.ChoiceField(
        label="Soin", choices=[(one.value, one.label) for one in NURSING], required=False
    )

    def __init__(self, actor: Actor, data: Any) -> None:
        self.known = {str(one.pk): one for one in selectors.territories(actor)}
        own = next((pk for pk, one in self.known.items() if one.pk in actor.territories), None)
        first = own or next(iter(self.known), "")
        given = {"territory": data.get("territory") or first}
        super().__init__(given | {"kind": data.get("kind") or NURSING[0].value})
        choices: Any = self.fields["territory"]
        choices.choices = [(pk, one.name) for pk, one in self.known.items()]
        self.care = NURSING[0]
        self.where: Territory | None = None

    def clean(self) -> dict[str, Any]:
        """Keep what was chosen, in the words of the directory."""
        cleaned = super().clean() or {}
        self.where = self.known.get(cleaned.get("territory", ""))
        self.care = CareKind(cleaned.get("kind") or self.care)
        return cleaned


# -- one's own practice --------------------------------------------------------------------------


class KindsForm(forms.Form):
    """The kinds of care of one's profession."""

    kinds = forms.MultipleChoiceField(
        label="Soins que vous proposez", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, practice: Practice, data: Any = None) -> None:
        super().__init__(data, initial={"kinds": practice.kinds})
        allowed = care_of(practice.practitioner.profession)
        field: Any = self.fields["kinds"]
        field.choices = [(kind.value, kind.label) for kind in allowed]


class WeekForm(forms.Form):
    """A usual week: two stretches a day, or as many as are held and one more."""

    def __init__(self, practice: Practice, data: Any = None) -> None:
        super().__init__(data)
        held: dict[int, list[Hours]] = {}
        for stretch in practice.hours.all():
            held.setdefault(stretch.weekday, []).append(stretch.stretch())
        self.parts = range(max(2, 1 + max(map(len, held.values()), default=0)))
        for weekday, name in enumerate(DAYS):
            stretches: list[Hours | None] = [*held.get(weekday, [])]
            stretches += [None] * (len(self.parts) - len(stretches))
            for part, stretch in enumerate(stretches):
                for end, word in (("starts", "de"), ("ends", "à")):
                    self.fields[f"{end}_{weekday}_{part}"] = forms.TimeField(
                        label=f"{name}, {word}",
                        widget=HourInput(),
                        required=False,
                        initial=getattr(stretch, end, None),
                    )

    def days(self) -> list[tuple[str, list[Any]]]:
        """Give the fields day by day, for the table."""
        return [
            (
                name,
                [self[f"{end}_{day}_{part}"] for part in self.parts for end in ("starts", "ends")],
            )
            for day, name in enumerate(DAYS)
        ]

    def clean(self) -> dict[str, Any]:
        """Each stretch has both ends, in order; midnight closes a day."""
        given = super().clean() or {}
        for weekday, name in enumerate(DAYS):
            for part in self.parts:
                starts, ends = (
                    given.get(f"starts_{weekday}_{part}"),
                    given.get(f"ends_{weekday}_{part}"),
                )
                if (starts is None) != (ends is None):
                    raise ValidationError(f"Le {name}, donnez le début et la fin.")
                if starts is not None and ends <= starts and ends != time(0):
                    raise ValidationError(f"Le {name}, la fin est avant le début.")
        return given

    def week(self) -> list[Hours]:
        """Give the stretches that were filled in."""
        given = self.cleaned_data
        return [
            Hours(weekday, given[f"starts_{weekday}_{part}"], given[f"ends_{weekday}_{part}"])
            for weekday in range(7)
            for part in self.parts
            if given.get(f"starts_{weekday}_{part}") is not None
        ]


class AbsenceForm(forms.Form):
    """A pause or a holiday, in whole days; a pause may have no end."""

    kind = forms.ChoiceField(label="Nature", choices=Absence.Kind.choices)
    first = forms.DateField(label="Premier jour", widget=DayInput())
    last = forms.DateField(
        label="Dernier jour",
        widget=DayInput(),
        required=False,
        validators=[WITHIN_SIGHT],
        help_text="Sans dernier jour, la pause dure jusqu’à ce que vous repreniez.",
    )

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            raise ValidationError("Le dernier jour est avant le premier : vérifiez les deux dates.")
        return given

    def span(self, now: datetime) -> tuple[datetime, datetime | None]:
        """Give the moments; today begins now."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        begins = now if first == now.astimezone(PARIS).date() else midnight(first)
        return begins, midnight(last + timedelta(days=1)) if last else None


class PreferencesForm(forms.Form):
    """How much, and when."""

    weekly_cap = forms.IntegerField(
        label="Nouvelles personnes par semaine, au plus",
        min_value=1,
        max_value=99,
        required=False,
        help_text="Vide : pas de limite.",
    )
    urgent_at_night = forms.BooleanField(
        label="J’accepte un message urgent pendant les heures calmes", required=False
    )
    ranking_objection = forms.BooleanField(
        label="Je m’oppose au classement",
        required=False,
        help_text="Vous serez sollicitée ou sollicité comme un nouvel inscrit, sans historique.",
    )

    def preferences(self) -> Preferences:
        """Say it in the words of the service."""
        return Preferences(**self.cleaned_data)


class MobileForm(forms.Form):
    """The phone that will receive requests."""

    mobile = forms.CharField(
        label="Mobile qui recevra les demandes",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )


class TieForm(forms.Form):
    """Which independently known number was called to confirm the tie."""

    phone_called = forms.CharField(label="Numéro appelé", max_length=40)
    number_found = forms.CharField(label="Trouvé où", max_length=160)


class PlaceForm(forms.Form):
    """A commune, by its name or postal code; its intercommunality comes with it."""

    place = forms.CharField(label="Ajouter les communes de", max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found_places: list[Commune] = []

    def clean_place(self) -> Commune:
        """Give the commune that was meant; several are kept in `.found_places`, to choose from."""
        self.found_places = selectors.communes_matching(self.cleaned_data["place"], 8)
        named = selectors.the_one_named(self.found_places)
        if named is None:
            raise ValidationError(
                "Plusieurs communes commencent ainsi : choisissez la bonne."
                if self.found_places
                else "Aucune commune ne commence ainsi : vérifiez le nom."
            )
        return named


# -- structures, territories, desks, sectors -----------------------------------------------------


class OrganizationForm(forms.Form):
    """What one says of an organisation."""

    name = forms.CharField(label="Nom", max_length=160)
    kind = forms.ChoiceField(label="Nature", choices=OrganizationKind.choices)
    finess = forms.RegexField(
        r"^[0-9A-Za-z]{9}$",
        label="Numéro FINESS",
        required=False,
        error_messages={"invalid": "Un numéro FINESS a 9 caractères, chiffres ou lettres."},
    )
    territory = forms.ModelChoiceField(
        Territory.objects.order_by("name", "kind", "pk"), label="Territoire", required=False
    )
    place = forms.CharField(label="Commune ou code postal", max_length=80, required=False)
    address = forms.CharField(label="Adresse", max_length=240, required=False)
    phone = forms.CharField(label="Téléphone", max_length=40, required=False)
    email = forms.EmailField(label="Adresse électronique", required=False)
    sms_sender_name = forms.RegexField(
        r"^[A-Za-z0-9]{3,11}$",
        label="Expéditeur des textos",
        required=False,
        help_text="De 3 à 11 lettres sans accent ou chiffres.",
        error_messages={"invalid": "De 3 à 11 lettres sans accent ou chiffres."},
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
        return cls(data, initial=initial)

    def clean_phone(self) -> str:
        """A number that exists, or nothing."""
        typed = self.cleaned_data["phone"]
        if typed and not parse_phone(typed):
            raise ValidationError("Ce numéro ne peut pas exister : vérifiez-le.")
        return parse_phone(typed)

    def clean_place(self) -> Any:
        """The commune that the words name, alone or before all others."""
        typed = self.cleaned_data["place"]
        found = selectors.communes_matching(typed, 1) if typed else []
        if typed and not found:
            raise ValidationError("Aucune commune ne commence ainsi : vérifiez le nom.")
        return found[0] if found else None

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
    return forms.ModelChoiceField(Account.objects.none(), label=label)


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

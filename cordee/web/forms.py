"""What the administration types."""

from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from cordee.access.models import Account, Trace
from cordee.directory.forms import WITHIN_SIGHT
from cordee.directory.kinds import MembershipRole
from cordee.directory.models import Organization
from cordee.directory.selectors import practitioner_without_account
from cordee.directory.services import MembershipTraits
from cordee.people.models import Person, Relative
from cordee.people.selectors import Audited
from cordee.web.services import Invited, Offered


class DayInput(forms.DateInput):
    """A day, with the browser's calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def organizations() -> Any:
    """The structures that employ accounts: those of the house, not the whole national register."""
    return Organization.objects.filter(closed_on=None, territory__isnull=False).order_by(
        "name", "pk"
    )


class TracesForm(forms.Form):
    """Which lines of the trace: identifiers only, so that no name stands in an address."""

    nature = forms.ChoiceField(
        label="Nature", choices=[("", "toutes"), *Trace.Kind.choices], required=False
    )
    service = forms.ModelChoiceField(
        organizations(), label="Service", required=False, empty_label="tous"
    )
    jour = forms.DateField(
        label="Jour", widget=DayInput(), required=False, validators=[WITHIN_SIGHT]
    )
    compte = forms.UUIDField(required=False, widget=forms.HiddenInput())
    avant = forms.IntegerField(
        required=False, min_value=1, max_value=10**17, widget=forms.HiddenInput()
    )

    def wanted(self) -> Audited:
        """What is asked; what makes no sense is as if it were not asked."""
        self.is_valid()
        asked = self.cleaned_data
        service = asked.get("service")
        return Audited(
            kind=asked.get("nature") or "",
            account_id=asked.get("compte"),
            organization_id=service.pk if service else None,
            day=asked.get("jour"),
            before=asked.get("avant"),
        )


class WhoForm(forms.Form):
    """Whose lines: posted, for it is a name."""

    qui = forms.CharField(label="Compte, par nom ou adresse", max_length=150)


class RoleForm(forms.Form):
    """A role, where, from when to when."""

    organization = forms.ModelChoiceField(
        organizations(), label="Structure", empty_label="Choisissez…"
    )
    role = forms.ChoiceField(label="Rôle", choices=MembershipRole.choices)
    since = forms.DateField(label="À partir du", widget=DayInput())
    until = forms.DateField(label="Jusqu’au", widget=DayInput(), required=False)

    def clean(self) -> dict[str, Any]:
        """A role ends after it began."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            raise ValidationError("La fin est avant le début : vérifiez les deux dates.")
        return given

    def traits(self, account: Account) -> MembershipTraits:
        """What the directory is told."""
        given = self.cleaned_data
        return MembershipTraits(
            account=account, role=given["role"], since=given["since"], until=given["until"]
        )


class ResetForm(forms.Form):
    """How one made sure that the person who asks is the person."""

    reason = forms.CharField(
        label="Comment avez-vous vérifié son identité\u00a0?",
        max_length=200,
        help_text="Par exemple : rappel au numéro connu du service, pièce vue en présence.",
    )


LIBERAL = "liberal"


class InvitationForm(forms.Form):
    """Whom one invites, to do what, where, until when."""

    name = forms.CharField(label="Prénom et nom", max_length=150)
    email = forms.EmailField(max_length=254, label="Adresse électronique")
    organization = forms.ModelChoiceField(
        organizations(), label="Structure", empty_label="Choisissez…"
    )
    role = forms.ChoiceField(
        label="Rôle",
        choices=[*MembershipRole.choices, (LIBERAL, "professionnel de santé libéral")],
    )
    rpps = forms.CharField(
        label="Numéro RPPS",
        required=False,
        max_length=20,
        help_text="Pour un professionnel libéral seulement\u00a0: son compte ouvre sa fiche.",
    )
    until = forms.DateField(label="Rôle jusqu’au", widget=DayInput(), required=False)

    def clean(self) -> dict[str, Any]:
        """A professional is known by their number; a role needs none."""
        given = super().clean() or {}
        if given.get("role") == LIBERAL and "rpps" in given:
            given["practitioner"] = found = practitioner_without_account(given["rpps"])
            if found is None:
                self.add_error(
                    "rpps",
                    "Aucun professionnel en activité et sans compte n’a ce numéro dans "
                    "l’annuaire\u00a0: vérifiez-le.",
                )
        return given

    @property
    def invited(self) -> Invited:
        """What was typed, as the service takes it."""
        given = self.cleaned_data
        practitioner = given.get("practitioner")
        return Invited(
            given["email"],
            given["name"],
            given["organization"],
            "" if practitioner else given["role"],
            until=None if practitioner else given["until"],
            practitioner=practitioner,
        )


class AcceptForm(forms.Form):
    """The password of a new account, or of the account one already has."""

    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Douze caractères ou plus. Une phrase est plus sûre et plus facile à retenir.",
    )


class SpaceForm(forms.Form):
    """Whom one offers the own space to, and how one knows who they are."""

    who = forms.ChoiceField(label="Pour qui", widget=forms.RadioSelect)
    email = forms.EmailField(max_length=254, label="Son adresse électronique")
    proved_how = forms.CharField(
        label="Comment avez-vous vérifié son identité\u00a0?",
        max_length=120,
        help_text="Par exemple\u00a0: pièce d’identité vue à son domicile.",
    )

    def __init__(self, *args: Any, person: Person, relatives: Iterable[Relative], **more: Any):
        super().__init__(*args, **more)
        self.relatives = {str(one.pk): one for one in relatives}
        cast(forms.ChoiceField, self.fields["who"]).choices = [
            ("", f"{person.short_name}, pour son propre espace"),
            *((pk, f"{one.name}, {one.get_link_display()}") for pk, one in self.relatives.items()),
        ]
        self.fields["who"].required = False

    @property
    def offered(self) -> Offered:
        """What was typed, as the service takes it."""
        given = self.cleaned_data
        return Offered(given["email"], given["proved_how"], self.relatives.get(given["who"]))


class AcceptSpaceForm(AcceptForm):
    """What only somebody close knows, and a password."""

    birth_date = forms.DateField(
        label="Date de naissance de la personne accompagnée",
        input_formats=["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d%m%Y", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"placeholder": "jj/mm/aaaa", "inputmode": "numeric"}),
        help_text="Pour vérifier que ce lien vous est bien destiné.",
    )
    field_order = ["birth_date", "password"]


class FilterForm(forms.Form):
    """A filter to keep: only what the worklist knows how to filter by, never a word typed."""

    name = forms.CharField(label="Nom du filtre", max_length=80)
    shared = forms.BooleanField(label="Partager avec mon équipe", required=False)
    query = forms.CharField(widget=forms.HiddenInput, max_length=500, required=False)

    def clean_query(self) -> str:
        """Keep the known filters only."""
        given = QueryDict(self.cleaned_data["query"])
        known = [(key, given[key]) for key in ("boite", "qui", "urgence") if given.get(key)]
        return urlencode([(key, value) for key, value in known if value.isalnum() or "_" in value])

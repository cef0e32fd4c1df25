"""What humans type about a circle: who joins it, and somebody close."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from cordee.directory.models import Organization, Practitioner
from cordee.people.models import CircleMember, Relative
from cordee.people.rules import circle
from cordee.people.rules.sharing import Ground
from cordee.people.services import Joining, RelativeSaid


class JoinForm(forms.Form):
    """Somebody or some structure to let in the circle."""

    who = forms.ChoiceField(
        label="Qui",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez qui rejoint le cercle, ou cherchez par le nom."},
    )
    role = forms.ChoiceField(
        label="Rôle",
        choices=[("", "—"), *CircleMember.Role.choices],
        error_messages={"required": "Choisissez le rôle dans le cercle."},
    )
    ground = forms.ChoiceField(
        label="Équipe de soins",
        choices=Ground.choices(),
        required=False,
        initial=Ground.RECOGNISED.value,
    )
    is_usual_nurse = forms.BooleanField(label="Infirmière habituelle", required=False)
    is_reference = forms.BooleanField(label="Coordination de référence", required=False)

    def __init__(
        self,
        *args: Any,
        practitioners: Iterable[Practitioner] = (),
        organizations: Iterable[Organization] = (),
        relatives: Iterable[Relative] = (),
        **details: Any,
    ) -> None:
        super().__init__(*args, **details)
        found = {f"practitioner_id:{one.pk}": one for one in practitioners}
        self.professions = {key: one.profession for key, one in found.items()}
        choices = [
            *((key, _said(one)) for key, one in found.items()),
            *((f"organization_id:{one.pk}", _placed(one)) for one in organizations),
            *((f"relative_id:{one.pk}", f"{one.name}, proche") for one in relatives),
        ]
        cast(forms.ChoiceField, self.fields["who"]).choices = choices
        if len(choices) == 1:
            self.fields["who"].initial = choices[0][0]

    def clean(self) -> dict[str, Any]:
        """Say what cannot be of this one in this role, next to its field."""
        cleaned = super().clean() or {}
        if not self.errors:
            joining = self.joining
            faults = circle.faults(
                joining.role,
                profession=self.professions.get(cleaned["who"], ""),
                is_relative=joining.relative_id is not None,
                is_usual_nurse=joining.is_usual_nurse,
                is_reference=joining.is_reference,
            )
            for name, sentence in faults.items():
                self.add_error(name, sentence)
        return cleaned

    @property
    def joining(self) -> Joining:
        """Who joins, as the service takes it."""
        typed = dict(self.cleaned_data)
        column, _, pk = typed.pop("who").partition(":")
        return Joining(**{column: pk}, **typed)


def _said(practitioner: Practitioner) -> str:
    """Name, profession and places: two of the same name are told apart."""
    name = f"{practitioner.last_name} {practitioner.first_name}, {practitioner.profession_name}"
    sites = getattr(practitioner, "open_sites", [])
    places = dict.fromkeys(site.commune.name for site in sites if site.commune)
    made_up = ", personne fictive" if practitioner.is_synthetic else ""
    return name + (f" ({', '.join(places)})" if places else "") + made_up


def _placed(organization: Organization) -> str:
    place = f" ({organization.commune.name})" if organization.commune else ""
    made_up = ", structure fictive" if organization.is_synthetic else ""
    return f"{organization.name}{place}{made_up}"


class RelativeForm(forms.Form):
    """Somebody close."""

    name = forms.CharField(label="Nom et prénom", max_length=160)
    link = forms.ChoiceField(label="Lien", choices=Relative.Link)
    phone = forms.CharField(label="Téléphone", max_length=30, required=False)
    email = forms.EmailField(max_length=254, label="Adresse électronique", required=False)
    is_trusted = forms.BooleanField(label="Personne de confiance", required=False)
    has_parental_authority = forms.BooleanField(
        label="Titulaire de l’autorité parentale", required=False
    )
    is_representative = forms.BooleanField(label="Représentant légal", required=False)
    is_called_first = forms.BooleanField(label="À prévenir en premier", required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def said(self) -> RelativeSaid:
        """What was typed, as the service takes it."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return RelativeSaid(**typed)

"""What people look for in the directory."""

from typing import Any

from django import forms

from cordee.access.actor import Actor
from cordee.directory import selectors
from cordee.directory.kinds import (
    NURSING,
    CareKind,
    OrganizationKind,
    Profession,
)
from cordee.directory.models import (
    Territory,
)


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

"""A dilemma, as it is typed."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict

from cordee.access.models import Account
from cordee.kernel.day_field import DayField, DayForm
from cordee.meetings.forms.minutes import area
from cordee.meetings.models import Dilemma
from cordee.meetings.services import DilemmaSaid


class DilemmaForm(DayForm):
    """What was possible, what was at stake, what was chosen and why."""

    question = forms.CharField(
        label="La question qui se pose",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    options = area("Les choix possibles", 4, 4000)
    stakes = area("Les valeurs en jeu", 3, 4000)
    seats = forms.MultipleChoiceField(
        label="Qui y a pris part", widget=forms.CheckboxSelectMultiple, required=False
    )
    others = forms.CharField(label="Autres personnes entendues", max_length=300, required=False)
    choice = area("Le choix fait", 3, 2000)
    why = area("Pourquoi ce choix", 3, 4000)
    review_on = DayField(label="À relire le", required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        accounts: Iterable[Account],
        dilemma: Dilemma | None = None,
        seated: Iterable[Account] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        everybody = {one.pk: one.name for one in (*accounts, *seated)}
        choices = [(str(pk), name) for pk, name in everybody.items()]
        cast(forms.MultipleChoiceField, self.fields["seats"]).choices = choices
        if dilemma:
            self.initial.update({name: getattr(dilemma, name, None) for name in self.fields})
            self.initial.update(seats=[str(one.pk) for one in seated], seen=dilemma.version)

    @property
    def said(self) -> DilemmaSaid:
        """The dilemma, as the service takes it."""
        typed = {name: self.cleaned_data[name] for name in self.fields if name != "seen"}
        return DilemmaSaid(**typed | {"seats": [UUID(one) for one in typed["seats"]]})

    def shows_again(self, version: int) -> None:
        """After another window wrote: what is typed stays, and is saved knowingly."""
        sent = cast(QueryDict, self.data).copy()
        sent["seen"] = str(version)
        self.data = sent

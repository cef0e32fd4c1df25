"""The lines of a plan, as they are typed."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms

from cordee.access.models import Account
from cordee.kernel.day_field import DayField, DayForm
from cordee.people.models import CircleMember
from cordee.plans.models import Goal, Need
from cordee.plans.rules.domains import Domain, Level
from cordee.plans.rules.lines import Choice, Funding, Voice
from cordee.plans.rules.rhythms import Rhythm
from cordee.plans.selectors import name_of
from cordee.plans.services import AlertSaid, DeedSaid, GoalSaid, NeedSaid, Words

NONE = [("", "—")]


def area(label: str, rows: int = 3, longest: int = 600, **options: Any) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(
        label=label, max_length=longest, widget=forms.Textarea(attrs={"rows": rows}), **options
    )


class LineForm(DayForm):
    """Something written in a plan: `seen` is the version of the row that was read before."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, line: Any = None, **options: Any) -> None:
        options.setdefault("initial", known(line, self.base_fields) if line else {})
        super().__init__(*args, **options)
        self.line = line

    def clean(self) -> dict[str, Any]:
        """What is written again was read before."""
        cleaned = super().clean() or {}
        if self.line is not None and cleaned.get("seen") is None:
            self.add_error(None, "Rouvrez la page\u00a0: elle ne dit pas ce que vous aviez lu.")
        return cleaned

    @property
    def said(self) -> Any:
        """What was typed, as the service takes it."""
        raise NotImplementedError

    def shows_again(self, version: int) -> None:
        """After somebody else wrote: what is typed stays, what is read is what stands now."""
        self.data = {**dict(self.data.items()), "seen": str(version)}


def known(line: Any, names: Iterable[str]) -> dict[str, Any]:
    """Show a row as its form does."""
    shown = {
        name: getattr(line, f"{name}_id" if hasattr(line, f"{name}_id") else name)
        for name in names
        if hasattr(line, name)
    }
    return {**shown, "seen": line.version}


class WordsForm(LineForm):
    """What the person says, and who answers for the plan."""

    wishes = area("Ses souhaits, dans ses mots", 5, 4000, required=False)
    strengths = area("Ses forces", 3, 4000, required=False)
    resources = area("Ce qui l’aide, autour d’elle et chez elle", 3, 4000, required=False)
    difficulties = area("Ce qui est difficile", 3, 4000, required=False)
    referent = forms.ChoiceField(label="Référent du plan", required=False)

    def __init__(self, *args: Any, referents: Iterable[Account], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(str(one.pk), one.name) for one in referents]
        cast(forms.ChoiceField, self.fields["referent"]).choices = [*NONE, *choices]

    @property
    def said(self) -> Words:
        typed = {name: self.cleaned_data[name] for name in TEXTS}
        referent = self.cleaned_data["referent"]
        return Words(**typed, referent_id=UUID(referent) if referent else None)


TEXTS = ("wishes", "strengths", "resources", "difficulties")


class NeedForm(LineForm):
    """A need, and what comes first."""

    domain = forms.ChoiceField(label="Domaine", choices=Domain.choices())
    words = area("Le besoin, ou ce qui pose problème")
    necessary = forms.ChoiceField(label="Nécessaire", choices=Level.choices(), initial="2")
    possible = forms.ChoiceField(label="Possible", choices=Level.choices(), initial="2")

    @property
    def said(self) -> NeedSaid:
        typed = self.cleaned_data
        return NeedSaid(
            words=typed["words"],
            domain=Domain(typed["domain"]),
            necessary=typed["necessary"],
            possible=typed["possible"],
            origin=self.line.origin if self.line else "",
        )


class GoalForm(LineForm):
    """An objective shared with the person."""

    words = area("L’objectif, tel qu’on l’a formulé ensemble")
    voice = forms.ChoiceField(label="Formulé par", choices=Voice.choices(), initial="together")
    need = forms.ChoiceField(label="Répond au besoin", required=False)
    why = area("Pourquoi c’est important pour la personne", required=False)
    target = forms.CharField(
        label="À quoi on verra que c’est atteint",
        max_length=300,
        required=False,
        help_text="Critère de résultat\u00a0: ce qui aura changé pour la personne.",
    )
    review_on = DayField(label="À revoir le", required=False)

    def __init__(self, *args: Any, needs: Iterable[Need], **options: Any) -> None:
        super().__init__(*args, **options)
        self.needs = {str(need.pk): need for need in needs}
        choices = [(pk, _cut(need.words)) for pk, need in self.needs.items()]
        cast(forms.ChoiceField, self.fields["need"]).choices = [*NONE, *choices]

    @property
    def said(self) -> GoalSaid:
        typed = self.cleaned_data
        return GoalSaid(
            words=typed["words"],
            voice=typed["voice"],
            need=self.needs.get(typed["need"]),
            why=typed["why"],
            target=typed["target"],
            review_on=typed["review_on"],
        )


class ActionForm(LineForm):
    """An action: hers to do, or to entrust."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    goal = forms.ChoiceField(
        label="Pour l’objectif",
        error_messages={"required": "Choisissez l’objectif que cette action sert."},
    )
    words = area("L’action", 2)
    choice = forms.ChoiceField(
        label="La personne choisit",
        choices=[*Choice.choices(), ("", "elle n’a pas encore choisi")],
        required=False,
        widget=forms.RadioSelect,
    )
    member = forms.ChoiceField(
        label="Confiée à",
        required=False,
        help_text="Parmi le cercle. Rien si la personne la fait elle-même.",
    )
    rhythm = forms.ChoiceField(label="Rythme", choices=Rhythm.choices(), initial="once")
    first_on = DayField(label="Le, ou à partir du", required=False)
    process = forms.CharField(
        label="À quoi on verra que cela se fait",
        max_length=300,
        required=False,
        help_text="Critère de processus\u00a0: à quoi l’on sait que l’action est menée.",
    )
    funding = forms.ChoiceField(
        label="Financement", choices=[*NONE, *Funding.choices()], required=False
    )

    def __init__(
        self, *args: Any, goals: Iterable[Goal], members: Iterable[CircleMember], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.goals = {str(goal.pk): goal for goal in goals}
        self.members = {str(one.pk): one for one in members}
        said = [(pk, _cut(goal.words)) for pk, goal in self.goals.items()]
        who = [
            (pk, f"{name_of(one)}, {one.get_role_display()}") for pk, one in self.members.items()
        ]
        cast(forms.ChoiceField, self.fields["goal"]).choices = [*NONE, *said]
        cast(forms.ChoiceField, self.fields["member"]).choices = [*NONE, *who]

    @property
    def said(self) -> DeedSaid:
        typed = self.cleaned_data
        return DeedSaid(
            words=typed["words"],
            goal=self.goals[typed["goal"]],
            choice=typed["choice"],
            member=self.members.get(typed["member"]),
            rhythm=typed["rhythm"],
            first_on=typed["first_on"],
            process=typed["process"],
            funding=typed["funding"],
            key=typed["key"],
        )


class AlertForm(LineForm):
    """Whom to call, when, in which order."""

    place = forms.IntegerField(label="Ordre d’appel", min_value=1, max_value=20, initial=1)
    words = forms.CharField(label="Si cela arrive", max_length=300)
    who = forms.CharField(label="Appeler", max_length=160)
    phone = forms.CharField(label="Téléphone", max_length=20, required=False)

    @property
    def said(self) -> AlertSaid:
        typed = {name: self.cleaned_data[name] for name in ("place", "words", "who", "phone")}
        return AlertSaid(**typed)


def form_for(kind: str, around: dict[str, Any]) -> tuple[type[LineForm], dict[str, Any]]:
    """Give the form of a kind of line, and what it chooses among."""
    form, *names = FORMS[kind]
    return form, {name: around[name] for name in names}


FORMS: dict[str, Any] = {
    "need": (NeedForm,),
    "goal": (GoalForm, "needs"),
    "action": (ActionForm, "goals", "members"),
    "alert": (AlertForm,),
}


def _cut(words: str) -> str:
    return words if len(words) <= 80 else f"{words[:79]}…"

"""What is typed about visits at home. Forms check; services decide."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from cordee.directory.models import Organization
from cordee.kernel.day_field import DayField, DayForm
from cordee.kernel.days import DayError, read_day
from cordee.kernel.identifiers import uuid7
from cordee.vigilance.models import Alert, Visit
from cordee.vigilance.rules.equipment import Stage, What
from cordee.vigilance.rules.following import MINUTES, Deed, Effect, Verdict
from cordee.vigilance.rules.limits import USUAL_BUDGET
from cordee.vigilance.rules.marks import LEVELS, MARKS, NEEDS, SIGNS, Kind
from cordee.vigilance.rules.reinforced import GROUNDS, OUTCOMES, Ground, Outcome
from cordee.vigilance.rules.safety import Fear
from cordee.vigilance.rules.sent import WORDS, Sent, Unfit, read
from cordee.vigilance.services import Done, Ended, Step

LEVEL_CHOICES = [(str(level), word) for level, word in LEVELS.items()]
HEAVIEST = 5_000_000
"""Bytes of a planning: three months of a large service."""
FIRST_POINT = timedelta(days=14)


class MarkForm(forms.Form):
    """A visit, marked without scripts."""

    visit, health, morale, fitness = (
        forms.ChoiceField(
            label=label, choices=LEVEL_CHOICES, widget=forms.RadioSelect, required=False
        )
        for label in MARKS.values()
    )
    signs = forms.MultipleChoiceField(
        label="Signes",
        choices=list(SIGNS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    words = forms.CharField(
        label="En quelques mots",
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    urgent = forms.BooleanField(label="C’est urgent", required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def said(self, person_id: UUID, now: datetime) -> Sent | Unfit:
        """The visit, as a phone would send it."""
        typed = self.cleaned_data
        marks = {name: int(typed[name]) for name in MARKS if typed[name]}
        return read(
            {
                "id": str(typed["key"] or uuid7()),
                "person": str(person_id),
                "at": now.isoformat(),
                "marks": marks,
                "signs": typed["signs"],
                "words": typed["words"],
                "urgent": typed["urgent"],
            }
        )


class NeedForm(forms.Form):
    """A need, raised in one more tap: each button is one."""

    sign = forms.ChoiceField(choices=list(SIGNS.items()))
    key = forms.UUIDField(required=False)

    def said(self, person_id: UUID, now: datetime) -> Sent | Unfit:
        """The need, as a phone would send it."""
        typed = self.cleaned_data
        key = str(typed["key"] or uuid7())
        about: dict[str, Any] = {"id": key, "person": str(person_id), "at": now.isoformat()}
        return read(about | {"kind": Kind.NEED.value, "signs": [typed["sign"]]})


OFFERED = [(code, SIGNS[code]) for code in (*NEEDS, *(one for one in SIGNS if one not in NEEDS))]
"""Needs in the order in which they are offered."""


class AnswerForm(forms.Form):
    """What was done, told to the helper."""

    words = forms.CharField(
        label="Ce qui a été fait",
        max_length=300,
        error_messages={"required": "Dites en quelques mots ce qui a été fait."},
    )


class VisitAnswerForm(AnswerForm):
    """What was done after a visit, told to its helper: said, or said better."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, visit: Visit) -> "VisitAnswerForm":
        """What is told already, to be completed."""
        return cls(initial={"words": visit.answer, "seen": visit.version})


class PlanningForm(forms.Form):
    """A planning, in CSV or ICS, of one of the services that one works for."""

    service = forms.ChoiceField(label="Service")
    file = forms.FileField(
        label="Fichier du planning",
        widget=forms.FileInput(attrs={"accept": ".csv,.ics,text/csv,text/calendar"}),
        error_messages={"required": "Choisissez le fichier du planning."},
    )

    def __init__(self, *given: Any, services: Sequence[Organization]) -> None:
        super().__init__(*given)
        self.services = {str(one.pk): one for one in services}
        named = [(key, one.name) for key, one in self.services.items()]
        self.fields["service"].choices = named  # type: ignore[attr-defined]
        if len(named) == 1:
            del self.fields["service"]

    @property
    def chosen(self) -> Organization:
        """The service whose planning it is."""
        only = next(iter(self.services))
        return self.services[self.cleaned_data.get("service", only)]

    def clean_file(self) -> Any:
        """Refuse what is too heavy, or neither of the two."""
        given = self.cleaned_data["file"]
        if given.size > HEAVIEST:
            raise forms.ValidationError("Ce fichier est trop lourd\u00a0: exportez moins de jours.")
        if not given.name.lower().endswith((".csv", ".ics")):
            raise forms.ValidationError("Donnez un fichier CSV (tableau) ou ICS (agenda).")
        return given


class AsRead(forms.Form):
    """What the page said of an alert when it was answered."""

    times = forms.IntegerField(widget=forms.HiddenInput, required=False)


class DoneForm(DayForm, AsRead):
    """What is recommended on an alert, and done. The page that is answered says what stood there:
    what was not touched is told from what was."""

    COLUMNS = {"deed": "deed", "words": "deed_words", "advice": "advice", "review_on": "review_on"}
    deed = forms.ChoiceField(
        label="Ce qui est fait", choices=Deed.choices(), show_hidden_initial=True
    )
    words = forms.CharField(
        label="En quelques mots", max_length=300, required=False, show_hidden_initial=True
    )
    advice = forms.CharField(
        label="Recommandation",
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        show_hidden_initial=True,
    )
    review_on = DayField(label="À revoir le", required=False, show_hidden_initial=True)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, alert: Alert, today: date) -> "DoneForm":
        """What is done already, to be completed."""
        known = {name: getattr(alert, column) for name, column in cls.COLUMNS.items()}
        return cls(today=today, initial=known | {"seen": alert.version})

    def shows(self, alert: Alert) -> bool:
        """Whether what is done stands as the page that was answered said."""
        stands = self._standing(alert).items()
        return all(self.data.get(self[name].html_initial_name, "") == text for name, text in stands)

    def again(self, alert: Alert) -> dict[str, str]:
        """What is sent when the page is shown again: what stands now, where nothing was touched."""
        stands = self._standing(alert)
        kept = {name: text for name, text in stands.items() if name not in self.changed_data}
        shown = {self[name].html_initial_name: text for name, text in stands.items()}
        return kept | shown | {"seen": str(alert.version)}

    def _standing(self, alert: Alert) -> dict[str, str]:
        columns = self.COLUMNS.items()
        return {
            name: self.fields[name].prepare_value(getattr(alert, column)) or ""
            for name, column in columns
        }

    @property
    def said(self) -> Done:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        return Done(
            advice=typed["advice"],
            deed=Deed(typed["deed"]),
            words=typed["words"],
            review_on=typed["review_on"],
            times=typed["times"],
            seen=typed["seen"],
        )


def moment_of(answer: Visit | None) -> str:
    """When an answer was told, as a form says it: whole, where a field would cut it."""
    return answer.answered_at.isoformat() if answer and answer.answered_at else ""


class EndedForm(AsRead):
    """What an alert was worth, how it went, and what the helper is told."""

    verdict = forms.ChoiceField(
        label="Cette alerte était", choices=Verdict.choices(), widget=forms.RadioSelect
    )
    effect = forms.ChoiceField(
        label="Comment va la personne", choices=Effect.choices(), widget=forms.RadioSelect
    )
    feedback = forms.CharField(
        label="Ce que lira l’aide à domicile",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
    told_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, answer: Visit | None) -> "EndedForm":
        """Shown with the last answer that helpers were told."""
        return cls(initial={"told_at": moment_of(answer)})

    @property
    def said(self) -> Ended:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        return Ended(
            verdict=Verdict(typed["verdict"]),
            effect=Effect(typed["effect"]),
            feedback=typed["feedback"],
            times=typed["times"],
            told_at=typed["told_at"],
        )


class BudgetForm(forms.Form):
    """How many false alerts a week are bearable, and who is told when."""

    per_week = forms.DecimalField(
        label="Fausses alertes supportables par semaine",
        min_value=Decimal("0.5"),
        max_value=500,
        max_digits=5,
        decimal_places=1,
        initial=Decimal(str(USUAL_BUDGET)),
        localize=True,
    )
    minutes = forms.IntegerField(
        label="Minutes avant de prévenir quelqu’un d’autre",
        min_value=5,
        max_value=1440,
        initial=MINUTES,
    )
    mobile = forms.CharField(label="Numéro prévenu par SMS", max_length=20, required=False)


class PointForm(forms.Form):
    """The day of the next point."""

    review_on = forms.CharField(
        label="Prochain point le",
        max_length=30,
        widget=forms.TextInput(attrs={"placeholder": "jj/mm/aaaa", "autocomplete": "off"}),
        error_messages={"required": "Dites quand vous ferez le point."},
    )

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        self.today = today
        first = (today + FIRST_POINT).strftime("%d/%m/%Y")
        options.setdefault("initial", {"review_on": first})
        super().__init__(*args, **options)

    def clean_review_on(self) -> date:
        """Read the day. Raises ValidationError."""
        try:
            day = read_day(self.cleaned_data["review_on"], self.today)
        except DayError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        if day < self.today:
            raise forms.ValidationError("Ce jour est passé\u00a0: choisissez un jour à venir.")
        return day


class ReinforceForm(PointForm):
    """Why somebody is followed more closely."""

    ground = forms.ChoiceField(
        label="Motif",
        choices=[("", "—"), *((one.value, words) for one, words in GROUNDS.items())],
        error_messages={"required": "Choisissez un motif."},
    )
    field_order = ("ground", "review_on")

    def __init__(self, *args: Any, proposed: Sequence[Ground] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["ground"] = proposed[0] if proposed else ""

    @property
    def chosen(self) -> Ground:
        """The ground chosen."""
        return Ground(self.cleaned_data["ground"])


class EndForm(forms.Form):
    """How it ended."""

    outcome = forms.ChoiceField(
        label="Comment il se termine",
        choices=[(one.value, words) for one, words in OUTCOMES.items()],
    )

    @property
    def chosen(self) -> Outcome:
        """The outcome chosen. Raises KeyError before the form is checked."""
        return Outcome(self.cleaned_data["outcome"])


class DueForm(DayForm):
    """Something that is looked at again on a day."""

    due_on = DayField(
        label="À vérifier le",
        error_messages={"required": "Dites quand vous vérifierez la suite."},
    )


class EquipmentForm(DueForm):
    """Equipment that is asked for."""

    what = forms.ChoiceField(label="Matériel", choices=[("", "—"), *What.choices()])
    words = forms.CharField(label="Précisions", max_length=300, required=False)
    field_order = ("what", "words", "due_on")


class StepForm(DayForm):
    """A step of an equipment request: which, when, and when one looks again."""

    stage = forms.ChoiceField(label="Étape", widget=forms.RadioSelect)
    happened_on = DayField(label="Le")
    words = forms.CharField(
        label="Précisions",
        max_length=300,
        required=False,
        help_text="Prescripteur, fournisseur, ce qui ne convient pas.",
    )
    due_on = DayField(label="À vérifier le", required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, stages: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["stage"].choices = stages  # type: ignore[attr-defined]

    @property
    def said(self) -> Step:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        return Step(
            stage=Stage(typed["stage"]),
            happened_on=typed["happened_on"],
            due_on=typed["due_on"],
            words=typed["words"],
            seen=typed["seen"],
        )


class TrialForm(DueForm):
    """A small everyday action that is tried."""

    words = forms.CharField(label="Ce qui est essayé", max_length=300)
    field_order = ("words", "due_on")


class TrialReviewForm(forms.Form):
    """What a small action did."""

    effect = forms.ChoiceField(
        label="Comment va la personne", choices=Effect.choices(), widget=forms.RadioSelect
    )
    goes_on = forms.BooleanField(label="On continue", required=False)


class SafetyForm(forms.Form):
    """Why a helper does not feel safe: each button is one."""

    CHOICES = Fear.choices()
    fear = forms.ChoiceField(choices=CHOICES)

    @property
    def chosen(self) -> Fear:
        """The reason pressed."""
        return Fear(self.cleaned_data["fear"])

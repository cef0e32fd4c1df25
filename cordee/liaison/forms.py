"""What is typed in the notebook, and of a contact. Forms check; services decide."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from cordee.kernel.days import DayError, read_day
from cordee.kernel.identifiers import uuid7
from cordee.liaison.models import CATEGORY_CHOICES, LONG, Note, NoteDraft
from cordee.liaison.rules import (
    LONGEST,
    QUICK,
    Importance,
    Result,
    Way,
    Whom,
    about,
    linked,
    said_length,
)
from cordee.liaison.selectors import Wanted
from cordee.liaison.services import ContactSaid, NoteSaid
from cordee.people.rules.sharing import Category

PARIS = ZoneInfo("Europe/Paris")
HOURS = ["%H:%M", "%Hh%M", "%H h %M", "%Hh", "%H h", "%H"]


class NoteForm(forms.Form):
    """A note, or an answer, which has the readers of what it answers."""

    body = forms.CharField(
        label="Note",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Écrivez la note."},
    )
    importance = forms.ChoiceField(
        label="Importance",
        choices=Importance.choices(),
        widget=forms.RadioSelect,
        initial=Importance.ORDINARY.value,
    )
    category = forms.ChoiceField(
        label="Ce que la note dit",
        choices=CATEGORY_CHOICES,
        widget=forms.RadioSelect,
        initial=Category.COORDINATION.value,
        help_text="C’est ce qui décide de qui la lit.",
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    sur = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)

    def __init__(self, *args: Any, keeps_readers: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if keeps_readers:
            del self.fields["category"]

    @property
    def said(self) -> NoteSaid:
        """The note, as the service takes it."""
        typed = self.cleaned_data
        return NoteSaid(
            body=typed["body"],
            importance=typed["importance"],
            category=typed.get("category", Category.COORDINATION.value),
            about=typed["sur"],
            key=typed["key"],
        )


def at_first(draft: NoteDraft | None, given: Mapping[str, str]) -> dict[str, Any]:
    """What a fresh page holds: what was being typed, else what its address says."""
    if draft is None:
        return {"key": uuid7(), "sur": linked(given), **_asked(given)}
    kept = {"importance": draft.importance, "category": draft.category}
    kept = {name: value for name, value in kept.items() if value}
    return {"key": draft.pk, "body": draft.body, "sur": linked(given), **kept}


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    category = str(given.get("categorie", ""))
    return {"category": category} if category in dict(CATEGORY_CHOICES) else {}


def as_written(note: Note) -> dict[str, Any]:
    """A note to be corrected."""
    return {"body": note.body, "importance": note.importance, "sur": note.about}


def half_typed(data: Mapping[str, str]) -> NoteSaid:
    """What is being typed: whatever it is, as long as a page of ours could have sent it."""
    importance, category = str(data.get("importance", "")), str(data.get("category", ""))
    try:
        key = UUID(str(data.get("key", "")))
    except ValueError:
        key = None
    return NoteSaid(
        body=str(data.get("body", "")),
        importance=importance if importance in dict(Importance.choices()) else "",
        category=category if category in dict(CATEGORY_CHOICES) else "",
        key=key,
    )


def shown(data: Mapping[str, str]) -> list[UUID]:
    """The notes that a page says it showed; what is no key is none."""
    found = []
    for word in str(data.get("montrees", "")).split():
        with suppress(ValueError):
            found.append(UUID(word))
    return found


class WithdrawForm(forms.Form):
    """Why a note is taken back."""

    why = forms.CharField(label="Pourquoi", max_length=300)


def wanted(given: Mapping[str, str]) -> Wanted:
    """The filters of a notebook; what is not understood is as if it were not asked."""
    shown, category = given.get("voir", ""), str(given.get("categorie", ""))
    page = str(given.get("page", ""))
    return Wanted(
        unread=shown == "a-lire",
        important=shown == "importantes",
        category=category if category in dict(CATEGORY_CHOICES) else "",
        about=about(str(given.get("sur", ""))),
        page=int(page) if page.isdecimal() and 0 < int(page) < 1000 else 1,  # noqa: PLR2004
    )


class TakeBackForm(forms.Form):
    """Why a contact is taken back."""

    why = forms.CharField(
        label="Ce qui ne va pas",
        max_length=300,
        error_messages={"required": "Dites en un mot pourquoi ce contact est repris."},
    )


class ContactForm(forms.Form):
    """Somebody was called, visited, or written to."""

    way = forms.ChoiceField(
        label="Comment",
        choices=Way.choices(),
        widget=forms.RadioSelect,
        initial=Way.CALL.value,
    )
    whom = forms.ChoiceField(
        label="Avec qui",
        choices=Whom.choices(),
        widget=forms.RadioSelect,
        initial=Whom.PERSON.value,
    )
    result = forms.ChoiceField(
        label="Résultat",
        choices=Result.choices(),
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si quelqu’un a répondu."},
    )
    day = forms.CharField(label="Jour", max_length=30)
    hour = forms.TimeField(
        label="Heure",
        input_formats=HOURS,
        error_messages={"invalid": "Écrivez l’heure ainsi\u00a0: 14:30."},
    )
    quick = forms.ChoiceField(
        label="Durée",
        choices=[("", "non notée"), *((str(one), said_length(one)) for one in QUICK)],
        widget=forms.RadioSelect,
        initial="",
        required=False,
    )
    minutes = forms.IntegerField(
        label="Une autre durée, en minutes",
        min_value=1,
        max_value=LONGEST,
        required=False,
        error_messages={"invalid": "Écrivez un nombre de minutes\u00a0: 45."},
    )
    words = forms.CharField(label="En bref", max_length=300, required=False)

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        here = now.astimezone(PARIS)
        options.setdefault(
            "initial", {"day": here.strftime("%d/%m/%Y"), "hour": here.strftime("%H:%M")}
        )
        super().__init__(*args, **options)
        self.now = here

    def clean_day(self) -> Any:
        """Read the day as it was typed. Raises ValidationError with a sentence."""
        try:
            return read_day(self.cleaned_data["day"], self.now.date(), past=True)
        except DayError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    @property
    def said(self) -> ContactSaid:
        """The contact, as the service takes it."""
        typed = self.cleaned_data
        hour: time = typed["hour"]
        return ContactSaid(
            way=Way(typed["way"]),
            whom=Whom(typed["whom"]),
            result=Result(typed["result"]),
            made_at=datetime.combine(typed["day"], hour, tzinfo=PARIS),
            words=typed["words"],
            minutes=typed["minutes"] or int(typed["quick"] or 0) or None,
        )

"""What is typed or chosen on the worklist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from cordee.access.models import Account
from cordee.kernel.errors import DomainError
from cordee.kernel.templating import url
from cordee.pathways import rules
from cordee.pathways.caseload import Load
from cordee.pathways.models import HandOver, Task
from cordee.pathways.rules.dose import PERIODS, USUAL
from cordee.pathways.selectors import Wanted
from cordee.pathways.services import Handing

PAGES = {
    "intake/request": "intake:request",
    "intake/refusal": "intake:stopped",
    "broker/solicitation": "broker:search",
    "people/person": "web:person",
    "people/emergency": "people:emergency_review",
    "people/merge": "people:merged",
    "people/pairs": "people:pairs",
    "plans/plan": "plans:plan",
    "plans/action": "plans:action",
    "assessments/response": "assessments:result",
    "assessments/part": "assessments:part",
    "protocols/rupture": "protocols:rupture",
    "protocols/version": "protocols:version",
    "meetings/meeting": "meetings:meeting",
    "meetings/decision": "meetings:decision",
    "meetings/note": "meetings:dilemma",
    "pathways/hand_over": "pathways:handed_over",
    "liaison/note": "liaison:note",
    "vigilance/alert": "vigilance:alert",
    "vigilance/visit": "vigilance:visit",
    "vigilance/safety": "vigilance:safety",
    "vigilance/equipment": "vigilance:equipment",
    "vigilance/trial": "vigilance:trial",
    "vigilance/reinforced": "vigilance:reinforced",
    "vigilance/aside": "vigilance:aside",
    "messaging/inbound": "messaging:inbound",
    "messaging/message": "messaging:message",
}
# Who comes is looked at on the search, which is read longer than the request that it served; who
# comes no more, where nothing else of the search is shown; choices, where they are written down.
OF_A_KIND = {
    **dict.fromkeys(
        ("place_away", "place_gone", "place_left", "tell_winner", "tell_visit"),
        "pathways:search_of",
    ),
    "call_off": "broker:called_off",
    "ask_choices": "people:choices",
}


WHOSE = ("mine", "team", "closely", "put_off")
LONGEST = 200  # characters of where a page ended


@dataclass(frozen=True)
class WorklistFilter:
    """The filters of the worklist; what is not understood is as if it were not asked."""

    BOXES: ClassVar = Task.Box.choices

    boite: str
    qui: str
    urgence: str

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "WorklistFilter":
        """Keep what is understood of an address."""
        return cls(
            _among(Task.Box.values, given.get("boite")),
            _among(WHOSE, given.get("qui")),
            _among(Task.Urgency.values, given.get("urgence")),
        )

    def wanted(self, after: str, person: UUID | None = None) -> Wanted:
        """The filters as the selector wants them, from where a page ended, or of one person."""
        return Wanted(
            box=self.boite,
            whose=self.qui or "mine",
            urgency=int(self.urgence) if self.urgence else None,
            after=after if len(after) <= LONGEST else "",
            person=person,
        )

    def query(self, **changed: str) -> str:
        """The filters as an address carries them, with some changed."""
        kept = {"boite": self.boite, "qui": self.qui, "urgence": self.urgence} | changed
        return urlencode({name: value for name, value in kept.items() if value})

    def address(self, **changed: str) -> str:
        """The address of the worklist with some filters changed."""
        return f"{url('pathways:worklist')}?{self.query(**changed)}"


def _among(choices: Iterable[object], chosen: str | None) -> str:
    return next((str(one) for one in choices if str(one) == chosen), "")


def days_of(given: Mapping[str, str]) -> int:
    """Over how many days one looks back; the usual when it is not understood."""
    asked = str(given.get("jours", ""))
    return int(asked) if asked in map(str, PERIODS) else USUAL


def colleague_looked_at(given: Mapping[str, str], slugs: Iterable[str]) -> str:
    """Whose persons are looked at, among those who follow some; "" for all."""
    return _among(slugs, given.get("qui"))


def page_of(origin: str, kind: str = "") -> str | None:
    """The page of the thing a task is about, if a room shows it; what follows it is for whom."""
    room, kind_of_thing, identifier, *_ = (*origin.split("/"), "", "")
    room_and_kind = f"{room}/{kind_of_thing}"
    name = OF_A_KIND.get(kind) or PAGES.get(room_and_kind)
    try:
        return reverse(name, args=[identifier] if identifier else []) if name else None
    except NoReverseMatch:
        return None


def snoozed_until(data: Mapping[str, str], now: datetime) -> datetime:
    """The moment chosen. Raises DomainError for one that is not offered."""
    try:
        return rules.snooze_until(str(data.get("until", "30min")), now)
    except KeyError:
        raise DomainError(
            "pathways.snooze_unknown",
            "Ce délai n’existe pas. La tâche n’a pas bougé : choisissez un délai de la liste.",
        ) from None


def seen(request: HttpRequest) -> int | None:
    """Which version of a task an undo, or a page, speaks of; nothing when it does not say."""
    said = request.POST.get("seen") or request.GET.get("vu", "")
    is_version = said.isascii() and said.isdigit() and len(said) < 10  # else none that we wrote
    return int(said) if is_version else None


def colleague(data: Mapping[str, str], people: Iterable[Account]) -> Account | None:
    """The colleague chosen; None leaves to the team. Raises DomainError for a stranger."""
    chosen = str(data.get("to", ""))
    if chosen in ("", "equipe"):
        return None
    for one in people:
        if str(one.pk) == chosen:
            return one
    raise DomainError(
        "pathways.not_a_colleague",
        "Cette personne n’est pas, ou n’est plus, de votre équipe. La tâche reste où elle était.",
    )


class HandingForm(forms.Form):
    """Whom and what one gives to a colleague, and why."""

    to = forms.ChoiceField(label="Confier à")
    reason = forms.ChoiceField(label="Motif", choices=[("", "—"), *HandOver.Reason.choices])
    words = forms.CharField(label="Précision", max_length=300, required=False)

    def __init__(self, *args: Any, load: Load, colleagues: Iterable[Account], **more: Any) -> None:
        super().__init__(*args, **more)
        self.load = load
        self.colleagues = {str(one.pk): one for one in colleagues if one != load.account}
        found = [(pk, one.name) for pk, one in self.colleagues.items()]
        self.fields["to"].choices = [("", "—"), *found]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Something at least is chosen; what is no identifier is as if it were not."""
        cleaned = super().clean() or {}
        for name in ("persons", "tasks"):
            cleaned[name] = tuple(dict.fromkeys(filter(None, map(_uuid, self._sent(name)))))
        if not cleaned["persons"] and not cleaned["tasks"]:
            self.add_error(None, "Cochez au moins une personne ou une tâche.")
        return cleaned

    def _sent(self, name: str) -> list[str]:
        return self.data.getlist(name) if hasattr(self.data, "getlist") else []

    def is_chosen(self, name: str, pk: UUID) -> bool:
        """Whether a box was ticked: it stays so when the form comes back."""
        return str(pk) in self._sent(name)

    @property
    def said(self) -> Handing:
        """What is asked, as the service takes it."""
        found = self.cleaned_data
        return Handing(
            giver=self.load.account,
            receiver=self.colleagues[found["to"]],
            reason=found["reason"],
            words=found["words"],
            persons=found["persons"],
            tasks=found["tasks"],
        )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

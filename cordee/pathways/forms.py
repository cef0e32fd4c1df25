"""What is typed or chosen on the worklist."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.urls import NoReverseMatch, reverse

from cordee.access.models import Account
from cordee.kernel.errors import DomainError
from cordee.pathways import rules
from cordee.pathways.models import Task
from cordee.pathways.selectors import Wanted

PAGES = {
    "intake/request": "intake:request",
    "intake/refusal": "intake:stopped",
    "broker/solicitation": "broker:search",
    "people/person": "web:person",
    "people/emergency": "people:emergency_review",
    "people/merge": "people:merged",
    "people/pairs": "people:pairs",
    "messaging/inbound": "messaging:inbound",
    "messaging/message": "messaging:message",
}
# Who comes is looked at on the search, which is read longer than the request that it served.
ABOUT_THE_SEARCH = dict.fromkeys(("place_gone", "tell_winner"), "pathways:search_of")


class WorklistFilter(forms.Form):
    """The filters of the worklist; what is not understood is as if it were not asked."""

    boite = forms.ChoiceField(choices=Task.Box.choices, required=False)
    qui = forms.ChoiceField(
        choices=[("mine", "À moi"), ("team", "Équipe"), ("put_off", "Reportées")], required=False
    )
    urgence = forms.TypedChoiceField(
        choices=Task.Urgency.choices, coerce=int, empty_value=None, required=False
    )
    apres = forms.CharField(max_length=200, required=False)

    def wanted(self) -> Wanted:
        """The filters as the selector wants them."""
        self.is_valid()
        given = self.cleaned_data
        return Wanted(
            box=given.get("boite") or "",
            whose=given.get("qui") or "mine",
            urgency=given.get("urgence"),
            after=given.get("apres") or "",
        )

    def query(self, **changed: object) -> str:
        """The address of the worklist with some filters changed."""
        kept = {name: value for name, value in self.cleaned_data.items() if name != "apres"}
        asked = {name: value for name, value in (kept | changed).items() if value not in ("", None)}
        return f"{reverse('pathways:worklist')}?{urlencode(asked)}"


def page_of(origin: str, kind: str = "") -> str | None:
    """The page of the thing a task is about, if a room shows it."""
    room_and_kind, _, identifier = origin.rpartition("/")
    name = ABOUT_THE_SEARCH.get(kind) or PAGES.get(room_and_kind)
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

"""A search ended, and no text tells in time who was to come: the desk calls."""

from django.http import Http404
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker.selectors import get_search
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways.called_off import ask_to_call, forget_who_comes_again


@listens("broker.end_untold")
def on_end_untold(*, fact: StoredFact) -> None:
    """Nothing tells in time who was to come that they are expected no more."""
    try:
        search = get_search(SYSTEM, fact.data["solicitation_id"])
    except Http404:
        return  # gone with its record
    ask_to_call(SYSTEM, search, timezone.now())


@listens("broker.solicitation_filled")
def on_filled(*, fact: StoredFact) -> None:
    """Who was called off may have said yes again."""
    forget_who_comes_again(SYSTEM, fact.data["origin"], timezone.now())

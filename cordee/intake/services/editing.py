"""The need, edited on its request: what changed is written, and the search follows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.intake import facts, rules
from cordee.intake.call import Choice, NeedSaid, as_seen
from cordee.intake.models import CareRequest, Proposal, Wish
from cordee.intake.rules import State
from cordee.intake.services.life import ask_search, qualify, write_delay
from cordee.intake.services.moves import changed_meanwhile, check_seen, to_be_told, write
from cordee.intake.services.single import already_live, lock_person, refuse_second
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish

ASKED = ("kind", "other_kinds", "commune_id", "begins_on", "visit_times", "profession")
"""What a search asks of professionals; the rest is told to the one who comes."""
UNCHANGED = "Rien n’a été modifié ; ouvrez la demande existante, ou retirez ce soin."


@dataclass(frozen=True)
class Edited:
    """The need as it is now, who may give it, and whether to search at once."""

    need: NeedSaid
    profession: str = ""
    search_now: bool = False
    choice: Choice | None = None  # None: the page did not ask


@action("intake.edit", on="request")
def edit(
    *, actor: Actor, request: CareRequest, to: Edited, seen: int | None = None, now: datetime
) -> CareRequest:
    """Change what is asked, and whom the person chooses. A search for something else starts again;
    one for the same follows the choice. Raises DomainError."""
    check_seen(request, seen)
    if State(request.state) not in rules.LIVE:
        raise DomainError("intake.ended", "Cette demande est terminée. Son besoin ne change plus.")
    columns = {**to.need.columns(), "profession": to.profession}
    if to.choice is not None:
        columns["chooses_nobody"] = to.choice.nobody
    _refuse_second(actor, request, to.need.kinds)
    changed = {name: said for name, said in columns.items() if getattr(request, name) != said}
    asked = bool(changed.keys() & set(ASKED))
    is_told_again = asked and request.state in (State.FOUND, State.CONFIRMED)
    _write(request, changed | (to_be_told(now) if is_told_again else {}))
    if "begins_on" in changed and request.delay == rules.Delay.PLANNED:
        write_delay(request, rules.Delay.PLANNED, by_hand=request.delay_by_hand, now=now)
    has_chosen = to.choice is not None and _choose(request, to.choice)
    if changed or has_chosen:
        publish(facts.NeedChanged(person_id=request.person_id, request_id=request.pk, search=asked))
    return _searched(actor, request, now) if to.search_now else request


def _choose(request: CareRequest, choice: Choice) -> bool:
    """Write whom the person chooses (CSP, art. L.1110-8); say whether it changed."""
    said = Wish.objects.filter(request=request)
    former = dict(said.values_list("practitioner_id", "choice"))
    wishes = dict(choice.wishes)
    if former == wishes:
        return False
    if choice.seen != as_seen(former):
        raise changed_meanwhile()
    _refuse_declining(request, wishes)
    for wish in said.exclude(practitioner__in=wishes).order_by("pk"):
        wish.delete()
    for who in sorted(wishes):
        Wish.objects.update_or_create(
            request=request, practitioner_id=who, defaults={"choice": wishes[who]}
        )
    return True


def _refuse_declining(request: CareRequest, wishes: dict[UUID, str]) -> None:
    """Whoever said yes is declined, not excluded: they are told, and their access shuts."""
    comes = request.practitioner_id if request.state in (State.FOUND, State.CONFIRMED) else None
    if comes is not None and wishes.get(comes) == Wish.Choice.EXCLUDE:
        raise DomainError(
            "intake.comes_already",
            f"{request.practitioner} a déjà dit oui : pour décliner sa venue, ouvrez la "
            "recherche et choisissez « La personne ne souhaite pas ce professionnel ». "
            "Rien n’a été enregistré.",
        )


def _refuse_second(actor: Actor, request: CareRequest, kinds: frozenset[str]) -> None:
    """Refuse a care that another request of the person asks for. Raises DomainError.

    What this one asked for already is no new one: the rest of it may still be corrected."""
    added = kinds - set(request.kinds)
    if added and request.person_id is not None:
        lock_person(request.person_id)
        refuse_second(actor, request.person_id, added, request.pk, UNCHANGED)


def _write(request: CareRequest, changed: dict[str, Any]) -> None:
    """Write the columns; the place, once looked at, is no longer to be checked."""
    left = [one for one in request.proposals if one != Proposal.MOVED]
    try:
        with transaction.atomic():
            write(request, **changed, proposals=left)
    except IntegrityError as error:
        if "one_live_per_person_and_need" not in str(error):
            raise
        raise already_live(UNCHANGED) from error


def _searched(actor: Actor, request: CareRequest, now: datetime) -> CareRequest:
    if request.state == State.RECEIVED:
        return qualify(actor=actor, request=request, now=now)
    if request.state == State.QUALIFIED:
        return ask_search(actor=actor, request=request, now=now)
    return request

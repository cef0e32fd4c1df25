"""A pathway that watches itself: each fact moves it, its hour wakes it, and what is broken is told.

Every gesture here is the house's own. It is safe to repeat: what was heard is heard once.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Value
from django.db.models.functions import Least

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact, publish
from cordee.people import selectors as people
from cordee.protocols import selectors
from cordee.protocols.facts import PathwayRejudged, PathwayResumed, ProtocolLeft
from cordee.protocols.models import Clock, Pathway
from cordee.protocols.rules import conformance
from cordee.protocols.rules.conformance import Happening, State
from cordee.protocols.rules.outcomes import TOLD_BY_FACTS, Leaving
from cordee.protocols.rules.protocol import Protocol
from cordee.protocols.rules.watching import Outlook, look
from cordee.protocols.services.passages import pass_again, pass_by
from cordee.protocols.services.ruptures import lift_all, settle_by_facts

AGAIN = timedelta(hours=1)
UNHEARD = 0  # of a clock that missed a fact: no line has this number
MERGES = ("people.merged", "people.merged_unattended", "people.merge_undone")


@action("protocols.hear", on="pathway")
def hear(*, actor: Actor, pathway: Pathway, fact: StoredFact, now: datetime) -> Pathway:
    """Move a pathway by one fact of its person; read the thread again when that is not enough.

    A fact recorded late judges the past again, and says so when that changes something.
    """
    clock = Clock.objects.select_for_update(of=("self",)).get(pathway=pathway)
    protocol = selectors.protocol_of(pathway.followed)
    happening, undone = selectors.happening_of(fact), selectors.undone_by(fact)
    before = clock.state
    if undone is not None and undone[0] in protocol.places:
        happening = replace(happening, happened_at=undone[1])  # it changes the past from then on
        _replay(pathway, clock, protocol)
    elif fact.kind in MERGES or fact.id <= clock.heard or clock.heard == UNHEARD:
        _replay(pathway, clock, protocol)
    elif fact.kind in protocol.places and selectors.is_told(fact.kind):
        _move(pathway, clock, protocol, happening)
    clock.heard = max(clock.heard, fact.id)
    unbroken = _rejudge(pathway, protocol, (before, clock.state), happening)
    agree(pathway, clock, when=fact.happened_at, now=now, unbroken=unbroken)
    return pathway


@action("protocols.wake", on="pathway")
def wake(*, actor: Actor, pathway: Pathway, now: datetime) -> bool:
    """Look at a pathway whose hour has come; False when another look came first."""
    clock = Clock.objects.select_for_update(of=("self",)).get(pathway=pathway)
    if clock.wake_at is None or clock.wake_at > now:
        return False
    agree(pathway, clock, when=clock.wake_at, now=now)
    return True


@action("protocols.put_off", on="pathway")
def put_off(*, actor: Actor, pathway: Pathway, now: datetime) -> Pathway:
    """Look again in an hour at what could not be judged: its text may be mended meanwhile."""
    Clock.objects.filter(pathway=pathway, wake_at__lte=now).update(wake_at=now + AGAIN)
    return pathway


@action("protocols.miss", on="pathway")
def miss(*, actor: Actor, pathway: Pathway, now: datetime) -> Pathway:
    """Have a pathway that could not hear a fact read its whole thread again, in an hour at most."""
    soon = Least("wake_at", Value(now + AGAIN))  # the database leaves out an hour that is not set
    Clock.objects.filter(pathway=pathway).update(heard=UNHEARD, wake_at=soon)
    return pathway


@action("protocols.doubt", on="pathway")
def doubt(*, actor: Actor, pathway: Pathway, now: datetime) -> Pathway:
    """Have a pathway of which the register seems wrong read its whole thread again, at once."""
    Clock.objects.filter(pathway=pathway).update(heard=UNHEARD, wake_at=now)
    return pathway


@action("protocols.shut_out", on="pathway")
def shut_out(*, actor: Actor, pathway: Pathway, now: datetime) -> Pathway:
    """End a pathway of a structure that may follow the person no more. Safe to repeat."""
    end(pathway, Leaving.SHUT_OUT, now)
    return pathway


def start(pathway: Pathway, now: datetime) -> None:
    """Read the thread for the first time, once the entry is told, and say what waits."""
    clock = Clock(pathway=pathway)
    _replay(pathway, clock, selectors.protocol_of(pathway.followed))
    clock.save(force_insert=True)
    agree(pathway, clock, when=now, now=now)


def agree(
    pathway: Pathway,
    clock: Clock,
    *,
    when: datetime,
    now: datetime,
    unbroken: frozenset[str] = frozenset(),
) -> None:
    """Make the pathway, its ruptures and its next hour agree with what the engine says now."""
    protocol = selectors.protocol_of(pathway.followed)
    if clock.heard == UNHEARD or conformance.needs_replay(clock.state):
        _replay(pathway, clock, protocol)
    seen = look(protocol, clock.state, now)
    _stay_or_leave(pathway, seen, now)
    if pathway.is_open:
        settle_by_facts(pathway, seen, unbroken=unbroken, when=when, now=now)
    clock.wake_at = seen.wake_at if pathway.is_open else None
    clock.save(update_fields=["state", "heard", "wake_at"])


def end(pathway: Pathway, reason: Leaving, now: datetime) -> None:
    """Leave the pathway: nothing of it waits any more. Nothing when it was left before."""
    if not pathway.is_open:
        return
    lift_all(pathway, now)
    pathway.left_at, pathway.leaving = now, reason.value
    pathway.save(update_fields=["left_at", "leaving", "updated_at"])
    Clock.objects.filter(pathway=pathway).update(wake_at=None)
    publish(
        ProtocolLeft(
            person_id=pathway.person_id,
            pathway_id=pathway.pk,
            protocol=pathway.protocol,
            reason=reason.value,
        )
    )


def _stay_or_leave(pathway: Pathway, seen: Outlook, now: datetime) -> None:
    """A planned exit or a death ends the pathway; what denies it lets the pathway go on."""
    dead = people.is_deceased(pathway.person_id)
    if pathway.is_open and (seen.has_left or dead):
        end(pathway, Leaving.DECEASED if dead else Leaving.EXIT, now)
    elif pathway.leaving in TOLD_BY_FACTS and not (seen.has_left or dead):
        _resume(pathway)


def _resume(pathway: Pathway) -> None:
    if selectors.is_on(pathway.person_id, pathway.protocol):
        return  # the person entered again meanwhile: that pathway goes on
    if not selectors.is_followed(pathway):
        return  # a structure that is shut out does not get it back
    pathway.left_at, pathway.leaving = None, ""
    pathway.save(update_fields=["left_at", "leaving", "updated_at"])
    publish(
        PathwayResumed(
            person_id=pathway.person_id, pathway_id=pathway.pk, protocol=pathway.protocol
        )
    )


def _replay(pathway: Pathway, clock: Clock, protocol: Protocol) -> None:
    thread, last = selectors.happenings_of(pathway.person_id, protocol.places)
    clock.state = conformance.replayed(protocol, pathway.entered_at, thread)
    pass_again(pathway, protocol, thread)
    clock.heard = max(clock.heard, last)


def _move(pathway: Pathway, clock: Clock, protocol: Protocol, happening: Happening) -> None:
    clock.state = conformance.moved(protocol, clock.state, happening)
    pass_by(pathway, protocol, happening)
    if conformance.needs_replay(clock.state):
        _replay(pathway, clock, protocol)


def _rejudge(
    pathway: Pathway, protocol: Protocol, states: tuple[State, State], happening: Happening
) -> frozenset[str]:
    """Say what a fact recorded late changed of the past; give what it shows was never broken."""
    before, after = states
    if before == after or conformance.needs_replay(before):
        return frozenset()
    changed = conformance.rejudged(protocol, before, after, happening)
    if changed:
        publish(
            PathwayRejudged(
                person_id=pathway.person_id,
                pathway_id=pathway.pk,
                fact=happening.id,
                rules=[one.after.of for one in changed],
            )
        )
    return frozenset(one.after.of for one in changed if one.after.breaches < one.before.breaches)

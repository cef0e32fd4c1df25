"""Notes that matter, on the worklist of each structure that may read them, until it says it did."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.kernel.facts import StoredFact
from cordee.liaison import selectors as liaison
from cordee.liaison.models import Note
from cordee.liaison.rules import NAMED_THERE, Importance
from cordee.pathways import services
from cordee.pathways.selectors import open_about, open_origins
from cordee.people import selectors as people
from cordee.people.facts import persons_of

ROOM = "liaison/note/"
KINDS = {Importance.IMPORTANT: "read_liaison", Importance.URGENT: "read_urgent_liaison"}


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Make the tasks of a note, and of the one that it corrects, agree with who read it."""
    for name in ("note_id", "corrected_id"):
        if pk := fact.data.get(name):
            note = liaison.note_now(UUID(pk))
            _agree(actor, note, f"{ROOM}{pk}", now)


def follow_person(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """The circle changed, or what it may know: who is asked to read follows."""
    for person in persons_of(fact):
        for note in liaison.waited_for(person):
            _agree(actor, note, f"{ROOM}{note.pk}", now)


def look_again(actor: Actor, now: datetime) -> None:
    """Look at every note that worklists wait for: who may read it is not as it was."""
    for kind in KINDS.values():
        for origin in open_origins(kind):
            note = liaison.note_now(UUID(origin.removeprefix(ROOM)))
            _agree(actor, note, origin, now)


def _agree(actor: Actor, note: Note | None, origin: str, now: datetime) -> None:
    """Nobody is asked to read of who is dead: the notebook stays to be read."""
    is_asked = note is not None and not people.is_deceased(note.person_id)
    wanted = set(liaison.desks_to_read(note)) if note and is_asked else set()
    named = note.person_id if note and note.category in NAMED_THERE else None
    standing = set()
    for task in open_about(origin):
        if task.organization_id in wanted and task.person_id == named:
            standing.add(task.organization_id)
        else:  # nobody to ask there, or it went back to another record with its thread
            services.drop(actor=actor, task=task, now=now)
    if note is None:
        return
    for desk in sorted(wanted - standing):
        ask = services.Ask(
            kind=KINDS[Importance(note.importance)],
            origin=origin,
            organization_id=desk,
            person_id=named,
        )
        services.open_task(actor=actor, ask=ask, now=now)

"""Who sees a note, who writes one, and who says that they read it."""

from collections.abc import Callable

from django.db.models import Q

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import NOTHING, allows, sees, sees_row
from cordee.liaison.facts import CORRECTED, READ, WITHDRAWN, WRITTEN
from cordee.liaison.models import Contact, Note, NoteDraft, NoteRead
from cordee.liaison.rules import CATEGORIES
from cordee.people.models import Person
from cordee.people.policy import by_category, may_act, speaks_for, tells, through_person
from cordee.people.rules.sharing import Category

for _facts in (WRITTEN, CORRECTED, WITHDRAWN, READ):
    for _category, _fact in _facts.items():
        if _category != Category.COORDINATION:
            tells(_fact.kind, _category)

sees(Note)(by_category("person", CATEGORIES))
sees(NoteRead)(by_category("note__person", CATEGORIES, "note__", "note__author_id"))
sees(Contact)(through_person("person"))


@sees(NoteDraft)
def ones_own(actor: Actor) -> Q:
    """A draft is its author’s alone, while they follow her."""
    if actor.role is Role.SYSTEM:
        return Q()
    if not actor.account_id or actor.purpose is Purpose.EMERGENCY:
        return NOTHING
    return Q(author_id=actor.account_id) & through_person("person")(actor)


@allows("liaison.write")
@allows("liaison.write_many")
@allows("liaison.save_draft")
def may_write(actor: Actor, person: Person) -> bool:
    """Who takes part in her pathway, home help included; herself, and who holds her voice."""
    return bool(actor.account_id) and (may_act(actor, person) or speaks_for(actor, person))


@allows("liaison.answer")
@allows("liaison.mark_read")
def may_answer(actor: Actor, note: Note) -> bool:
    """Who reads it, and may write."""
    return may_write(actor, note.person) and sees_row(actor, Note, note.pk)


@allows("liaison.correct")
@allows("liaison.withdraw")
def is_the_author(actor: Actor, note: Note) -> bool:
    """Who wrote it, and nobody else."""
    return note.author_id == actor.account_id and may_answer(actor, note)


@allows("liaison.note_contact")
def may_note_a_contact(actor: Actor, person: Person) -> bool:
    """Who takes part in her pathway: a home help that rang and found nobody says so too."""
    return bool(actor.account_id) and may_act(actor, person)


@allows("liaison.take_back_contact")
def noted_it_or_works_with_who_did(actor: Actor, contact: Contact) -> bool:
    """Who noted it, or a colleague of the same structure: who noted it may have left."""
    return taken_back_by(actor, contact.person)(contact)


def taken_back_by(actor: Actor, person: Person) -> Callable[[Contact], bool]:
    """Say of each contact of a person whether the actor may take it back: asked once for all."""
    takes_part = may_note_a_contact(actor, person)

    def may(contact: Contact) -> bool:
        is_ours = contact.organization_id in actor.organizations
        return takes_part and (contact.author_id == actor.account_id or is_ours)

    return may

"""Who reads what a partner sent, and who may send: the rooms decide, each of its own."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import NOTHING, allows, nobody, sees
from cordee.fhir.facts import RECEIVED
from cordee.fhir.models import (
    ABOUT_NOBODY,
    BulkWork,
    Export,
    ExportedPerson,
    ExportPart,
    Import,
    ImportedKey,
    ImportFile,
    ImportPart,
    KeptBody,
)
from cordee.people.policy import by_category, known_among, tells
from cordee.people.rules.sharing import Category


@sees(KeptBody)
def told(actor: Actor) -> Q:
    """By the category of what it is about; by who sent it while they follow the person.

    What is about nobody is read by whoever is signed in; what is about somebody who is not known
    yet, by who sent it alone, never through the emergency door.
    """
    if actor.role is Role.SYSTEM:
        return Q()
    told = by_category("person", tuple(Category))(actor)
    if not actor.account_id:
        return told
    open_to = Q(kind__in=ABOUT_NOBODY)
    if actor.purpose is not Purpose.EMERGENCY:
        open_to |= Q(author_id=actor.account_id)
    return told | (Q(person=None) & open_to)


def is_told(
    actor: Actor, category: Category, author: UUID | None, known: Collection[Category]
) -> bool:
    """The same, of one body about somebody of whom the actor knows these categories."""
    if actor.role is Role.SYSTEM:
        return True
    is_own = author is not None and author == actor.account_id
    is_own = is_own and actor.purpose is not Purpose.EMERGENCY
    return Category.COORDINATION in known and (category in known or is_own)


def told_to_their_sender(actor: Actor, persons: Iterable[UUID | None]) -> set[UUID | None]:
    """About whom a body that the actor has just sent is told to them: `told`, of their own. One
    query, planned once; the row is not read back."""
    about = {one for one in persons if one is not None}
    return {None, *known_among(actor, about, Category.COORDINATION)}


@allows("fhir.receive")
@allows("fhir.receive_many")
@allows("fhir.replace")
@allows("fhir.remove")
@allows("fhir.keep_whole")
def may_bring(actor: Actor, subject: Any) -> bool:
    """Whoever is known may try: the verb of the room, asked inside, says yes or no."""
    return actor.account_id is not None and actor.purpose is not Purpose.EMERGENCY


@allows("fhir.sort_again")
def by_the_house_alone(actor: Actor, subject: None) -> bool:
    """What was kept is sorted by the rules, and by nobody’s hand."""
    return actor.role is Role.SYSTEM


for _category, _fact in RECEIVED.items():
    if _category is not Category.COORDINATION:
        tells(_fact.kind, _category)

WATCHES = frozenset({Role.ADMINISTRATOR, Role.DPO})
for _table in (ExportPart, ExportedPerson, ImportFile, ImportPart, ImportedKey):
    sees(_table)(nobody)


@sees(Export)
@sees(Import)
def watched_or_own(actor: Actor) -> Q:
    """Administration and the DPO, who are told how much and not of whom; and who asked."""
    if actor.role in WATCHES or actor.role is Role.SYSTEM:
        return Q()
    return Q(account=actor.account_id) if actor.account_id else NOTHING


@allows("fhir.export")
@allows("fhir.import")
def may_work_in_bulk(actor: Actor, subject: None) -> bool:
    """Whoever is known: scopes, and the sight or the verb of each row, say what goes through."""
    return actor.account_id is not None and actor.purpose is not Purpose.EMERGENCY


@allows("fhir.cancel_export")
@allows("fhir.cancel_import")
def asked_or_administers(actor: Actor, work: BulkWork) -> bool:
    """Who asked for it, and administration."""
    return actor.role is Role.ADMINISTRATOR or work.account_id == actor.account_id


@allows("fhir.look_at_exports")
@allows("fhir.look_at_imports")
def watches(actor: Actor, subject: None) -> bool:
    """Administration and the DPO."""
    return actor.role in WATCHES

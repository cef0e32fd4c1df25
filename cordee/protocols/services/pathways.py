"""A person enters a pathway, leaves it, or passes to another version: somebody decides."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.models import Person
from cordee.protocols import selectors
from cordee.protocols.facts import ProtocolJoined, VersionChanged
from cordee.protocols.models import Clock, Pathway, ProtocolVersion
from cordee.protocols.rules import conformance
from cordee.protocols.rules.outcomes import BY_HAND, Leaving
from cordee.protocols.services.passages import pass_again
from cordee.protocols.services.watching import agree, end, start


@action("protocols.join", on="person")
def join(
    *, actor: Actor, person: Person, version: ProtocolVersion, entered_at: datetime, now: datetime
) -> Pathway:
    """Have a person enter a pathway, since a moment: what happened since then counts.

    The entry is told first: it holds the thread still, so that no fact falls between the reading
    and the watching. Raises DomainError (protocols.deceased, protocols.not_in_use,
    protocols.entered_later, protocols.already_on).
    """
    _require_an_entry(actor, person, version, (entered_at, now))
    if actor.organization_id is None:
        raise DomainError("protocols.structure", "Choisissez la structure qui suivra ce parcours.")
    pathway = Pathway(
        person=person,
        organization_id=actor.organization_id,
        followed=version,
        protocol=version.name,
        entered_at=entered_at,
        joined_by_id=actor.signatory,
    )
    publish(
        ProtocolJoined(
            person_id=person.pk,
            pathway_id=pathway.pk,
            organization_id=pathway.organization_id,
            protocol=version.name,
            edition=version.edition,
        ),
        happened_at=entered_at,
    )
    try:
        with transaction.atomic():
            pathway.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "protocols.already_on",
            "Cette personne suit déjà ce parcours. Rien n’a été créé\u00a0: il est sur sa page.",
        ) from error
    start(pathway, now)
    return pathway


@action("protocols.leave", on="pathway")
def leave(*, actor: Actor, pathway: Pathway, reason: Leaving, now: datetime) -> Pathway:
    """Have a person leave; what waited does not any more. Raises DomainError (protocols.leaving).

    Safe to repeat."""
    if reason not in BY_HAND:
        raise DomainError("protocols.leaving", "Choisissez pourquoi la personne sort du parcours.")
    end(pathway, reason, now)
    return pathway


@action("protocols.migrate", on="pathway")
def migrate(*, actor: Actor, pathway: Pathway, version: ProtocolVersion, now: datetime) -> Pathway:
    """Pass a person to another version of the same protocol: the thread is read again by it.

    Raises DomainError (protocols.not_in_use, protocols.left)."""
    if not pathway.is_open:
        raise DomainError("protocols.left", "La personne est sortie de ce parcours entre-temps.")
    if version.name != pathway.protocol or not _is_in_use(actor, version):
        raise DomainError("protocols.not_in_use", NOT_IN_USE)
    before = pathway.followed.edition
    publish(
        VersionChanged(
            person_id=pathway.person_id,
            pathway_id=pathway.pk,
            protocol=pathway.protocol,
            before=before,
            after=version.edition,
        )
    )
    pathway.followed = version
    pathway.save(update_fields=["followed", "updated_at"])
    clock = Clock.objects.select_for_update(of=("self",)).get(pathway=pathway)
    protocol = selectors.protocol_of(version)
    thread, clock.heard = selectors.happenings_of(pathway.person_id, protocol.places)
    clock.state = conformance.replayed(protocol, pathway.entered_at, thread)
    pass_again(pathway, protocol, thread)
    # What the version before waited for and this one does not was not done: it has no object.
    agree(pathway, clock, when=now, now=now, unbroken=frozenset(protocol.titles))
    return pathway


NOT_IN_USE = (
    "Cette version n’est pas, ou n’est plus, en usage dans votre structure. Rien n’a été modifié"
    "\u00a0: choisissez-en une de la liste."
)


def _require_an_entry(
    actor: Actor, person: Person, version: ProtocolVersion, moments: tuple[datetime, datetime]
) -> None:
    entered_at, now = moments
    if person.deceased_on is not None:
        raise DomainError("protocols.deceased", "Cette personne est décédée.")
    if not _is_in_use(actor, version):
        raise DomainError("protocols.not_in_use", NOT_IN_USE)
    if entered_at > now:
        raise DomainError(
            "protocols.entered_later",
            "La date d’entrée est à venir\u00a0: choisissez aujourd’hui ou un jour passé.",
        )


def _is_in_use(actor: Actor, version: ProtocolVersion) -> bool:
    return selectors.in_use(actor).filter(pk=version.pk).exists()

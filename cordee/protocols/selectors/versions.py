"""The versions of protocols, and their texts read once."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor, Role
from cordee.access.policy import get_visible
from cordee.directory.kinds import MembershipRole
from cordee.directory.selectors import with_role
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules import reading
from cordee.protocols.rules.protocol import Protocol, Refused
from cordee.protocols.vocabulary import known_kinds, never_alone

ORDER = ("proposed", "draft", "approved", "retired")
KEPT = 300  # texts read, after which they are read again
_read: dict[str, Protocol] = {}


def digest_of(text: str) -> str:
    """Return the fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def protocol_of_text(text: str) -> Protocol:
    """Read a text, once a process: by its fingerprint it never changes.

    Raises Refused with every trouble, each with its line.
    """
    digest = digest_of(text)
    found = _read.get(digest)
    if found is None:
        found = reading.read(text, kinds=known_kinds(), never_alone=never_alone())
        if len(_read) >= KEPT:
            _read.clear()
        _read[digest] = found
    return found


def protocol_of(version: ProtocolVersion) -> Protocol:
    """Give the protocol that a version's text says, read once a process.

    Raises Refused: a draft may say anything; what was approved may name a fact no longer published.
    """
    return protocol_of_text(version.text)


def protocol_if_readable(version: ProtocolVersion) -> Protocol | None:
    """Give the protocol of a version; None when its text can no longer be read."""
    try:
        return protocol_of(version)
    except Refused:
        return None


def versions(actor: Actor) -> QuerySet[ProtocolVersion]:
    """List what the actor may see, without the texts, in the order of titles. One query."""
    known = ProtocolVersion.objects.visible_to(actor).defer("text")
    known = known.select_related("organization", "author", "approved_by")
    return known.order_by("title", "name", "-approved_at", "-created_at", "pk")


def sections(actor: Actor, known: list[ProtocolVersion]) -> list[tuple[str, list[ProtocolVersion]]]:
    """Sort a list: what one's structures hold, what others use, what is shipped."""
    shipped = [one for one in known if one.is_shipped]
    ours = [one for one in known if one.organization_id in actor.organizations]
    others = [one for one in known if one not in shipped and one not in ours]
    rank = {state: place for place, state in enumerate(ORDER)}
    ours.sort(key=lambda one: rank[one.state])
    return [
        (title, part)
        for title, part in (
            ("Dans votre structure", ours),
            ("Dans les autres structures", others),
            ("Livrés avec Cordée, à valider localement", shipped),
        )
        if part
    ]


def in_use(actor: Actor) -> QuerySet[ProtocolVersion]:
    """List the versions on which the actor's structures may put somebody: approved, and theirs.

    All of them for the house. One query; texts included.
    """
    known = ProtocolVersion.objects.visible_to(actor).approved()
    if actor.role is not Role.SYSTEM:
        known = known.filter(organization__in=actor.organizations)
    return known.order_by("title", "pk")


def get_version(actor: Actor, pk: UUID) -> ProtocolVersion:
    """Fetch one version, text included. Raises Http404, traced."""
    known = ProtocolVersion.objects.select_related("organization", "author", "approved_by")
    return get_visible(actor, known, pk)


def approvers_of(pk: UUID, now: datetime) -> list[UUID]:
    """List the accounts of the structure that may approve a proposed version: those who coordinate
    and wrote none of it. None when it is not proposed. Two queries, for the house."""
    version = ProtocolVersion.objects.filter(pk=pk, state=ProtocolVersion.State.PROPOSED).first()
    if version is None:
        return []
    rows = with_role(MembershipRole.COORDINATOR, now).filter(organization=version.organization_id)
    rows = rows.exclude(account__in=version.writers)
    return sorted(set(rows.values_list("account", flat=True)))


def waiting_for(actor: Actor) -> QuerySet[ProtocolVersion]:
    """List the versions that wait for an approval which the actor may give. One query."""
    rows = ProtocolVersion.objects.visible_to(actor).filter(state=ProtocolVersion.State.PROPOSED)
    return rows.exclude(writers__contains=[actor.account_id]).order_by("proposed_at", "pk")


def get_public_version(actor: Actor, pk: UUID) -> ProtocolVersion:
    """Fetch a version in use, for whoever asks. Raises Http404, traced."""
    known = ProtocolVersion.objects.approved().select_related("organization", "approved_by")
    return get_visible(actor, known, pk)


def get_source(actor: Actor, pk: UUID) -> ProtocolVersion:
    """Fetch a version that one may take up: shipped, in use or retired. Raises Http404, traced."""
    firm = Q(organization=None) | Q(state__in=ProtocolVersion.PUBLISHED)
    return get_visible(actor, ProtocolVersion.objects.filter(firm), pk)


def others_of(actor: Actor, version: ProtocolVersion) -> list[ProtocolVersion]:
    """List the versions that one may be compared with: of the same name, and what it was drawn
    from. One query."""
    same = Q(name=version.name) | Q(pk=version.drawn_from_id)
    known = ProtocolVersion.objects.visible_to(actor).filter(same).exclude(pk=version.pk)
    known = known.select_related("organization").defer("text")
    return list(known.order_by("-approved_at", "-created_at", "pk")[:20])


def taken_editions(actor: Actor, name: str) -> set[str]:
    """Say which editions of a name the actor's structure has already. One query."""
    known = ProtocolVersion.objects.visible_to(actor).filter(
        organization_id=actor.organization_id, name=name
    )
    return set(known.values_list("edition", flat=True))


def troubles_of(text: str) -> tuple[str, ...]:
    """Say all that is wrong with a text, each with its line; nothing when it is a protocol."""
    try:
        protocol_of_text(text)
    except Refused as refusal:
        return refusal.problems
    return ()

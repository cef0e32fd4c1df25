"""What happens to protocols, about nobody; and to persons on them. Identifiers and codes only."""

from datetime import datetime
from uuid import UUID

from cordee.kernel.facts import Fact


class ProtocolProposed(Fact, kind="protocols.protocol_proposed"):
    """Un protocole est proposé à l’approbation."""

    subject = "version_id"
    version_id: UUID
    organization_id: UUID
    digest: str


class ProtocolReturned(Fact, kind="protocols.protocol_returned"):
    """Un protocole proposé revient à qui l’écrit."""

    subject = "version_id"
    version_id: UUID
    organization_id: UUID


class ProtocolPublished(Fact, kind="protocols.protocol_published"):
    """Une version d’un protocole a été approuvée : elle est en usage."""

    subject = "version_id"
    version_id: UUID
    organization_id: UUID
    digest: str


class ProtocolRetired(Fact, kind="protocols.protocol_retired"):
    """Une version d’un protocole a été retirée."""

    subject = "version_id"
    version_id: UUID
    organization_id: UUID


# --- persons on pathways -------------------------------------------------------------------------


class ProtocolJoined(Fact, kind="protocols.protocol_joined"):
    """La personne entre dans un parcours."""

    thread, subject = "person_id", "pathway_id"
    person_id: UUID
    pathway_id: UUID
    organization_id: UUID
    protocol: str
    edition: str


class ProtocolLeft(Fact, kind="protocols.protocol_left"):
    """La personne sort d’un parcours."""

    thread, subject = "person_id", "pathway_id"
    person_id: UUID
    pathway_id: UUID
    protocol: str
    reason: str


class PathwayResumed(Fact, kind="protocols.pathway_resumed"):
    """Un parcours reprend : ce qui l’avait arrêté est démenti."""

    thread, subject = "person_id", "pathway_id"
    person_id: UUID
    pathway_id: UUID
    protocol: str


class VersionChanged(Fact, kind="protocols.version_changed"):
    """La personne passe à une autre version de son parcours."""

    thread, subject = "person_id", "pathway_id"
    person_id: UUID
    pathway_id: UUID
    protocol: str
    before: str
    after: str


class PathwayRejudged(Fact, kind="protocols.pathway_rejudged"):
    """Un fait enregistré en retard change ce qui était dit d’un parcours."""

    thread, subject = "person_id", "pathway_id"
    person_id: UUID
    pathway_id: UUID
    fact: int
    rules: list[str]


class RuptureFound(Fact, kind="protocols.rupture_found"):
    """Un parcours se rompt, ou va se rompre."""

    thread, subject = "person_id", "rupture_id"
    person_id: UUID
    pathway_id: UUID
    rupture_id: UUID
    organization_id: UUID
    standing: str
    due_at: datetime
    reopened: bool


class RuptureRepaired(Fact, kind="protocols.rupture_repaired"):
    """Une rupture de parcours est réparée."""

    thread, subject = "person_id", "rupture_id"
    person_id: UUID
    pathway_id: UUID
    rupture_id: UUID
    organization_id: UUID
    by_hand: bool


class RuptureWaived(Fact, kind="protocols.rupture_waived"):
    """Une rupture de parcours est levée ou acceptée, avec sa raison."""

    thread, subject = "person_id", "rupture_id"
    person_id: UUID
    pathway_id: UUID
    rupture_id: UUID
    organization_id: UUID
    standing: str
    cause: str


class RuptureLifted(Fact, kind="protocols.rupture_lifted"):
    """Une rupture de parcours n’a plus d’objet."""

    thread, subject = "person_id", "rupture_id"
    person_id: UUID
    pathway_id: UUID
    rupture_id: UUID
    organization_id: UUID

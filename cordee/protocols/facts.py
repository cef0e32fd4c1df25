"""What happens to protocols. They are about nobody: these lines hang from no person."""

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

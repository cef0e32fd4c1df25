"""What happens in the directory, said upward."""

from uuid import UUID

from cordee.kernel.facts import Fact


class PracticeDeclared(Fact, kind="directory.practice_declared"):
    """Un professionnel a changé ce qu’il déclare : soins, zone, horaires, absences."""

    subject = "practice_id"
    practice_id: UUID
    practitioner_id: UUID


class MobileChanged(Fact, kind="directory.mobile_changed"):
    """Un mobile a été donné ou changé : il reste à le prouver, et le lien est suspendu."""

    subject = "practice_id"
    practice_id: UUID
    practitioner_id: UUID


class MobileProved(Fact, kind="directory.mobile_proved"):
    """Un mobile a été prouvé par un code : le lien avec le numéro RPPS est à confirmer."""

    subject = "practice_id"
    practice_id: UUID
    practitioner_id: UUID


class TieConfirmed(Fact, kind="directory.tie_confirmed"):
    """Le lien entre un mobile et un numéro RPPS a été confirmé."""

    subject = "practice_id"
    practice_id: UUID
    practitioner_id: UUID
    how: str


class TieSuspended(Fact, kind="directory.tie_suspended"):
    """Le lien entre un mobile et un numéro RPPS a été suspendu."""

    subject = "practice_id"
    practice_id: UUID
    practitioner_id: UUID


class MessagesStopped(Fact, kind="directory.messages_stopped"):
    """Un professionnel ne veut plus de messages (STOP)."""

    subject = "practice_id"
    practice_id: UUID
    practitioner_id: UUID


class MessagesResumed(Fact, kind="directory.messages_resumed"):
    """Un professionnel veut de nouveau des messages."""

    subject = "practice_id"
    practice_id: UUID
    practitioner_id: UUID


class OrganizationChanged(Fact, kind="directory.organization_changed"):
    """Une structure a été ajoutée ou corrigée, ou l’un de ses contacts."""

    subject = "organization_id"
    organization_id: UUID


class MembershipGiven(Fact, kind="directory.membership_given"):
    """Un rôle a été donné à un compte, dans une structure."""

    subject = "membership_id"
    membership_id: UUID
    account_id: UUID
    organization_id: UUID
    role: str


class MembershipEnded(Fact, kind="directory.membership_ended"):
    """Une appartenance à une structure a pris fin."""

    subject = "membership_id"
    membership_id: UUID
    account_id: UUID
    organization_id: UUID
    role: str  # older lines do not say it


class CoverSet(Fact, kind="directory.cover_set"):
    """Un remplacement a été prévu."""

    subject = "cover_id"
    cover_id: UUID
    absent_id: UUID
    covering_id: UUID


class PoleChanged(Fact, kind="directory.pole_changed"):
    """Le nom ou les horaires d’un pôle de permanence ont été corrigés."""

    subject = "pole_id"
    pole_id: UUID
    organization_id: UUID


class PoleClosed(Fact, kind="directory.pole_closed"):
    """Un pôle de permanence a été fermé ; un autre a repris ses tours."""

    subject = "pole_id"
    pole_id: UUID
    organization_id: UUID
    heir_id: UUID | None


class SectorRenamed(Fact, kind="directory.sector_renamed"):
    """Un secteur a changé de nom."""

    subject = "sector_id"
    sector_id: UUID
    organization_id: UUID


class SectorClosed(Fact, kind="directory.sector_closed"):
    """Un secteur a été fermé ; un autre a repris ses communes."""

    subject = "sector_id"
    sector_id: UUID
    organization_id: UUID
    heir_id: UUID | None


class TerritoryDrawn(Fact, kind="directory.territory_drawn"):
    """Un territoire a été dessiné, ou ses communes ont changé."""

    subject = "territory_id"
    territory_id: UUID


class TerritoryRenamed(Fact, kind="directory.territory_renamed"):
    """Un territoire a changé de nom."""

    subject = "territory_id"
    territory_id: UUID


class TerritoryClosed(Fact, kind="directory.territory_closed"):
    """Un territoire a été fermé ; un autre a repris ses structures, communes et personnes."""

    subject = "territory_id"
    territory_id: UUID
    heir_id: UUID | None


class DeskHandedOver(Fact, kind="directory.desk_handed_over"):
    """La permanence a laissé une note de relève."""

    subject = "handover_id"
    handover_id: UUID
    pole_id: UUID


class ExtractionApplied(Fact, kind="directory.extraction_applied"):
    """L’annuaire a été mis à jour depuis une extraction nationale."""

    subject = "extraction_id"
    extraction_id: UUID
    source: str
    added: int
    changed: int
    gone: int

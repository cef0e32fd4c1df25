"""What happens at home. Identifiers and codes only: no mark, no sign, no word."""

from uuid import UUID

from cordee.kernel.facts import Fact


class VisitMarked(Fact, kind="vigilance.visit_marked"):
    """Une visite à domicile est notée."""

    thread, subject = "person_id", "visit_id"
    person_id: UUID
    visit_id: UUID
    organization_id: UUID


class NeedRaised(Fact, kind="vigilance.need_raised"):
    """Un besoin est signalé depuis le domicile."""

    thread, subject = "person_id", "visit_id"
    person_id: UUID
    visit_id: UUID
    organization_id: UUID


class VisitSeen(Fact, kind="vigilance.visit_seen"):
    """Ce qui a été noté à domicile est vu par la coordination."""

    thread, subject = "person_id", "visit_id"
    person_id: UUID
    visit_id: UUID
    organization_id: UUID


class VisitAnswered(Fact, kind="vigilance.visit_answered"):
    """Une suite est donnée à ce qui a été noté à domicile."""

    thread, subject = "person_id", "visit_id"
    person_id: UUID
    visit_id: UUID
    organization_id: UUID


class PhoneRevoked(Fact, kind="vigilance.phone_revoked"):
    """Le téléphone d’une aide à domicile est retiré."""

    subject = "device_id"
    device_id: UUID
    account_id: UUID
    organization_id: UUID


class VisitsRefused(Fact, kind="vigilance.visits_refused"):
    """Des envois d’un téléphone sont mis de côté."""

    subject = "device_id"
    device_id: UUID
    organization_id: UUID
    count: int


class PlanningImported(Fact, kind="vigilance.planning_imported"):
    """Un planning de visites est importé."""

    subject = "organization_id"
    organization_id: UUID
    added: int
    changed: int
    cancelled: int

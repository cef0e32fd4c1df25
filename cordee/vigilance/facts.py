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


class RefusedAnswered(Fact, kind="vigilance.refused_answered"):
    """Une suite est donnée à un envoi mis de côté."""

    subject = "device_id"
    device_id: UUID
    organization_id: UUID


class PlanningImported(Fact, kind="vigilance.planning_imported"):
    """Un planning de visites est importé."""

    subject = "organization_id"
    organization_id: UUID
    added: int
    changed: int
    cancelled: int


class AlertRaised(Fact, kind="vigilance.alert_raised"):
    """Une alerte est levée après des visites à domicile."""

    thread, subject = "person_id", "alert_id"
    person_id: UUID
    alert_id: UUID
    organization_id: UUID
    urgent: bool


class AlertEscalated(Fact, kind="vigilance.alert_escalated"):
    """Une alerte que personne n’a vue passe à quelqu’un d’autre."""

    thread, subject = "person_id", "alert_id"
    person_id: UUID
    alert_id: UUID
    organization_id: UUID


class AlertSeen(Fact, kind="vigilance.alert_seen"):
    """Une alerte est vue par la coordination."""

    thread, subject = "person_id", "alert_id"
    person_id: UUID
    alert_id: UUID
    organization_id: UUID


class AlertActedOn(Fact, kind="vigilance.alert_acted_on"):
    """Quelque chose est fait après une alerte."""

    thread, subject = "person_id", "alert_id"
    person_id: UUID
    alert_id: UUID
    organization_id: UUID


class AlertClosed(Fact, kind="vigilance.alert_closed"):
    """Une alerte est close."""

    thread, subject = "person_id", "alert_id"
    person_id: UUID
    alert_id: UUID
    organization_id: UUID


class BudgetSet(Fact, kind="vigilance.budget_set"):
    """Le budget d’alertes d’une structure est réglé."""

    subject = "organization_id"
    organization_id: UUID
    per_week: str
    minutes: int


class ReinforcedBegun(Fact, kind="vigilance.reinforced_begun"):
    """Un suivi renforcé commence."""

    thread, subject = "person_id", "followup_id"
    person_id: UUID
    followup_id: UUID
    organization_id: UUID


class ReinforcedReviewed(Fact, kind="vigilance.reinforced_reviewed"):
    """Le point est fait sur un suivi renforcé."""

    thread, subject = "person_id", "followup_id"
    person_id: UUID
    followup_id: UUID
    organization_id: UUID


class ReinforcedEnded(Fact, kind="vigilance.reinforced_ended"):
    """Un suivi renforcé se termine."""

    thread, subject = "person_id", "followup_id"
    person_id: UUID
    followup_id: UUID
    organization_id: UUID


class EquipmentMoved(Fact, kind="vigilance.equipment_moved"):
    """Une demande de matériel avance."""

    thread, subject = "person_id", "equipment_id"
    person_id: UUID
    equipment_id: UUID
    organization_id: UUID


class TrialBegun(Fact, kind="vigilance.trial_begun"):
    """Une petite action du quotidien est essayée."""

    thread, subject = "person_id", "trial_id"
    person_id: UUID
    trial_id: UUID
    organization_id: UUID


class TrialReviewed(Fact, kind="vigilance.trial_reviewed"):
    """Une petite action du quotidien est revue."""

    thread, subject = "person_id", "trial_id"
    person_id: UUID
    trial_id: UUID
    organization_id: UUID


class SafetySaid(Fact, kind="vigilance.safety_said"):
    """Une aide à domicile ne se sent pas en sécurité."""

    subject = "safety_id"
    safety_id: UUID
    organization_id: UUID


class SafetyAnswered(Fact, kind="vigilance.safety_answered"):
    """Une suite est donnée à une aide qui ne se sentait pas en sécurité."""

    subject = "safety_id"
    safety_id: UUID
    organization_id: UUID

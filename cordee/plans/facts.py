"""What happens to a plan. Identifiers and codes only; nothing of what is protected."""

from datetime import date
from uuid import UUID

from cordee.kernel.facts import Fact


class PlanOpened(Fact, kind="plans.plan_opened"):
    """Un plan personnalisé est ouvert."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    organization_id: UUID


class PlanProposed(Fact, kind="plans.plan_proposed"):
    """Le plan est proposé à la personne."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    version: int


class PlanDiscussed(Fact, kind="plans.plan_discussed"):
    """Le plan est discuté avec la personne."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    version: int
    speaker: str


class PlanAgreed(Fact, kind="plans.plan_agreed"):
    """L’accord sur le plan est recueilli."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    version: int
    speaker: str


class PlanRefused(Fact, kind="plans.plan_refused"):
    """Le plan est refusé, ou l’accord retiré."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    version: int
    speaker: str
    withdrawn: bool


class PlanActivated(Fact, kind="plans.plan_activated"):
    """Le plan est mis en œuvre."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    organization_id: UUID
    referent_id: UUID | None
    version: int
    review_on: date


class PlanReviewed(Fact, kind="plans.plan_reviewed"):
    """Le plan est révisé."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    organization_id: UUID
    referent_id: UUID | None
    review_id: UUID
    review_on: date


class PlanHandedOver(Fact, kind="plans.plan_handed_over"):
    """Le plan a un autre référent, ou n’en a plus."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    organization_id: UUID
    referent_id: UUID | None
    former_id: UUID | None


class PlanClosed(Fact, kind="plans.plan_closed"):
    """Le plan est terminé."""

    thread, subject = "person_id", "plan_id"
    person_id: UUID
    plan_id: UUID
    reason: str


class ActionPlanned(Fact, kind="plans.action_planned"):
    """Une action du plan commence."""

    thread, subject = "person_id", "activity_id"
    person_id: UUID
    plan_id: UUID
    activity_id: UUID
    organization_id: UUID
    referent_id: UUID | None
    due_on: date | None


class ActionDone(Fact, kind="plans.action_done"):
    """Une action du plan est faite."""

    thread, subject = "person_id", "activity_id"
    person_id: UUID
    plan_id: UUID
    activity_id: UUID
    organization_id: UUID
    referent_id: UUID | None
    due_on: date | None


class ActionStopped(Fact, kind="plans.action_stopped"):
    """Une action du plan s’arrête."""

    thread, subject = "person_id", "activity_id"
    person_id: UUID
    plan_id: UUID
    activity_id: UUID


class LineToFollow(Fact, kind="plans.line_to_follow"):
    """Une ligne d’un plan est à suivre, ou ne l’est plus."""

    subject = "activity_id"  # on no thread: what is protected is told of nobody
    activity_id: UUID


class PlanToFollow(Fact, kind="plans.plan_to_follow"):
    """Un plan avance sur ce que peu lisent."""

    subject = "plan_id"  # on no thread, as for its lines
    plan_id: UUID


class ActionAnswered(Fact, kind="plans.action_answered"):
    """Une réponse est donnée à une action du plan."""

    thread, subject = "person_id", "activity_id"
    person_id: UUID
    plan_id: UUID
    activity_id: UUID
    organization_id: UUID
    referent_id: UUID | None
    answer: str

"""What happens to evaluations. Identifiers and codes only: never an answer, never a score.

An evaluation of mental health or of social life is another kind of line than one of care: who may
not read it is not told that it was made. What a team asks of each other is on no thread: it says
nothing of the person, and what comes of it does.
"""

from uuid import UUID

from cordee.kernel.facts import Fact
from cordee.people.rules.sharing import Category


class QuestionnairePublished(Fact, kind="assessments.questionnaire_published"):
    """Un questionnaire d’évaluation a été publié."""

    subject = "questionnaire_id"
    questionnaire_id: UUID
    digest: str


class QuestionnaireRetired(Fact, kind="assessments.questionnaire_retired"):
    """Un questionnaire d’évaluation a été retiré."""

    subject = "questionnaire_id"
    questionnaire_id: UUID


class ResponseCompleted(Fact, kind="assessments.response_completed"):
    """Une évaluation a été faite."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    questionnaire_id: UUID


class MentalHealthResponseCompleted(Fact, kind="assessments.mental_health_response_completed"):
    """Une évaluation de santé mentale a été faite."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    questionnaire_id: UUID


class SocialResponseCompleted(Fact, kind="assessments.social_response_completed"):
    """Une évaluation de la situation sociale a été faite."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    questionnaire_id: UUID


class ResponseCorrected(Fact, kind="assessments.response_corrected"):
    """Une évaluation a été corrigée par son auteur."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    corrected_id: UUID


class MentalHealthResponseCorrected(Fact, kind="assessments.mental_health_response_corrected"):
    """Une évaluation de santé mentale a été corrigée par son auteur."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    corrected_id: UUID


class SocialResponseCorrected(Fact, kind="assessments.social_response_corrected"):
    """Une évaluation de la situation sociale a été corrigée par son auteur."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    corrected_id: UUID


class ResponseWithdrawn(Fact, kind="assessments.response_withdrawn"):
    """Une évaluation a été retirée par son auteur : saisie par erreur."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID


class MentalHealthResponseWithdrawn(Fact, kind="assessments.mental_health_response_withdrawn"):
    """Une évaluation de santé mentale a été retirée par son auteur : saisie par erreur."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID


class SocialResponseWithdrawn(Fact, kind="assessments.social_response_withdrawn"):
    """Une évaluation de la situation sociale a été retirée par son auteur : saisie par erreur."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID


class ReassessmentDue(Fact, kind="assessments.reassessment_due"):
    """Le jour de refaire une évaluation est venu."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    questionnaire_id: UUID


class MentalHealthReassessmentDue(Fact, kind="assessments.mental_health_reassessment_due"):
    """Le jour de refaire une évaluation de santé mentale est venu."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    questionnaire_id: UUID


class SocialReassessmentDue(Fact, kind="assessments.social_reassessment_due"):
    """Le jour de refaire une évaluation de la situation sociale est venu."""

    thread = "person_id"
    subject = "response_id"
    person_id: UUID
    response_id: UUID
    questionnaire_id: UUID


class PartAsked(Fact, kind="assessments.part_asked"):
    """Une part d’une évaluation est demandée."""

    subject = "part_id"
    part_id: UUID


class PartEnded(Fact, kind="assessments.part_ended"):
    """Une part d’une évaluation n’est plus attendue."""

    subject = "part_id"
    part_id: UUID


class PartLate(Fact, kind="assessments.part_late"):
    """Une part d’une évaluation n’est pas venue à temps."""

    subject = "part_id"
    part_id: UUID


COMPLETED = {
    Category.CARE: ResponseCompleted,
    Category.MENTAL_HEALTH: MentalHealthResponseCompleted,
    Category.SOCIAL: SocialResponseCompleted,
}
CORRECTED = {
    Category.CARE: ResponseCorrected,
    Category.MENTAL_HEALTH: MentalHealthResponseCorrected,
    Category.SOCIAL: SocialResponseCorrected,
}
WITHDRAWN = {
    Category.CARE: ResponseWithdrawn,
    Category.MENTAL_HEALTH: MentalHealthResponseWithdrawn,
    Category.SOCIAL: SocialResponseWithdrawn,
}
DUE = {
    Category.CARE: ReassessmentDue,
    Category.MENTAL_HEALTH: MentalHealthReassessmentDue,
    Category.SOCIAL: SocialReassessmentDue,
}

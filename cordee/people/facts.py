"""What happens to a person, their circle and their choices. Identifiers and codes only."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from cordee.kernel.facts import Fact, StoredFact

NAMING = ("person_id", "survivor_id", "absorbed_id")


def persons_of(fact: StoredFact) -> list[UUID]:
    """Name the persons whom a fact of a circle, a choice or a merge is about: each once, in order.

    None for what is about all of them.
    """
    return sorted({UUID(str(fact.data[name])) for name in NAMING if fact.data.get(name)})


class PersonCreated(Fact, kind="people.person_created"):
    """Première inscription dans Cordée."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    organization_id: UUID | None


class IdentityChanged(Fact, kind="people.identity_changed"):
    """L’identité ou les coordonnées ont été corrigées."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    fields: list[str]
    status: str


class JoinedCircle(Fact, kind="people.joined_circle"):
    """Une personne ou une structure rejoint le cercle."""

    thread = "person_id"
    subject = "member_id"
    person_id: UUID
    member_id: UUID
    role: str
    practitioner_id: UUID | None
    organization_id: UUID | None
    is_first: bool = False
    """Whether the same gesture has just entered her: nothing was there before."""


def finds_something(fact: Any) -> bool:
    """Whether what hears of a circle may find anything there: nothing waits, in any room, for who
    joins somebody that the same gesture has just entered. For `listens(only=…)`."""
    return not getattr(fact, "is_first", False)


class LeftCircle(Fact, kind="people.left_circle"):
    """Une personne ou une structure quitte le cercle."""

    thread = "person_id"
    subject = "member_id"
    person_id: UUID
    member_id: UUID
    role: str
    practitioner_id: UUID | None
    organization_id: UUID | None


class StrangerLeft(Fact, kind="people.stranger_left"):
    """Un proche qui n’était pas le sien n’est plus dans son cercle."""

    thread = "person_id"
    subject = "member_id"
    person_id: UUID
    member_id: UUID


class GpChanged(Fact, kind="people.gp_changed"):
    """Le médecin traitant de la personne change."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    practitioner_id: UUID | None


class Informed(Fact, kind="people.informed"):
    """La personne a reçu l’information sur le partage de ses données."""

    thread = "person_id"
    subject = "information_id"
    person_id: UUID
    information_id: UUID
    notice: str


class SharingChanged(Fact, kind="people.sharing_changed"):
    """La personne a fait connaître un choix de partage."""

    thread = "person_id"
    subject = "sharing_id"
    person_id: UUID
    sharing_id: UUID
    choice: str


class ProcessingChanged(Fact, kind="people.processing_changed"):
    """La personne a fait connaître un choix sur l’usage de ses données."""

    thread = "person_id"
    subject = "processing_id"
    person_id: UUID
    processing_id: UUID
    purpose: str
    will: str


class MeasureDeclared(Fact, kind="people.measure_declared"):
    """Quelqu’un s’est dit représentant légal de la personne : la mesure est à vérifier."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    organization_id: UUID | None
    measure: str


class EmergencyChoiceChanged(Fact, kind="people.emergency_choice_changed"):
    """La personne a fait connaître son choix sur l’accès d’urgence."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    opposed: bool


class HintChoiceChanged(Fact, kind="people.hint_choice_changed"):
    """La personne a dit si l’on peut savoir que son dossier est affiché en partie."""

    thread = "person_id"
    subject = "choice_id"
    person_id: UUID
    choice_id: UUID
    allowed: bool


class EmergencyOpened(Fact, kind="people.emergency_opened"):
    """Un professionnel de santé a ouvert un accès d’urgence."""

    thread = "person_id"
    subject = "grant_id"
    person_id: UUID
    grant_id: UUID
    account_id: UUID
    motive: str
    expires_at: datetime
    review_due_at: datetime
    coordinator_account_id: UUID | None
    examiner_id: UUID | None


class EmergencyEnded(Fact, kind="people.emergency_ended"):
    """L’accès d’urgence est refermé."""

    thread = "person_id"
    subject = "grant_id"
    person_id: UUID
    grant_id: UUID


class EmergencyTold(Fact, kind="people.emergency_told"):
    """La personne a été prévenue de l’accès d’urgence."""

    thread = "person_id"
    subject = "grant_id"
    person_id: UUID
    grant_id: UUID


class EmergencyReviewed(Fact, kind="people.emergency_reviewed"):
    """L’accès d’urgence a été relu."""

    thread = "person_id"
    subject = "grant_id"
    person_id: UUID
    grant_id: UUID
    outcome: str


class MentalHealthNoteWritten(Fact, kind="people.mental_health_note_written"):
    """Une note de santé mentale a été écrite."""

    thread = "person_id"
    subject = "note_id"
    person_id: UUID
    note_id: UUID


class SocialNoteWritten(Fact, kind="people.social_note_written"):
    """Une note sur la situation sociale a été écrite."""

    thread = "person_id"
    subject = "note_id"
    person_id: UUID
    note_id: UUID


class RelativeChanged(Fact, kind="people.relative_changed"):
    """Les proches de la personne ont été mis à jour."""

    thread = "person_id"
    subject = "relative_id"
    person_id: UUID
    relative_id: UUID


class OwnSpaceOpened(Fact, kind="people.own_space_opened"):
    """Un accès à l’espace de la personne a été ouvert."""

    thread = "person_id"
    subject = "access_id"
    person_id: UUID
    access_id: UUID


class OwnSpaceClosed(Fact, kind="people.own_space_closed"):
    """Un accès à l’espace de la personne a été fermé."""

    thread = "person_id"
    subject = "access_id"
    person_id: UUID
    access_id: UUID


class PersonDied(Fact, kind="people.person_died"):
    """La personne est décédée."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    deceased_on: date


class DeathDenied(Fact, kind="people.death_denied"):
    """Le décès noté est retiré : la personne est en vie."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    why: str


class PersonMoved(Fact, kind="people.person_moved"):
    """La personne a changé d’adresse."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    commune_code: str
    territory_id: UUID | None


class PersonAdmitted(Fact, kind="people.person_admitted"):
    """La personne est hospitalisée."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    organization_id: UUID | None


class PersonDischarged(Fact, kind="people.person_discharged"):
    """La personne sort de l’hôpital."""

    thread = "person_id"
    subject = "person_id"
    person_id: UUID
    organization_id: UUID | None
    destination: str


class BasisSet(Fact, kind="people.legal_basis_set"):
    """La base légale d’un traitement a été fixée."""

    subject = "basis_id"
    basis_id: UUID
    purpose: str
    basis: str


class PersonsMerged(Fact, kind="people.merged"):
    """Deux fiches de la même personne ont été réunies."""

    thread = "person_id"
    subject = "merge_id"
    person_id: UUID
    merge_id: UUID
    survivor_id: UUID
    absorbed_id: UUID


class PersonsMergedUnattended(Fact, kind="people.merged_unattended"):
    """Deux fiches de la même personne ont été réunies automatiquement, sans relecture humaine."""

    thread = "person_id"
    subject = "merge_id"
    person_id: UUID
    merge_id: UUID
    survivor_id: UUID
    absorbed_id: UUID


class UnattendedMergingSet(Fact, kind="people.unattended_merging_set"):
    """Les réunions automatiques de fiches ont été allumées ou éteintes."""

    subject = "unattended_id"
    unattended_id: UUID
    evaluation_id: UUID
    is_on: bool


class EvaluationKept(Fact, kind="people.evaluation_kept"):
    """Une mesure du rapprochement des fiches a été gardée."""

    subject = "digest"
    digest: str
    weights: str


class CandidatesFound(Fact, kind="people.candidates_found"):
    """Des fiches qui se ressemblent ont été cherchées."""

    kept: int


class PersonsMergeUndone(Fact, kind="people.merge_undone"):
    """La réunion de deux fiches a été annulée."""

    thread = "person_id"
    subject = "merge_id"
    person_id: UUID
    merge_id: UUID
    survivor_id: UUID
    absorbed_id: UUID


class FoundDifferent(Fact, kind="people.found_different"):
    """Une fiche qui lui ressemble a été reconnue comme celle de quelqu’un d’autre."""

    thread = "person_id"
    subject = "candidate_id"
    person_id: UUID
    candidate_id: UUID


class ToJudgeAgain(Fact, kind="people.to_judge_again"):
    """Une fiche reconnue comme celle de quelqu’un d’autre est de nouveau à comparer."""

    thread = "person_id"
    subject = "candidate_id"
    person_id: UUID
    candidate_id: UUID

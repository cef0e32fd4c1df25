"""What the broker tells the thread of the person, and the rooms above."""

from datetime import datetime
from uuid import UUID

from cordee.kernel.facts import Fact


class SearchLaunched(Fact, kind="broker.search_launched"):
    """Recherche d’un professionnel lancée."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    urgency: str
    deadline_at: datetime


class UrgencyChanged(Fact, kind="broker.urgency_changed"):
    """La recherche suit le nouveau délai."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    urgency: str
    deadline_at: datetime


class WaveSent(Fact, kind="broker.wave_sent"):
    """Des professionnels sont sollicités."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    wave: int
    invited: int
    ends_at: datetime


class SearchWidened(Fact, kind="broker.search_widened"):
    """La recherche est élargie aux communes voisines."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str


class PlaceHeld(Fact, kind="broker.place_held"):
    """Un professionnel a dit oui par SMS : la place est tenue, son identité reste à confirmer."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID
    held_until: datetime


class HoldLapsed(Fact, kind="broker.hold_lapsed"):
    """La place tenue n’a pas été confirmée à temps ; la recherche continue."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID


class SolicitationFilled(Fact, kind="broker.solicitation_filled"):
    """Un professionnel a dit oui et a confirmé son identité."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID
    confirm_by: datetime


class WinnerUntold(Fact, kind="broker.winner_untold"):
    """Rien n’a pu être écrit à qui vient : l’équipe l’appelle."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID


class EndUntold(Fact, kind="broker.end_untold"):
    """Rien n’a pu dire à temps à qui venait de ne plus venir : l’équipe l’appelle."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID


class VisitUntold(Fact, kind="broker.visit_untold"):
    """Rien n’a pu dire à temps à qui vient que sa date convient : l’équipe l’appelle."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID


class LaterOffered(Fact, kind="broker.later_offered"):
    """Un professionnel peut venir, mais plus tard que demandé."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID
    offers_from: datetime | None


class Exhausted(Fact, kind="broker.exhausted"):
    """Personne n’a pu répondre : la demande revient à l’équipe avec des propositions."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    reason: str
    proposals: tuple[str, ...]


class Withdrawn(Fact, kind="broker.withdrawn"):
    """Le professionnel trouvé ne viendra pas ; la recherche reprend aussitôt."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID
    declined_by_person: bool
    reopened_as: UUID | None


class CareConfirmed(Fact, kind="broker.care_confirmed"):
    """La date de la première visite est fixée : les soins sont confirmés."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID
    first_visit_at: datetime


class NeedChangedAfterYes(Fact, kind="broker.need_changed"):
    """La demande a changé après le oui : qui vient est à prévenir et confirme de nouveau."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID


class ConfirmationLate(Fact, kind="broker.confirmation_late"):
    """La date de la première visite n’est pas encore fixée."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID | None


class CallRecorded(Fact, kind="broker.call_recorded"):
    """Un professionnel a été appelé."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    practitioner_id: UUID
    outcome: str


class Cancelled(Fact, kind="broker.cancelled"):
    """La recherche est arrêtée."""

    thread, subject = "person_id", "solicitation_id"
    person_id: UUID
    solicitation_id: UUID
    origin: str
    reason: str

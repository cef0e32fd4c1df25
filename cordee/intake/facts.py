"""What the intake room says upward: identifiers and codes, in the past."""

from datetime import datetime
from uuid import UUID

from cordee.kernel.facts import Fact


class RequestReceived(Fact, kind="intake.request_received"):
    """Une demande est reçue."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    organization_id: UUID
    weight: str


class RequestTriaged(Fact, kind="intake.request_triaged"):
    """Le délai d’organisation est fixé."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    delay: str
    due_at: datetime


class RequestHeld(Fact, kind="intake.request_held"):
    """L’appel est transféré au 15 ; la recherche est retenue."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequestReleased(Fact, kind="intake.request_released"):
    """La retenue est levée."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequestQualified(Fact, kind="intake.request_qualified"):
    """La demande est qualifiée ; la recherche peut commencer."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    search: bool


class AskedElsewhere(Fact, kind="intake.asked_elsewhere"):
    """Un autre service reçoit un appel pour un soin déjà demandé."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID
    request_id: UUID
    organization_id: UUID | None


class SearchAsked(Fact, kind="intake.search_asked"):
    """Une nouvelle recherche est demandée."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class SearchMarked(Fact, kind="intake.search_marked"):
    """La recherche est en cours."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class SearchStopped(Fact, kind="intake.search_stopped"):
    """La recherche s’arrête avant d’avoir abouti."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    reason: str


class NeedChanged(Fact, kind="intake.need_changed"):
    """Le besoin est modifié."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    search: bool


class CallerCorrected(Fact, kind="intake.caller_corrected"):
    """Le demandeur est corrigé."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class PlaceChanged(Fact, kind="intake.place_changed"):
    """La personne a changé d’adresse pendant la demande : le lieu est à vérifier."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequestFound(Fact, kind="intake.request_found"):
    """Un professionnel est trouvé ; le demandeur est à rappeler."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    practitioner_id: UUID


class SearchNotLaunched(Fact, kind="intake.search_not_launched"):
    """La recherche demandée n’a pas pu partir."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequestUnfilled(Fact, kind="intake.request_unfilled"):
    """La recherche n’a pas abouti ; d’autres solutions sont proposées."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    proposals: tuple[str, ...]


class RequestConfirmed(Fact, kind="intake.request_confirmed"):
    """Le premier passage est daté."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequestUnconfirmed(Fact, kind="intake.request_unconfirmed"):
    """Le premier passage est à confirmer de nouveau."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequestReopened(Fact, kind="intake.request_reopened"):
    """La recherche reprend."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequesterTold(Fact, kind="intake.requester_told"):
    """Le demandeur a été rappelé, ou un message lui est laissé."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    about: str
    result: str


class WordOwed(Fact, kind="intake.word_owed"):
    """Le demandeur reste à prévenir d’une demande que son service ne suit plus."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequestClosed(Fact, kind="intake.request_closed"):
    """La demande est close."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID


class RequestRefused(Fact, kind="intake.request_refused"):
    """La demande est refusée."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    reason: str


class RequestCancelled(Fact, kind="intake.request_cancelled"):
    """La demande est annulée."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    reason: str


class RequestHandedOn(Fact, kind="intake.request_handed_on"):
    """La demande est transmise à un autre service."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    organization_id: UUID
    reason: str


class RequestTaken(Fact, kind="intake.request_taken"):
    """Quelqu’un du service suit la demande, ou l’équipe."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    account_id: UUID | None
    former: tuple[UUID, ...]
    """Who followed or kept it until then."""


class RequestKept(Fact, kind="intake.request_kept"):
    """La demande est gardée jusqu’au matin."""

    thread = "person_id"
    subject = "request_id"
    person_id: UUID | None
    request_id: UUID
    account_id: UUID
    until: datetime
    former: tuple[UUID, ...]


class DutyEnded(Fact, kind="intake.duty_ended"):
    """Le service se termine, rien n’est laissé seul."""

    subject = "organization_id"
    organization_id: UUID
    kept: int

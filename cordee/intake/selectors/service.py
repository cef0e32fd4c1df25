"""What is asked by the desk around the requests: grids, its hours, the outside."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from cordee.access.actor import Actor
from cordee.access.policy import get_visible, is_allowed
from cordee.access.sight import by_the_house
from cordee.directory.kinds import OrganizationKind, TerritoryKind
from cordee.directory.models import Organization, Pole
from cordee.directory.rules import PARIS
from cordee.directory.selectors import is_desk_open
from cordee.intake import rules
from cordee.intake.models import (
    ENDED_WITH_REASON,
    Caller,
    CallerKind,
    CareRequest,
    RefusalReason,
    StatusLink,
    TriageAnswer,
    TriageVersion,
)
from cordee.people import selectors as people

# -- triage --------------------------------------------------------------------------------------


def version_in_use(organization_id: UUID | None) -> TriageVersion | None:
    """Give the signed version of a service. One query."""
    return TriageVersion.objects.filter(
        organization=organization_id, signed_at__isnull=False, retired_at=None
    ).first()


def grid_in_use(organization_id: UUID | None) -> rules.Grid | None:
    """Give the grid that the desk asks, or None when nobody has signed one. One query."""
    used = version_in_use(organization_id)
    return rules.read_grid(used.content) if used else None


def triages_of(request: CareRequest) -> QuerySet[TriageAnswer]:
    """List every time the grid was answered for a request, the last first. One query."""
    answered = TriageAnswer.objects.filter(request=request)
    return answered.select_related("triage_version", "answered_by").order_by("-created_at", "-pk")


def versions(actor: Actor) -> QuerySet[TriageVersion]:
    """List the grids of the actor's services, newest first. One query."""
    return TriageVersion.objects.visible_to(actor).order_by("-created_at", "-pk")


def get_version(actor: Actor, pk: UUID | str) -> TriageVersion:
    """Give one grid; raises Http404. Two queries."""
    return get_visible(actor, TriageVersion, pk)


# -- the hours of the desk ------------------------------------------------------------------------


def morning_of(pole: Pole | None, now: datetime) -> datetime:
    """Return the next opening of a desk, or the usual one. No query."""
    closed = rules.public_holidays(now)
    hours = (
        rules.Hours(pole.opens, frozenset(pole.weekdays), closed)
        if pole
        else rules.Hours(closed_on=closed)
    )
    return rules.next_opening(now, hours)


def opens_again_at(organization_id: UUID, now: datetime) -> datetime | None:
    """Say when the first desk of a service opens again; None while one is open. Two queries."""
    today = now.astimezone(PARIS).date()
    if is_desk_open(organization_id, now) and today not in rules.public_holidays(now):
        return None
    poles = Pole.objects.filter(organization=organization_id, closed_on=None)
    return min((morning_of(pole, now) for pole in poles), default=morning_of(None, now))


@by_the_house
def unread_until(request: CareRequest, now: datetime) -> datetime | None:
    """Say until when nobody reads a request that came while the service was closed.

    By the house: whoever holds the link is told the hours of the desk, and nothing else.
    """
    is_new = request.state == rules.State.RECEIVED and request.keeper_id is None
    return opens_again_at(request.organization_id, now) if is_new else None


MEASURED = 500


def median_call(actor: Actor, since: datetime) -> tuple[timedelta | None, int]:
    """Measure the median length of the latest calls, 500 at most, and over how many. One query."""
    seconds = (
        CareRequest.objects.visible_to(actor)
        .filter(
            organization__in=actor.organizations,
            received_at__gte=since,
            call_seconds__isnull=False,
        )
        .order_by("-received_at", "-pk")
        .values_list("call_seconds", flat=True)[:MEASURED]
    )
    lengths = [timedelta(seconds=one) for one in seconds]
    return rules.median(lengths), len(lengths)


# -- the outside ---------------------------------------------------------------------------------


@by_the_house
def stopped_request(actor: Actor, pk: UUID) -> CareRequest:
    """Give a request of one's desk that ended and is followed no more; raises Http404. Two queries.

    By the house: the desk may follow the person no more, and still owes the requester a word. Of
    the person nothing is shown.
    """
    mine = CareRequest.objects.filter(organization__in=actor.organizations)
    ended = mine.filter(pk=pk, state__in=ENDED_WITH_REASON).select_related("caller")
    found = ended.exclude(person=None).first()
    if found is None or not is_allowed(actor, "intake.tell_stopped", found):
        raise Http404
    if people.may_follow(found.organization_id, found.person_id):
        raise Http404  # its own page says it
    return found


def caller_to_tell(request: CareRequest) -> Caller | None:
    """Say who is to be told. Who called for herself and stopped it herself knows. No query."""
    caller = request.caller
    herself = caller is not None and caller.kind == CallerKind.PERSON
    return None if herself and request.end_reason == RefusalReason.PERSON_DECLINED else caller


@by_the_house
def link_by_secret(secret: str, now: datetime) -> StatusLink | None:
    """Find a status link with its request; None when it opens nothing. One query.

    By the house: whoever holds a link is nobody before it is opened.
    """
    return (
        StatusLink.objects.filter(
            secret_hash=rules.secret_hash(secret), revoked_at=None, expires_at__gt=now
        )
        .select_related("request__organization")
        .first()
    )


@by_the_house
def standing_of(pk: UUID) -> list[CareRequest]:
    """Give a request, then what it became at each desk that it was handed to; nothing when it is
    not. One query, and one for each desk.

    By the house: who sent it to another desk is told where it stands, and nothing more of it.
    """
    found, row = [], CareRequest.objects.filter(pk=pk).first()
    while row is not None:
        found.append(row)
        row = CareRequest.objects.filter(handed_from=row).first()
    return found


def service_of(commune_code: str) -> Organization | None:
    """Find the single number that answers for a commune. One query."""
    return _services().filter(territory__places__commune=commune_code).order_by("pk").first()


def services_to_call(commune_code: str = "") -> list[Organization]:
    """Those that have a number: the one of a commune, or all where it is not said. One query."""
    listed = _services().exclude(phone="")
    if commune_code:
        listed = listed.filter(territory__places__commune=commune_code)
    return list(listed.order_by("name", "pk").distinct())


def _services() -> QuerySet[Organization]:
    return Organization.objects.filter(
        kind=OrganizationKind.SIO, closed_on=None, territory__kind=TerritoryKind.SIO
    )


def partner(pk: str) -> Organization | None:
    """Give an open structure again, for a visitor who has proved its code. One query."""
    return Organization.objects.filter(pk=pk, closed_on=None).first() if pk else None

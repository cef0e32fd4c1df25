"""Dilemmas, for who took part; who else may be named in one."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.directory.selectors import at_work
from cordee.meetings.models import Dilemma, DilemmaSeat
from cordee.people.models import CircleMember, Person


def dilemmas_of(actor: Actor, person: Person) -> list[Dilemma]:
    """List the dilemmas in which the actor took part, the latest first. Two queries, planned
    once."""
    return _dilemmas(actor, person.pk)


_dilemmas = FetchAbout(
    lambda: Dilemma.objects.select_related("author").order_by("-written_at", "-pk")
)


def get_dilemma(actor: Actor, pk: UUID) -> Dilemma:
    """Fetch one dilemma. Raises Http404, traced. Two queries."""
    return get_visible(actor, Dilemma.objects.select_related("person__commune", "author"), pk)


def took_part(actor: Actor, dilemma: Dilemma) -> list[Account]:
    """List who took part in a dilemma, and reads it. One query."""
    seats = DilemmaSeat.objects.visible_to(actor).filter(dilemma=dilemma)
    return [one.account for one in seats.select_related("account").order_by("account__name", "pk")]


def may_take_part(actor: Actor, person: Person, now: datetime) -> list[Account]:
    """List who may be named: colleagues, and those of the circle who have an account. One query."""
    colleagues = at_work(now).filter(organization__in=actor.organizations)
    circle = CircleMember.objects.visible_to(actor).current().filter(person=person)
    wanted = Q(pk__in=colleagues.values("account")) | Q(pk__in=circle.values("account"))
    wanted |= Q(pk__in=circle.values("practitioner__account"))
    rows = Account.objects.filter(wanted, is_active=True).exclude(pk=actor.signatory)
    return list(rows.distinct().order_by("name", "pk"))


@dataclass(frozen=True)
class Reminder:
    """What is to be read again: by whom, where, and when."""

    organization_id: UUID
    author_id: UUID
    day: date | None


def reminder_now(pk: UUID) -> Reminder | None:
    """Say when a note is read again, for the conductor; None where no worklist is. One query."""
    one = Dilemma.objects.filter(pk=pk).exclude(organization=None).first()
    return Reminder(one.organization_id, one.author_id, one.review_on) if one else None


def dilemmas_to_forget(persons: list[UUID] | None) -> QuerySet[Dilemma]:
    """List those to be read again, of some persons or of all, for the house. One query."""
    rows = Dilemma.objects.exclude(review_on=None).exclude(organization=None)
    if persons is not None:
        rows = rows.filter(person__in=persons)
    return rows.order_by("pk")

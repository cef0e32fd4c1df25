"""Organisations and territories, memberships, rosters, sectors and cover."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Func, OuterRef, Prefetch, Q, QuerySet, Sum, Value

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.access.stencil import Stencil
from cordee.directory.kinds import OrganizationKind
from cordee.directory.models import (
    Contact,
    Cover,
    Handover,
    Membership,
    Organization,
    Pole,
    Sector,
    Shift,
    Territory,
)
from cordee.directory.rules import PARIS, absent_covered_by, desk_is_open, stands_in_for
from cordee.kernel.prepared import Asked


def _day(at: date | datetime) -> date:
    return at.astimezone(PARIS).date() if isinstance(at, datetime) else at


def current_memberships(at: date | datetime) -> Q:
    """Filter the memberships that hold on a day."""
    day = _day(at)
    return Q(since__lte=day) & memberships_not_over(day)


def memberships_not_over(at: date | datetime) -> Q:
    """Filter the memberships that hold on a day, or will."""
    return Q(until=None) | Q(until__gte=_day(at))


def memberships_of(account: Account | UUID, at: date | datetime) -> QuerySet[Membership]:
    """List what an account does, and where, on a day. One query. Called by the door of sign-in."""
    holder = account.pk if isinstance(account, Account) else account
    return (
        Membership.objects.filter(current_memberships(at), account=holder)
        .select_related("organization", "organization__territory")
        .order_by("organization__search_key", "role", "pk")
    )


def memberships_over(actor: Actor, at: date | datetime) -> QuerySet[Membership]:
    """List those whose last day is past and whose end was not said, in order. One query."""
    over = Membership.objects.visible_to(actor).filter(until__lt=_day(at), end_said_at=None)
    return over.order_by("until", "pk")


def with_role(role: str, at: date | datetime) -> QuerySet[Membership]:
    """List who holds a role, and where, on a day. One query."""
    return at_work(at).filter(role=role).order_by("organization", "pk")


def single_number_of(territory: UUID) -> UUID | None:
    """Give the single number of a territory. One query."""
    found = Organization.objects.filter(
        kind=OrganizationKind.SIO, territory=territory, closed_on=None
    )
    return found.order_by("pk").values_list("pk", flat=True).first()


def is_member(account: UUID, organization: UUID, at: date | datetime) -> bool:
    """Tell whether somebody whose account opens belongs to an organisation on a day. One query."""
    return at_work(at).filter(account=account, organization=organization).exists()


def roles_in(organization: UUID, at: date | datetime) -> frozenset[str]:
    """List what the members of an organisation do there on a day. One query."""
    rows = at_work(at).filter(organization=organization)
    return frozenset(rows.values_list("role", flat=True))


def posts_in(organization: UUID, at: date | datetime) -> frozenset[tuple[str, str]]:
    """List what the members of an organisation do there on a day, each role with the profession of
    who has it, empty for none. One query."""
    ended, profession = "account__practitioner__closed_on", "account__practitioner__profession"
    rows = at_work(at).filter(organization=organization).values_list("role", ended, profession)
    return frozenset((role, "" if closed else code or "") for role, closed, code in rows)


def at_work(at: date | datetime) -> QuerySet[Membership]:
    """List what people do, and where, on a day: open accounts, and no machine. One query.

    A software that acts for a structure is nobody’s colleague: what it was given would wait for
    ever, and where it alone has a role, nobody has it.
    """
    there = Q(account__is_active=True, account__is_machine=False)
    return Membership.objects.filter(current_memberships(at) & there)


def get_organization(actor: Actor, pk: UUID | str) -> Organization:
    """Give an organisation with its commune and territory; raises Http404."""
    return get_visible(actor, Organization.objects.select_related("commune", "territory"), pk)


def organization_by_request_code(code: str) -> Organization | None:
    """Find whose code this is, for the public form. One query."""
    wanted = code.strip().upper()
    if not wanted:
        return None
    return Organization.objects.filter(request_code=wanted, closed_on=None).first()


def organizations_matching(
    actor: Actor,
    text: str = "",
    *,
    kind: str = "",
    communes: Iterable[str] = (),
    territory: UUID | None = None,
) -> QuerySet[Organization]:
    """List open organisations by the beginning of a name, kind, place. One query when read."""
    found = Organization.objects.visible_to(actor).filter(closed_on=None)
    if text.strip():
        key = Func(Value(text[:80]), function="directory_place_key")
        found = found.alias(asked=key).exclude(asked="")  # signs alone would begin every name
        found = found.filter(Q(search_key__startswith=key) | Q(finess=text.strip().upper()))
    if kind:
        found = found.filter(kind=kind)
    if communes:
        found = found.filter(commune__in=list(communes))
    if territory:
        found = found.filter(territory=territory)
    return found.select_related("commune", "territory").order_by("search_key", "pk")


def territories(actor: Actor) -> QuerySet[Territory]:
    """List territories with their number of communes and residents of today. One query."""
    today = Q(places__commune__is_current=True)
    return (
        Territory.objects.visible_to(actor)
        .filter(closed_on=None)
        .annotate(
            commune_count=Count("places", filter=today),
            residents=Sum("places__commune__population", filter=today),
        )
        .order_by("kind", "name", "pk")
    )


def heirs_of(
    actor: Actor, closing: Pole | Sector | Territory
) -> QuerySet[Pole] | QuerySet[Sector] | QuerySet[Territory]:
    """List what may take over what is being closed: open, beside it, of its kind. One query."""
    beside = (
        {"kind": closing.kind}
        if isinstance(closing, Territory)
        else {"organization": closing.organization_id}
    )
    found: Any = type(closing).objects.visible_to(actor).filter(closed_on=None, **beside)
    return found.exclude(pk=closing.pk).order_by("name", "pk")


def closed_among(
    actor: Actor, organization: Organization, model: type[Pole] | type[Sector]
) -> QuerySet[Pole] | QuerySet[Sector]:
    """List the closed poles, or sectors, of an organisation, the latest first. One query."""
    found: Any = model.objects.visible_to(actor).filter(organization=organization)
    return found.exclude(closed_on=None).order_by("-closed_on", "name", "pk")


def closed_territories(actor: Actor) -> QuerySet[Territory]:
    """List the territories that were closed, and what took them over. One query."""
    found = Territory.objects.visible_to(actor).exclude(closed_on=None)
    return found.select_related("heir").order_by("-closed_on", "name", "pk")


def organizations_in(actor: Actor, territory: Territory) -> QuerySet[Organization]:
    """List the structures that hang from a territory. One query."""
    found = Organization.objects.visible_to(actor).filter(territory=territory)
    return found.order_by("search_key", "pk")


def shifts_left(pole: Pole, at: datetime) -> QuerySet[Shift]:
    """List the turns of a pole that are not over. One query."""
    found = Shift.objects.filter(pole=pole, ends_at__gt=at).select_related("account")
    return found.order_by("starts_at", "pk")


def get_territory(actor: Actor, pk: UUID | str) -> Territory:
    """Give a territory; raises Http404."""
    return get_visible(actor, Territory, pk)


def territories_of_commune(code: str, kind: str = "") -> QuerySet[Territory]:
    """List the territories that hold a commune. One query."""
    found = Territory.objects.filter(places__commune=code, closed_on=None)
    return (found.filter(kind=kind) if kind else found).order_by("kind", "name", "pk")


# -- the desk ------------------------------------------------------------------------------------


def poles_of(actor: Actor, organization: Organization) -> QuerySet[Pole]:
    """List the duty desks of an organisation. One query."""
    found = Pole.objects.visible_to(actor).filter(organization=organization, closed_on=None)
    return found.select_related("organization").order_by("name", "pk")


def get_pole(actor: Actor, pk: UUID | str) -> Pole:
    """Give a pole with its organisation; raises Http404."""
    return get_visible(actor, Pole.objects.select_related("organization"), pk)


def get_shift(actor: Actor, pk: UUID | str) -> Shift:
    """Give a shift with its pole; raises Http404."""
    return get_visible(actor, Shift.objects.select_related("pole__organization", "account"), pk)


def on_duty(organization: Organization | UUID, at: datetime) -> QuerySet[Shift]:
    """List who holds the desks of an organisation at a moment, desks before on-call. One query."""
    holder = organization.pk if isinstance(organization, Organization) else organization
    return (
        Shift.objects.filter(pole__organization=holder, starts_at__lte=at, ends_at__gt=at)
        .select_related("account", "pole")
        .order_by(F("kind").asc(), "starts_at", "pk")
    )


def is_desk_open(organization: Organization | UUID, at: datetime) -> bool:
    """Tell whether a pole of the organisation is open at a moment. One query."""
    return bool(open_poles(organization, at))


def open_poles(organization: Organization | UUID, at: datetime) -> list[Pole]:
    """List the poles of the organisation that are open at a moment. One query."""
    holder = organization.pk if isinstance(organization, Organization) else organization
    poles = Pole.objects.filter(organization=holder, closed_on=None)
    return [one for one in poles if desk_is_open(one.weekdays, one.opens, one.closes, at)]


def roster(actor: Actor, organization: Organization, first: date, days: int = 7) -> list[Pole]:
    """Give the poles with their shifts over some days, in `.week`. Two queries."""
    begins = datetime(first.year, first.month, first.day, tzinfo=PARIS)
    shifts = (
        Shift.objects.filter(starts_at__lt=begins + timedelta(days=days), ends_at__gt=begins)
        .select_related("account")
        .order_by("starts_at", "pk")
    )
    return list(
        poles_of(actor, organization).prefetch_related(
            Prefetch("shifts", queryset=shifts, to_attr="week")
        )
    )


def handovers_of(actor: Actor, organization: Organization, limit: int = 20) -> list[Handover]:
    """List the latest hand-over notes of an organisation. One query."""
    found = Handover.objects.visible_to(actor).filter(pole__organization=organization)
    return list(
        found.select_related("author", "read_by", "pole").order_by("-written_at", "-pk")[:limit]
    )


# -- sectors and cover ---------------------------------------------------------------------------


def sectors_of(actor: Actor, organization: Organization, at: datetime) -> QuerySet[Sector]:
    """List the sectors of an organisation, who answers for them, their size. One query.

    `.is_held` is false when who answered for it has left.
    """
    found = Sector.objects.visible_to(actor).filter(organization=organization, closed_on=None)
    holder = at_work(at).filter(
        account=OuterRef("coordinator"), organization=OuterRef("organization")
    )
    return (
        found.select_related("coordinator", "organization")
        .annotate(commune_count=Count("places"), residents=Sum("places__commune__population"))
        .annotate(is_held=Exists(holder))
        .order_by("name", "pk")
    )


def get_sector(actor: Actor, pk: UUID | str) -> Sector:
    """Give a sector; raises Http404."""
    return get_visible(actor, Sector.objects.select_related("organization", "coordinator"), pk)


def sector_of(organization: Organization | UUID, commune_code: str) -> Sector | None:
    """Find the sector of an organisation that answers for a commune. One query."""
    holder = organization.pk if isinstance(organization, Organization) else organization
    found = Sector.objects.filter(organization=holder, places__commune=commune_code)
    return found.select_related("coordinator").first()


def covers_at(at: datetime) -> list[tuple[UUID, UUID]]:
    """List who is away and who covers them, at a moment. One query."""
    return [(absent, cover) for absent, cover in _under_way(at=at)]


def asked_of_covers(at: datetime) -> Asked:
    """Say what `covers_at` asks, to be asked beside other things."""
    return _under_way.asked(at=at)


@Stencil
def _under_way(at: datetime) -> QuerySet[Cover, Any]:
    rows = Cover.objects.filter(since__lte=at).filter(Q(until=None) | Q(until__gt=at))
    return rows.order_by("since", "pk").values_list("absent_id", "cover_id")


def accounts_covering(account: Account | UUID, at: datetime) -> list[Account]:
    """List who sees the work of an account at a moment, cover of the cover included.

    The last one is who is really there. Two queries; one when nobody covers.
    """
    holder = account.pk if isinstance(account, Account) else account
    chain = stands_in_for(covers_at(at), holder)
    found = Account.objects.in_bulk(chain) if chain else {}
    return [found[pk] for pk in chain]


def accounts_covered_by(account: Account | UUID, at: datetime) -> frozenset[UUID]:
    """Give the absent accounts whose work an account sees at a moment. One query."""
    holder = account.pk if isinstance(account, Account) else account
    return absent_covered_by(covers_at(at), holder)


def colleagues_in(organization: Organization | UUID, at: datetime) -> QuerySet[Account]:
    """List the accounts that belong to an organisation on a day. One query."""
    inside = at_work(at).filter(organization=organization)
    return Account.objects.filter(pk__in=inside.values("account")).order_by("name", "pk")


def own_organization(actor: Actor) -> Organization:
    """Give the organisation that the actor works for now; raises Http404 when there is none."""
    return get_organization(actor, actor.organization_id or UUID(int=0))


def house_organizations(actor: Actor) -> QuerySet[Organization]:
    """List the organisations that live here: with a territory, poles or members. One query."""
    found = Organization.objects.visible_to(actor).filter(
        Q(territory__isnull=False) | Q(memberships__isnull=False), closed_on=None
    )
    return found.select_related("commune", "territory").distinct().order_by("search_key", "pk")


def covers_among(actor: Actor, organization: Organization, at: datetime) -> list[Cover]:
    """List the covers under way or to come of an organisation's members. One query."""
    inside = Membership.objects.filter(current_memberships(at), organization=organization)
    found = Cover.objects.visible_to(actor).filter(Q(until=None) | Q(until__gt=at))
    return list(
        found.filter(absent__in=inside.values("account"))
        .select_related("absent", "cover")
        .order_by("since", "pk")
    )


def get_cover(actor: Actor, pk: UUID | str) -> Cover:
    """Give a cover; raises Http404."""
    return get_visible(actor, Cover.objects.select_related("absent", "cover"), pk)


def get_handover(actor: Actor, pk: UUID | str) -> Handover:
    """Give a hand-over note; raises Http404."""
    return get_visible(actor, Handover.objects.select_related("pole__organization"), pk)


def contacts_of(actor: Actor, organization: Organization) -> QuerySet[Contact]:
    """List the functional mailboxes and numbers of an organisation. One query."""
    found = Contact.objects.visible_to(actor).filter(organization=organization)
    return found.order_by("kind", "label", "pk")


def get_contact(actor: Actor, pk: UUID | str) -> Contact:
    """Give a contact with its organisation; raises Http404."""
    return get_visible(actor, Contact.objects.select_related("organization"), pk)

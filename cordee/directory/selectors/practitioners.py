"""Professionals: searched, asked, their colleagues and what each declares."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Exists, Func, OuterRef, Prefetch, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.directory import rules
from cordee.directory.models import (
    Absence,
    Commune,
    Extraction,
    PhoneTie,
    Practice,
    PracticeSite,
    Practitioner,
    WeeklyHours,
)
from cordee.directory.phones import parse_phone
from cordee.directory.selectors.places import CommuneGroup, grouped_by_epci

A_MONTH = timedelta(days=32)  # the thirty days, and a night on either side
OPEN_SITES = Prefetch(
    "sites",
    queryset=PracticeSite.objects.filter(closed_on=None)
    .select_related("commune", "organization")
    .order_by("structure", "pk"),
    to_attr="open_sites",
)
DECLARED = (
    Prefetch("hours", queryset=WeeklyHours.objects.order_by("weekday", "starts", "pk")),
    Prefetch("absences", queryset=Absence.objects.order_by("begins_at", "pk")),
)


def hours_declared(practices: QuerySet[Practice], first: date) -> dict[UUID, float]:
    """Count, by professional, the hours declared over the thirty days that begin there.

    A week that many declare is counted once. Two queries.
    """
    weeks = practices.order_by().values_list("practitioner_id").annotate(said=_WEEK)
    away = _absences(practices, first)
    counted: dict[tuple[Any, ...], float] = {}
    hours = {}
    for pk, week in weeks:
        declared = (week, *away.get(pk, ()))
        if declared not in counted:
            stretches = [_stretch(one) for one in week.split(";") if one]
            counted[declared] = rules.declared_hours(stretches, declared[1:], first)
        hours[pk] = counted[declared]
    return hours


_PARTS = (Cast(f"hours__{one}", TextField()) for one in ("weekday", "starts", "ends"))
_WEEK = StringAgg(
    Concat(*chain.from_iterable((Value(" "), one) for one in _PARTS), output_field=TextField()),
    delimiter=";",
    order_by=("hours__weekday", "hours__starts", "hours__pk"),
    filter=Q(hours__isnull=False),
    default=Value(""),
)


def _stretch(told: str) -> rules.Hours:
    weekday, starts, ends = told.split()
    return rules.Hours(int(weekday), time.fromisoformat(starts), time.fromisoformat(ends))


def _absences(practices: QuerySet[Practice], first: date) -> dict[UUID, list[rules.Away]]:
    """By professional, the absences that touch these days or the two around them. One query."""
    begins = datetime.combine(first, time(0), rules.PARIS)
    around = Q(ends_at=None) | Q(ends_at__gt=begins - timedelta(days=1))
    found = Absence.objects.filter(
        around, practice__in=practices.order_by().values("pk"), begins_at__lt=begins + A_MONTH
    )
    away: defaultdict[UUID, list[rules.Away]] = defaultdict(list)
    spans = found.order_by("begins_at", "pk")
    for pk, *span in spans.values_list("practice__practitioner_id", "begins_at", "ends_at"):
        away[pk].append(rules.Away(*span))
    return away


def get_practitioner(actor: Actor, pk: UUID | str) -> Practitioner:
    """Give a professional with her places of practice in `.open_sites`; raises Http404."""
    return get_visible(actor, Practitioner.objects.prefetch_related(OPEN_SITES), pk)


def practitioners_matching(
    actor: Actor,
    text: str = "",
    *,
    profession: str = "",
    communes: Iterable[str] = (),
) -> QuerySet[Practitioner]:
    """List professionals in activity by name, number, profession, place. Two queries when read.

    A name is found by its beginning, first name before or after; sites are in `.open_sites`.
    """
    found = Practitioner.objects.visible_to(actor).filter(closed_on=None)
    if text.strip():
        key = Func(Value(text[:80]), function="cordee_fold")
        found = found.alias(asked=key).exclude(asked="")  # signs alone would begin every name
        found = found.filter(
            Q(search_key__startswith=key)
            | Q(reverse_key__startswith=key)
            | Q(rpps=text.strip()[:11])
        )
    if profession:
        found = found.filter(profession=profession)
    if communes:
        here = PracticeSite.objects.filter(
            practitioner=OuterRef("pk"), commune__in=list(communes), closed_on=None
        )
        found = found.filter(Exists(here))
    return found.prefetch_related(OPEN_SITES).order_by("search_key", "pk")


def solicitable(
    profession: str, kinds: Collection[str], commune_code: str, window: rules.Window
) -> list[Practitioner]:
    """List the professionals who may be asked for kinds of care, at a place, in a window.

    Mobile proved, tie confirmed, not stopped, kinds and zone declared; the rule of the searches
    says who comes at those hours. Caps count persons: whoever asks counts them. Three queries: the
    rows with `.practice`, its hours and its absences.
    """
    declared = (
        Practitioner.objects.filter(
            closed_on=None,
            profession=profession,
            practice__mobile_proved_at__isnull=False,
            practice__tie_confirmed_at__isnull=False,
            practice__stopped_at=None,
            practice__communes__contains=[commune_code],
            practice__kinds__contains=list(kinds),
        )
        .select_related("practice")
        .prefetch_related("practice__hours", "practice__absences")
        .order_by("pk")
    )
    return [one for one in declared if not _when(one.practice, window)]


def _when(practice: Practice, window: rules.Window) -> list[rules.Obstacle]:
    hours = [one.stretch() for one in practice.hours.all()]
    return rules.obstacles_when(hours, [one.span() for one in practice.absences.all()], window)


def colleagues_of(practitioner: Practitioner) -> QuerySet[Practitioner]:
    """List the professionals of the same trade who share a place of practice. One query."""
    own = PracticeSite.objects.filter(practitioner=practitioner, closed_on=None)
    shared = PracticeSite.objects.filter(
        practitioner=OuterRef("pk"), structure__in=own.values("structure"), closed_on=None
    )
    return (
        Practitioner.objects.filter(
            Exists(shared), closed_on=None, profession=practitioner.profession
        )
        .exclude(pk=practitioner.pk)
        .order_by("search_key", "pk")
    )


# -- what one declares ---------------------------------------------------------------------------


def practice_of(actor: Actor, practitioner: Practitioner | UUID) -> Practice | None:
    """Give what a professional declared, if the actor may see it. Three queries."""
    pk = practitioner.pk if isinstance(practitioner, Practitioner) else practitioner
    found = Practice.objects.visible_to(actor).filter(practitioner=pk)
    return found.select_related("practitioner").prefetch_related(*DECLARED).first()


def get_practice(actor: Actor, pk: UUID | str) -> Practice:
    """Give a declared practice with its hours and absences; raises Http404."""
    source = Practice.objects.select_related("practitioner").prefetch_related(*DECLARED)
    return get_visible(actor, source, pk)


def declared(practice: Practice) -> rules.Declared:
    """Say what was declared in the words of the rules; no query on a prefetched practice."""
    return rules.Declared(
        mobile=practice.mobile,
        mobile_proved=practice.mobile_proved_at is not None,
        tie_confirmed=practice.tie_confirmed_at is not None,
        closed=practice.practitioner.closed_on is not None,
        stopped=practice.stopped_at is not None,
        kinds=frozenset(practice.kinds),
        communes=frozenset(practice.communes),
        hours=tuple(stretch.stretch() for stretch in practice.hours.all()),
        absences=tuple(absence.span() for absence in practice.absences.all()),
    )


def obstacles_of(practice: Practice) -> list[tuple[rules.Obstacle, str]]:
    """List, in sentences, what keeps a professional from being asked."""
    return [(found, rules.SAID[found]) for found in rules.obstacles(declared(practice))]


def known_numbers(practitioner: Practitioner) -> list[str]:
    """List the phone numbers that national registers give for her places of practice. One query.

    They are known independently of what she declared: the tie is confirmed by calling one.
    """
    sites = PracticeSite.objects.filter(practitioner=practitioner, closed_on=None)
    rows = sites.order_by("structure", "pk").values_list("phone", "organization__phone")
    numbers = [parse_phone(number) for row in rows for number in row if number]
    return list(dict.fromkeys(number for number in numbers if number))


def numbers_to_call(practitioner_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Give the numbers of the places of practice of several professionals. One query."""
    sites = PracticeSite.objects.filter(practitioner__in=set(practitioner_ids), closed_on=None)
    columns = ("practitioner", "phone", "organization__phone")
    found: dict[UUID, list[str]] = {}
    for pk, *written in sites.order_by("structure", "pk").values_list(*columns):
        numbers = [parse_phone(one) for one in written if one]
        known = found.setdefault(pk, [])
        known.extend(one for one in dict.fromkeys(numbers) if one and one not in known)
    return found


def ties_of(actor: Actor, practice: Practice) -> QuerySet[PhoneTie]:
    """List the confirmations of a practice's phone, latest first. One query."""
    found = PhoneTie.objects.visible_to(actor).filter(practice=practice)
    return found.select_related("confirmed_by").order_by("-confirmed_at", "-pk")


def practitioners_awaiting_tie(actor: Actor) -> QuerySet[Practice]:
    """List who proved a mobile and waits for the confirming call, oldest first. One query."""
    return (
        Practice.objects.visible_to(actor)
        .filter(mobile_proved_at__isnull=False, tie_confirmed_at=None)
        .filter(practitioner__closed_on=None)
        .select_related("practitioner")
        .order_by("mobile_proved_at", "pk")
    )


def practising(account_id: UUID) -> QuerySet[Practitioner]:
    """Find the professional that an account is. One query. Called by the door of every page."""
    return Practitioner.objects.filter(account=account_id, closed_on=None).order_by("pk")


def account_of_rpps(rpps: str) -> Account | None:
    """Find the account of the professional who has this number. One query, by the sign-in."""
    held = Practitioner.objects.filter(rpps=rpps, closed_on=None, account__is_active=True)
    practitioner = held.select_related("account").first() if rpps else None
    return practitioner.account if practitioner else None


def rpps_of_account(account_id: UUID) -> str:
    """Find the number of the professional that an account is. One query, by the sign-in."""
    numbers = Practitioner.objects.filter(account=account_id).values_list("rpps", flat=True)
    return numbers.first() or ""


def practitioner_by_mobile(mobile: str) -> Practitioner | None:
    """Find who answers from a tied mobile; None when nobody does. One query."""
    return (
        Practitioner.objects.filter(
            practice__mobile=mobile, practice__tie_confirmed_at__isnull=False
        )
        .select_related("practice")
        .first()
    )


def zone_choices(practice: Practice, near: Iterable[str] = ()) -> list[CommuneGroup]:
    """List the communes to tick: those of the intercommunalities of her zone and practice, and
    around the communes she asks for. Two queries."""
    sites = PracticeSite.objects.filter(practitioner=practice.practitioner_id, closed_on=None)
    centre = Q(pk__in=[*practice.communes, *near]) | Q(pk__in=sites.values("commune"))
    epcis = Commune.objects.filter(centre).values_list("epci_code", "pk")
    pairs = list(epcis)
    return grouped_by_epci({epci for epci, _ in pairs}, [pk for _, pk in pairs])


def extractions(actor: Actor) -> list[Extraction]:
    """Give the latest extraction of each source, to say how fresh the directory is. One query."""
    found = Extraction.objects.visible_to(actor)
    return list(found.order_by("source", "-applied_at", "-pk").distinct("source"))


def get_absence(actor: Actor, pk: UUID | str) -> Absence:
    """Give a pause or a holiday with its practice; raises Http404."""
    return get_visible(actor, Absence.objects.select_related("practice__practitioner"), pk)


def practitioner_without_account(rpps: str) -> Practitioner | None:
    """Find by their number an active professional without an account that is open. One query."""
    free = Q(account=None) | Q(account__is_active=False)
    return Practitioner.objects.filter(free, rpps=rpps.strip(), closed_on=None).first()

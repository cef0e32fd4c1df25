"""Who may be asked now, in what order, and what keeps the others from being asked."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from cordee.access.sight import by_the_house
from cordee.broker import rules
from cordee.broker.models import BrokerSettings, Invitation, Solicitation
from cordee.broker.selectors.origins import origin_of, origin_of_asked
from cordee.directory import selectors as directory
from cordee.directory.models import Commune, Practice
from cordee.directory.rules import PARIS, declared_hours
from cordee.directory.selectors.practitioners import DECLARED
from cordee.kernel.base import any_of, array_of
from cordee.messaging import selectors as messaging
from cordee.people.models import CircleMember

REMEMBERED = timedelta(days=180)
FAIRNESS_WINDOW = timedelta(days=30)
Answer = Invitation.Answer


@dataclass(frozen=True)
class Pool:
    """Those who may be asked, in order, and those who may not, with every reason."""

    ranked: tuple[rules.Ranked, ...]
    barred: tuple[tuple[UUID, tuple[rules.Barrier, ...]], ...]

    def barriers_met(self) -> list[rules.Barrier]:
        """The reasons that stood alone: lifting that one would open somebody."""
        return [met[0] for _, met in self.barred if len(met) == 1]


def settings_of(urgency: str) -> rules.SearchSettings:
    """Give the settings of an urgency: those of this house, or those shipped. One query."""
    row = BrokerSettings.objects.filter(urgency=urgency).first()
    if row is None:
        return rules.DEFAULTS[rules.Urgency(urgency)]
    return rules.SearchSettings(**{name: getattr(row, name) for name in rules.EXPLAINED})


@by_the_house
def pool(solicitation: Solicitation, now: datetime) -> Pool:
    """Rank who may be asked for a search. About ten queries, whatever the number of rows.

    By the house: the load of a professional is counted over the searches of every team.
    """
    need = _need(solicitation, now)
    practices = list(_practices(solicitation, need))
    standings = standings_of(practices, now)
    met = {pk: rules.barriers(need, standing) for pk, standing in standings.items()}
    free = [one for one in practices if not met[one.practitioner_id]]
    ranked = rules.ranked(_candidates(solicitation, free, now), seed=solicitation.draw)
    barred = tuple((pk, reasons) for pk, reasons in met.items() if reasons)
    return Pool(ranked, barred)


def _need(solicitation: Solicitation, now: datetime) -> rules.Need:
    communes = {solicitation.commune_id}
    if solicitation.is_wide and solicitation.commune.epci_code:
        around = Commune.objects.filter(epci_code=solicitation.commune.epci_code)
        communes |= set(around.values_list("pk", flat=True))
    asked = solicitation.invitations.exclude(Invitation.TAKEN_BACK)
    hours = directory.moment_settings(
        solicitation.moments, tonight=solicitation.urgency == rules.Urgency.TONIGHT
    )
    return rules.Need(
        profession=solicitation.profession,
        kinds=frozenset(solicitation.kinds),
        communes=frozenset(communes),
        window=solicitation.window(now, hours),
        excluded=frozenset(solicitation.excluded),
        asked=frozenset(asked.values_list("practitioner_id", flat=True)),
        usual=solicitation.usual_practitioner_id,
    )


def _practices(solicitation: Solicitation, need: rules.Need):  # noqa: ANN202
    around = {solicitation.commune_id, *need.communes}
    if solicitation.commune.epci_code:
        epci = Commune.objects.filter(epci_code=solicitation.commune.epci_code)
        around |= set(epci.values_list("pk", flat=True))
    chosen = [*solicitation.preferred, solicitation.usual_practitioner_id]
    return (
        Practice.objects.filter(
            Q(communes__overlap=sorted(around)) | Q(practitioner__in=[one for one in chosen if one])
        )
        .select_related("practitioner")
        .prefetch_related(*DECLARED)
        .order_by("pk")
    )


@by_the_house
def standings_of(practices: Iterable[Practice], now: datetime) -> dict[UUID, rules.Standing]:
    """Say professionals in the words of the filters. One query beside the practices.

    By the house, as `pool`: what others asked counts, nobody is named.
    """
    listed = list(practices)
    taken = taken_this_week([one.practitioner_id for one in listed], now)
    return {
        one.practitioner_id: rules.Standing(
            practitioner_id=one.practitioner_id,
            profession=one.practitioner.profession,
            declared=directory.declared(one),
            weekly_cap=one.weekly_cap,
            taken_this_week=taken.get(one.practitioner_id, 0),
        )
        for one in listed
    }


def taken_this_week(practitioners: list[UUID], now: datetime) -> dict[UUID, int]:
    """Count the persons whom professionals accepted since Monday and did not follow before, each
    once. One query."""
    local = now.astimezone(PARIS)
    monday = (local - timedelta(days=local.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    rows = Invitation.objects.filter(
        practitioner__in=any_of(array_of(practitioners), "uuid"),
        answer=Answer.ACCEPTED,
        answered_at__gte=monday,
    ).exclude(
        Exists(
            CircleMember.objects.filter(
                practitioner=OuterRef("practitioner"),
                person=OuterRef("solicitation__person"),
                since__lt=monday,
            )
        )
    )
    persons = Count("solicitation__person", distinct=True)
    counted = rows.values("practitioner_id").annotate(taken=persons).order_by()
    return {row["practitioner_id"]: row["taken"] for row in counted}


def _candidates(
    solicitation: Solicitation, practices: list[Practice], now: datetime
) -> list[rules.Candidate]:
    usual = {*solicitation.preferred, solicitation.usual_practitioner_id}
    colleagues: set[UUID] = set()
    if solicitation.usual_practitioner:
        found = directory.colleagues_of(solicitation.usual_practitioner)
        colleagues = set(found.values_list("pk", flat=True))
    asked = [one.practitioner_id for one in practices]
    pasts = past_of(asked, now)
    away = directory.distances_km(asked, solicitation.commune_id)
    return [
        replace(
            candidate(one, pasts[one.practitioner_id], usual, colleagues, now),
            distance_km=away.get(one.practitioner_id),
        )
        for one in practices
    ]


@dataclass(frozen=True)
class Past:
    """What a professional answered in six months, and how often they were asked in 30 days."""

    history: rules.History = rules.History()
    solicited: int = 0


def candidate(
    practice: Practice, past: Past, usual: set, colleagues: set, now: datetime
) -> rules.Candidate:
    """Reduce a practice to what the ranking may look at."""
    pk = practice.practitioner_id
    tier = rules.Tier.ZONE
    if pk in usual:
        tier = rules.Tier.USUAL
    elif pk in colleagues:
        tier = rules.Tier.PRACTICE
    return rules.Candidate(
        practitioner_id=pk,
        tier=tier,
        history=past.history,
        solicited=past.solicited,
        available_hours=availability(practice, now),
        objects=practice.ranking_objection,
        urgent_at_night=practice.urgent_at_night,
    )


def availability(practice: Practice, now: datetime) -> float:
    """Give the hours declared over the thirty days that end now; no query on a full practice."""
    first = (now - FAIRNESS_WINDOW).astimezone(PARIS).date()
    stretches = [one.stretch() for one in practice.hours.all()]
    return declared_hours(stretches, [one.span() for one in practice.absences.all()], first)


def _kept_silent(now: datetime) -> Q:
    """Questions left without an answer by who had the time to give one: the search was still open
    when patience was over. Having been slower than somebody else is no silence.

    To be filtered where `left_at` says when the question left.
    """
    patience = timedelta(minutes=rules.PATIENCE_MINUTES)
    heard = ExpressionWrapper(OuterRef("left_at") + patience, DateTimeField())
    quicker = Invitation.objects.filter(
        solicitation=OuterRef("solicitation"), answer=Answer.ACCEPTED, answered_at__lt=heard
    )
    search = Solicitation.objects.filter(pk=OuterRef("solicitation"))
    over = search.filter(Q(state=Solicitation.State.REOPENED) | Q(ended_at__lt=heard))
    asked = Q(answer=Answer.WAITING, taken_back_at=None) & Q(left_at__lte=now - patience)
    return asked & ~Exists(quicker) & ~Exists(over)


def _left_at(now: datetime) -> Coalesce:
    """When a question left; not before now for one that its carrier has not taken. A question of
    which messaging keeps nothing left when it was asked."""
    texts = messaging.messages_about(origin_of_asked("pk"), "broker.ask").order_by("-pk")
    left = texts.values(at=Coalesce("sent_at", Value(now)))[:1]
    return Coalesce(Subquery(left), F("asked_at"))


@by_the_house
def past_of(practitioners: list[UUID], now: datetime) -> defaultdict[UUID, Past]:
    """Count answers and solicitations of professionals. One query.

    By the house, as `pool`: numbers come out, and no row.
    """
    recent = Q(asked_at__gte=now - FAIRNESS_WINDOW)
    said_no = Q(answer=Answer.DECLINED)
    rows = (
        _asked_by_text(practitioners, now - REMEMBERED, now)
        .annotate(left_at=_left_at(now))
        .values("practitioner_id")
        .annotate(
            yes=Count("pk", filter=Q(answer__in=Invitation.YES)),
            no=Count("pk", filter=said_no),
            silent=Count("pk", filter=_kept_silent(now)),
            solicited=Count("pk", filter=recent),
        )
        .order_by()
    )
    pasts: defaultdict[UUID, Past] = defaultdict(Past)
    for row in rows:
        history = rules.History(row["yes"], row["no"], row["silent"])
        pasts[row["practitioner_id"]] = Past(history, row["solicited"])
    return pasts


@by_the_house
def solicited_of(practitioners: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """Count how often professionals were asked in 30 days, as `past_of` does. One query.

    By the house, as `pool`: numbers come out, and no row.
    """
    rows = _asked_by_text(practitioners, now - FAIRNESS_WINDOW, now).order_by()
    return dict(rows.values_list("practitioner_id").annotate(solicited=Count("pk")))


def _asked_by_text(
    practitioners: Collection[UUID], since: datetime, now: datetime
) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        practitioner__in=any_of(array_of(practitioners), "uuid"),
        channel=Invitation.Channel.TEXT,
        undelivered_at=None,
        asked_at__gte=since,
        asked_at__lte=now,
    )


def search_state(solicitation: Solicitation, found: Pool, *, hurried: bool = False) -> rules.Search:
    """Say where a search stands, in the words of the rules. Three queries and the settings.

    Of the questions put, those whose answer is awaited may still be in the outbox: no carrier is
    waited for to take what was answered, or taken back.
    """
    asked = list(solicitation.invitations.filter(undelivered_at=None))
    waiting = [
        one
        for one in asked
        if one.answer == Answer.WAITING
        and one.taken_back_at is None
        and one.practitioner_id not in solicitation.set_aside
    ]
    moments: dict[UUID, datetime | None] = {one.pk: one.asked_at for one in asked}
    left = messaging.departures([origin_of(one) for one in waiting], "broker.ask")
    moments |= {one.pk: left.get(origin_of(one), one.asked_at) for one in waiting}
    settings = settings_of(solicitation.urgency)
    queued = [one.practitioner_id for one in waiting if moments[one.pk] is None]
    return rules.Search(
        settings=settings,
        launched_at=solicitation.launched_at,
        deadline_at=solicitation.deadline_at,
        candidates=found.ranked,
        wave=solicitation.wave,
        wave_ends_at=solicitation.wave_ends_at,
        waiting=tuple(
            rules.Unheard(float(one.chance), at) for one in waiting if (at := moments[one.pk])
        ),
        queued=len(queued),
        at_any_hour=_agreed_among(queued) if settings.ignores_quiet and queued else 0,
        last_wave=tuple(
            rules.Departure(one.asked_at, moments[one.pk])
            for one in asked
            if one.wave == solicitation.wave and one.channel == Invitation.Channel.TEXT
        ),
        held_until=solicitation.held_until,
        hurried=hurried,
    )


def _agreed_among(practitioners: list[UUID]) -> int:
    return Practice.objects.filter(practitioner__in=practitioners, urgent_at_night=True).count()


def quiet_of(invitation: Invitation) -> tuple[time, time] | None:
    """Give the quiet hours of whom a search asked; none for who agreed to urgent ones. 2 queries.

    Hours that begin as they end keep nobody quiet.
    """
    settings = settings_of(invitation.solicitation.urgency)
    agreed = Practice.objects.filter(practitioner=invitation.practitioner_id, urgent_at_night=True)
    return settings.quiet_hours(has_agreed=settings.ignores_quiet and agreed.exists())


def phones_of(practitioners: list[UUID]) -> dict[UUID, str]:
    """Give the proved, tied mobiles of professionals who still practise. One query."""
    tied = Practice.objects.filter(
        practitioner__in=practitioners,
        practitioner__closed_on=None,
        mobile_proved_at__isnull=False,
        tie_confirmed_at__isnull=False,
    )
    return dict(tied.values_list("practitioner_id", "mobile"))


def is_phone_hers(invitation: Invitation) -> bool:
    """Tell whether the phone that was written to is still proved, tied and hers. One query."""
    tied = phones_of([invitation.practitioner_id])
    return bool(invitation.phone) and tied.get(invitation.practitioner_id) == invitation.phone


def refuses_texts(practitioner_id: UUID) -> bool:
    """Tell whether a professional said STOP. One query."""
    stopped = Practice.objects.filter(practitioner=practitioner_id, stopped_at__isnull=False)
    return stopped.exists()


def phone_to_write_to(invitation: Invitation) -> str | None:
    """Give the proved, tied mobile of a professional who did not say STOP. Two queries."""
    who = invitation.practitioner_id
    return None if refuses_texts(who) else phones_of([who]).get(who)


def codes_in_use(phones: Iterable[str], now: datetime) -> dict[str, set[str]]:
    """Give the codes that each phone may not be given now. One query."""
    taken: dict[str, set[str]] = {phone: set() for phone in phones}
    rows = Invitation.objects.filter(phone__in=any_of(taken, "text"), code_until__gt=now).exclude(
        code=""
    )
    for phone, code in rows.values_list("phone", "code"):
        taken[phone].add(code)
    return taken

"""Past searches of a team, reduced to what a replay may look at: no person, no name."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, Q

from cordee.access.actor import Actor
from cordee.broker import rules
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.rules.replay import Asked, PastSearch, Replay, replayed, silence
from cordee.broker.rules.simulation import NEVER, Known, Played
from cordee.broker.selectors.pools import settings_of
from cordee.directory.models import Practice

LOOKED_BACK = timedelta(days=180)
MOST_SEARCHES = 200
Answer, State = Invitation.Answer, Solicitation.State
CAME = frozenset(Invitation.YES) - {Answer.LATER, Answer.LAPSED}
FOUND = (*Solicitation.TAKEN, State.REOPENED)
PATIENCE = timedelta(minutes=rules.PATIENCE_MINUTES)
ASKED = Invitation.objects.order_by("wave", "tier", "-score", "pk")


def replay(
    actor: Actor, urgency: rules.Urgency, tried: rules.SearchSettings, now: datetime
) -> tuple[int, Replay | None]:
    """Give how many past searches were found, and their replay. Four queries, whatever they are."""
    past = past_searches(actor, urgency, now)
    return len(past), replayed(past, settings_of(urgency), tried)


def past_searches(actor: Actor, urgency: rules.Urgency, now: datetime) -> list[PastSearch]:
    """List the searches of the reader's organisations that are over, latest first."""
    over = Q(state__in=(*FOUND, State.EXHAUSTED))
    over |= Q(state=State.CANCELLED, end_reason="found_elsewhere")
    rows = list(
        Solicitation.objects.visible_to(actor)
        .filter(
            over,
            organization__in=actor.organizations,
            urgency=urgency,
            launched_at__range=(now - LOOKED_BACK, now),
        )
        .prefetch_related(Prefetch("invitations", queryset=ASKED))
        .order_by("-launched_at", "-pk")[:MOST_SEARCHES]
    )
    near = _near([row.commune_id for row in rows])
    return [_past(row, near[row.commune_id]) for row in rows if row.invitations.all()]


def _near(communes: list[str]) -> defaultdict[str, list[tuple[UUID, str, frozenset[str]]]]:
    """Give who may be asked today, by commune: who, profession, kinds. One query."""
    wanted, found = set(communes), defaultdict(list)
    tied = Practice.objects.filter(
        communes__overlap=sorted(wanted),
        mobile_proved_at__isnull=False,
        tie_confirmed_at__isnull=False,
        stopped_at=None,
        practitioner__closed_on=None,
    )
    columns = ("practitioner_id", "practitioner__profession", "kinds", "communes")
    for pk, profession, kinds, zone in tied.order_by("pk").values_list(*columns):
        for commune in wanted & set(zone):
            found[commune].append((pk, profession, frozenset(kinds)))
    return found


def _past(row: Solicitation, near: list[tuple[UUID, str, frozenset[str]]]) -> PastSearch:
    asked = [one for one in row.invitations.all() if one.undelivered_at is None]
    already = {one.practitioner_id for one in row.invitations.all()} | set(row.excluded)
    came = [one.answered_at for one in asked if one.answer in CAME]
    won = min(came, default=None) if row.state in FOUND else None
    return PastSearch(
        key=str(row.pk),
        urgency=rules.Urgency(row.urgency),
        launched_at=row.launched_at,
        asked=tuple(
            Asked(
                one.practitioner_id,
                rules.Tier(one.tier),
                float(one.chance),
                _known(one, row, won),
            )
            for one in asked
        ),
        others=tuple(
            pk
            for pk, profession, kinds in near
            if pk not in already and profession == row.profession and set(row.kinds) <= kinds
        ),
        happened=Played(
            minutes=(won - row.launched_at) / timedelta(minutes=1) if won else NEVER,
            texts=len(already - set(row.excluded)),
        ),
    )


def _known(one: Invitation, row: Solicitation, won: datetime | None) -> Known | None:
    """Give the answer; silence is one only when nobody else had taken the place, and when the
    question stood for as long as patience lasts: see `pools`."""
    if one.answered_at is not None:
        minutes = max(0.0, (one.answered_at - one.asked_at) / timedelta(minutes=1))
        return Known(one.answer in CAME, minutes)
    over = min((at for at in (row.ended_at, one.taken_back_at) if at), default=None)
    had_time = over is not None and over >= one.asked_at + PATIENCE
    return silence() if had_time and not won else None

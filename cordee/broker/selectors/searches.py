"""What a search knows of itself. Read inside actions, under the lock of the search."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.timezone import localtime

from cordee.access.actor import Actor
from cordee.access.policy import get_visible
from cordee.access.sight import by_the_house
from cordee.broker import rules
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.selectors.pools import pool
from cordee.directory.models import Absence
from cordee.kernel.base import any_of
from cordee.kernel.latches import is_latched, latched_among
from cordee.people.models import CircleMember
from cordee.people.selectors import family

Answer = Invitation.Answer
HOLDS = Q(answer__in=(Answer.HELD, Answer.ACCEPTED))
SOME = 200
AWAY = (Absence.Kind.HOLIDAY, Absence.Kind.TRAINING)  # in a pause one is only asked nothing more
ENDED_FOR_THE_WINNER: dict[str, str] = {
    Solicitation.State.CANCELLED: Answer.ACCEPTED,
    Solicitation.State.REOPENED: Answer.DISMISSED,
}
"""What the answer of who had the place is, once a search ended without their saying so."""


def get_search(actor: Actor, pk: UUID | str) -> Solicitation:
    """Give a search with its person; raises Http404. Two queries."""
    return get_visible(actor, Solicitation.objects.select_related("person"), pk)


def standing_for_origin(origin: str) -> Solicitation | None:
    """Give the search that looks for somebody, or found who comes, if there is one. One query."""
    return Solicitation.objects.standing().filter(origin=origin).select_related("person").first()


@by_the_house
def is_wanted(solicitation: Solicitation, now: datetime) -> bool:
    """Whether a yes still means something: the need is open, and its search looks for somebody, or
    ran out of phones before its deadline and none was made since. Three queries.

    By the house: whoever was asked does not see the other searches of the need.
    """
    wanted = solicitation.can_be_filled(now)
    if solicitation.can_be_taken_up(now):
        wanted = taken_up_by(solicitation) is None
    return wanted and not is_latched(solicitation.origin)


def is_wanted_of(invitation: Invitation, search: Solicitation, now: datetime) -> bool:
    """Whether a yes of this professional still means something to a search: the person may have set
    them aside since they were asked. Three queries."""
    return invitation.practitioner_id not in search.set_aside and is_wanted(search, now)


@by_the_house
def wanted_among(solicitations: Sequence[Solicitation], now: datetime) -> set[UUID]:
    """The same, for many searches. Three queries. By the house, as `is_wanted`."""
    asked = [one for one in solicitations if one.can_be_filled(now) or one.can_be_taken_up(now)]
    origins = [one.origin for one in asked]
    over, latest = latched_among(origins), latest_among(origins) | standing_among(origins)
    return {
        one.pk
        for one in asked
        if one.origin not in over and (one.is_open or latest[one.origin] == one)
    }


@by_the_house
def taken_up_by(solicitation: Solicitation) -> Solicitation | None:
    """Give the search in which an answer to one that ended counts: the one that stands for its
    need, else the last that was made. None when there is no other. Two queries.

    By the house, as `is_wanted`.
    """
    if solicitation.state not in Solicitation.ENDED:
        return None
    made = Solicitation.objects.filter(origin=solicitation.origin).select_related("person")
    later = made.standing().first() or made.order_by("-launched_at", "-pk").first()
    return None if later == solicitation else later


def changed_into(search: Solicitation) -> Solicitation | None:
    """Give the search that took up the need of one that ended, where it asks for something else.
    Two queries."""
    later = taken_up_by(search)
    if later is None or rules.is_same_need(
        asked_of(search, search.launched_at), asked_of(later, later.launched_at)
    ):
        return None
    return later


@by_the_house
def asks_something_else(invitation: Invitation, shown: str) -> bool:
    """Whether an answer to what was shown, the key of a search, would count for another need. Three
    queries. By the house, as `is_wanted`."""
    made = {str(one.pk): one for one in made_for(invitation.solicitation.origin)}
    return changed_into(made.get(shown, invitation.solicitation)) is not None


def has_ended_since(origin: str, moment: datetime) -> bool:
    """Tell whether a search launched since a moment is over, none being under way. One query."""
    made = Solicitation.objects.filter(origin=origin, launched_at__gte=moment)
    states = set(made.values_list("state", flat=True))
    return bool(states) and states <= set(Solicitation.ENDED)


def latest_for_origin(actor: Actor, origin: str) -> Solicitation | None:
    """Give the last search made for an origin, if the actor may see it. One query."""
    made = Solicitation.objects.visible_to(actor).filter(origin=origin)
    return made.order_by("-launched_at", "-pk").first()


def due_for_a_look(actor: Actor, now: datetime) -> QuerySet[Solicitation]:
    """List open searches whose look is overdue: what a lost job would have done. One query."""
    late = Q(look_at__lt=now - timedelta(minutes=2)) | Q(deadline_at__lt=now) | Q(look_at=None)
    return Solicitation.objects.visible_to(actor).open().filter(late).order_by("deadline_at", "pk")


def winner_of(solicitation: Solicitation) -> Invitation | None:
    """Give the invitation that was accepted, if one was. One query."""
    found = solicitation.invitations.filter(answer=Answer.ACCEPTED)
    return found.select_related("practitioner").first()


def expected_no_more(solicitation: Solicitation) -> Invitation | None:
    """Give who was to come and is expected no more, unless they come again for the same need. Two
    queries."""
    lost = ENDED_FOR_THE_WINNER.get(solicitation.state)
    asked = solicitation.invitations.select_related("practitioner", "solicitation__person")
    found = asked.filter(answer=lost).first() if lost else None
    if found is None:
        return None
    again = Invitation.objects.filter(
        solicitation__origin=solicitation.origin,
        solicitation__state__in=Solicitation.TAKEN,
        practitioner=found.practitioner_id,
        answer=Answer.ACCEPTED,
    )
    return None if again.exists() else found


def is_held_by_gone(solicitation: Solicitation) -> bool:
    """Say whether who holds the place is in the national directory no more. One query."""
    if solicitation.state not in Solicitation.HELD_PLACES:
        return False
    return solicitation.invitations.filter(HOLDS, practitioner__closed_on__isnull=False).exists()


@by_the_house
def is_held_outside(solicitation: Solicitation) -> bool:
    """Say whether who is to come is of the circle no more: they read neither where nor what for.
    Three queries.

    By the house: a desk that follows her no more would see nobody in her circle.
    """
    winner = winner_of(solicitation) if solicitation.state in Solicitation.TAKEN else None
    if winner is None:
        return False
    stays = CircleMember.objects.current().filter(practitioner=winner.practitioner_id)
    return not stays.filter(person__in=family(solicitation.person_id)).exists()


def is_held_by_away(solicitation: Solicitation, now: datetime) -> bool:
    """Say whether who is to come has declared to be away then. Two queries."""
    return away_since(solicitation, now) is not None


def away_since(solicitation: Solicitation, now: datetime) -> datetime | None:
    """Give since when it is known that who is to come is away then: the leave was declared, and
    they said yes. Two queries."""
    visit = solicitation.first_visit_at
    is_past = visit is not None and visit < now
    winner = winner_of(solicitation) if solicitation.state in Solicitation.TAKEN else None
    if winner is None or is_past:
        return None
    at = visit or max(solicitation.begins_at, now)
    declared = Absence.objects.filter(practice__practitioner=winner.practitioner_id, kind__in=AWAY)
    over_it = declared.filter(Q(ends_at=None) | Q(ends_at__gt=at), begins_at__lte=at)
    last = over_it.aggregate(last=Max("created_at"))["last"]
    return max(last, winner.answered_at or last) if last else None


def places_of(practitioner_id: UUID, now: datetime) -> list[Solicitation]:
    """List the searches for which a professional comes, the first visit not being past, for the
    conductor. One query."""
    comes = Invitation.objects.filter(practitioner=practitioner_id, answer=Answer.ACCEPTED)
    taken = Solicitation.objects.filter(_is_ahead(now), state__in=Solicitation.TAKEN)
    return list(taken.filter(pk__in=comes.values("solicitation")).order_by("pk"))


def held_by_closed(closed_at: datetime, now: datetime, after: str = "") -> list[Solicitation]:
    """List, some at a time, the searches whose place is held by whoever an extraction closed, the
    first visit not being past. One query."""
    places = Solicitation.objects.filter(_is_ahead(now), state__in=Solicitation.HELD_PLACES)
    by_gone = Invitation.objects.filter(
        HOLDS, practitioner__closed_on=timezone.localdate(closed_at)
    )
    found = places.filter(pk__in=by_gone.values("solicitation"))
    if after:
        found = found.filter(pk__gt=after)
    return list(found.order_by("pk")[:SOME])


def _is_ahead(now: datetime) -> Q:
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Q(first_visit_at=None) | Q(first_visit_at__gte=today)


def stay_opened_by(invitation: Invitation) -> CircleMember | None:
    """Give the stay in the circle that a yes opened, once nothing else needs it.

    Neither one that was there before, nor one by which the professional comes for another need. Who
    was in the circles of two records has two stays since they are one: what the one of the record
    that was absorbed is for keeps the other. Four queries.
    """
    if invitation.stay is None:
        return None
    person, who = invitation.solicitation.person_id, invitation.practitioner_id
    stays = CircleMember.objects.current().filter(person__in=family(person), practitioner=who)
    found = {one.pk: one for one in stays.select_related("person")}
    opened = Invitation.objects.filter(stay__in=found)
    was_there = found.keys() - set(opened.values_list("stay", flat=True))
    comes = opened.filter(answer=Answer.ACCEPTED, solicitation__state__in=Solicitation.TAKEN)
    if was_there or comes.exclude(pk=invitation.pk).exists():
        return None
    return next((one for one in found.values() if one.person_id == person), None)


def is_stay_of_a_yes(stay: CircleMember) -> bool:
    """Say whether a yes opened this stay. One query."""
    return Invitation.objects.filter(stay=stay.pk).exists()


def yeses_of(persons: Sequence[UUID]) -> QuerySet[Invitation]:
    """List the yeses by which somebody comes, or that opened a circle, for some persons: those that
    hold first. For the house. One query."""
    comes = Q(answer=Answer.ACCEPTED, solicitation__state__in=Solicitation.TAKEN)
    found = Invitation.objects.filter(comes | ~Q(stay=None), solicitation__person__in=persons)
    ended_at = F("solicitation__ended_at").desc(nulls_first=True)
    return found.select_related("solicitation").order_by(ended_at, "pk")


def is_parted(invitation: Invitation, persons: Sequence[UUID]) -> bool:
    """Say whether whoever comes for one of some persons is of the circles of others alone, and was
    not sent away from this one since the yes. Two queries."""
    person, said_at = invitation.solicitation.person_id, invitation.answered_at
    stays = CircleMember.objects.filter(practitioner=invitation.practitioner_id)
    circles = stays.filter(person__in=persons, until=None).values_list("person_id", flat=True)
    was_sent_away = stays.filter(person=person, until__gte=said_at)
    return bool(circles) and person not in circles and not was_sent_away.exists()


def made_for(origin: str) -> QuerySet[Solicitation]:
    """List every search that an origin asked for, for the conductor. One query."""
    return Solicitation.objects.filter(origin=origin).order_by("pk")


def next_in_reserve(solicitation: Solicitation) -> Invitation | None:
    """Give the first who said yes while somebody held the place. One query."""
    reserve = solicitation.invitations.filter(answer=Answer.STANDBY)
    found = reserve.order_by("answered_at", "pk").first()
    if found:
        found.solicitation = solicitation
    return found


def still_waiting(solicitation: Solicitation) -> list[Invitation]:
    """List those who wait for a word on a place that somebody took. One query."""
    return _with_search(solicitation, (Answer.WAITING, Answer.STANDBY, Answer.LATER))


def to_tell_of_the_end(solicitation: Solicitation) -> list[Invitation]:
    """List those to tell that nobody is needed any more. One query."""
    waiting = (Answer.WAITING, Answer.STANDBY, Answer.LATER, Answer.HELD, Answer.ACCEPTED)
    return _with_search(solicitation, waiting)


def _with_search(solicitation: Solicitation, answers: tuple[str, ...]) -> list[Invitation]:
    found = list(
        solicitation.invitations.filter(answer__in=answers)
        .exclude(practitioner__in=solicitation.set_aside)  # told when they were
        .exclude(Invitation.TAKEN_BACK)
        .order_by("pk")
    )
    for invitation in found:
        invitation.solicitation = solicitation
    return found


def taken_back(solicitation: Solicitation) -> dict[UUID, Invitation]:
    """Give, by professional, the questions that were taken back from them. One query."""
    rows = solicitation.invitations.filter(Invitation.TAKEN_BACK)
    return {one.practitioner_id: one for one in rows}


def is_offered_later(solicitation: Solicitation) -> bool:
    """Tell whether somebody offers to come later than asked, and was not set aside. One query."""
    return solicitation.invitations.filter(answer=Answer.LATER).exists()


def asked_in_last_wave(solicitation: Solicitation) -> int:
    """Count whom the last wave of a search asked. One query."""
    asked = solicitation.invitations.filter(channel=Invitation.Channel.TEXT)
    return asked.filter(wave=solicitation.wave).count()


def last_asked_at(solicitation: Solicitation) -> datetime | None:
    """Give the moment of the latest question of a search. One query."""
    return solicitation.invitations.aggregate(latest=Max("asked_at"))["latest"]


def refusals_of(solicitation: Solicitation) -> tuple[list[rules.Refusal], int]:
    """Give the reasons of refusals, and how many said yes without it holding. One query."""
    rows = solicitation.invitations.values_list("answer", "refusal")
    refusals = [
        rules.Refusal(refusal or rules.Refusal.OTHER)
        for answer, refusal in rows
        if answer == Answer.DECLINED
    ]
    return refusals, sum(answer in (Answer.LATER, Answer.LAPSED) for answer, _ in rows)


def proposals_of(solicitation: Solicitation, now: datetime) -> list[rules.Proposal]:
    """Give what can still be tried, from refusals and from what keeps others. About 11 queries."""
    refusals, offers = refusals_of(solicitation)
    barriers = pool(solicitation, now).barriers_met()
    found = rules.proposals(refusals, barriers, offers, solicitation.end_reason)
    return [one.proposal for one in found]


@dataclass(frozen=True)
class Lessons:
    """What the searches made for a need have taught: who said no, who had the place and lost it,
    who said yes without having it."""

    refused: list[tuple[UUID, str, rules.Asked | None]] = field(default_factory=list)
    gone: set[UUID] = field(default_factory=set)
    willing: set[UUID] = field(default_factory=set)

    def declined(self, now: rules.Asked) -> set[UUID]:
        """Those who said no to what is asked now: a no to something else is none."""
        return {who for who, why, then in self.refused if rules.still_refused(why, then, now)}


def asked_of(need: Solicitation | rules.SearchOrder, launched_at: datetime) -> rules.Asked:
    """Say what a search asks, or is about to."""
    commune = need.commune_id if isinstance(need, Solicitation) else need.commune_code
    return rules.Asked(
        kinds=frozenset(need.kinds),
        commune=commune,
        moments=frozenset(need.moments),
        begins=localtime(need.begins_at),
        at_once=need.begins_at <= launched_at,
    )


def lessons_of(origin: str) -> Lessons:
    """Give what is known of those asked for a need. One query over every search made for it."""
    return lessons_among([origin])[origin]


def lessons_among(origins: Sequence[str]) -> defaultdict[str, Lessons]:
    """The same, for many needs. One query."""
    taught = {
        Answer.WITHDRAWN: "gone",
        Answer.DISMISSED: "gone",
        Answer.STANDBY: "willing",
        Answer.TOO_LATE: "willing",
        Answer.NOT_NEEDED: "willing",
    }
    asked = Invitation.objects.filter(
        solicitation__origin__in=any_of(origins, "text"), answer__in=[*taught, Answer.DECLINED]
    )
    lessons: defaultdict[str, Lessons] = defaultdict(Lessons)
    for one in asked.select_related("solicitation").order_by("pk"):
        search, who = one.solicitation, one.practitioner_id
        known = lessons[search.origin]
        if one.answer == Answer.DECLINED:
            since = search.need_changed_at
            is_other = bool(since and one.answered_at < since)  # the search asks something else now
            then = None if is_other else asked_of(search, search.launched_at)
            known.refused.append((who, one.refusal, then))
        else:
            getattr(known, taught[one.answer]).add(who)
    return lessons


def standing_among(origins: Sequence[str]) -> dict[str, Solicitation]:
    """Give the searches that stand, for many origins. One query."""
    found = Solicitation.objects.standing().filter(origin__in=any_of(origins, "text"))
    return {one.origin: one for one in found.select_related("person")}


def latest_among(origins: Sequence[str]) -> dict[str, Solicitation]:
    """Give the last search made for each of many origins. One query."""
    made = Solicitation.objects.filter(origin__in=any_of(origins, "text"))
    latest = made.order_by("origin", "-launched_at", "-pk").distinct("origin")
    return {one.origin: one for one in latest}

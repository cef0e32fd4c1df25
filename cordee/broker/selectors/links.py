"""From a secret or a text to the invitation it is about."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.access.policy import visible
from cordee.access.sight import by_the_house
from cordee.broker import rules
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.selectors.origins import origin_of
from cordee.broker.selectors.searches import taken_up_by, winner_of
from cordee.messaging.models import Message
from cordee.messaging.selectors import messages_about, texted_codes

WINNER_LINK = "broker.winner_link"
FAILED = Message.State.FAILED
WITH_SEARCH = Invitation.objects.select_related(
    "solicitation__person", "solicitation__organization", "practitioner"
)


@by_the_house
def invitation_by_secret(secret: str) -> Invitation | None:
    """Find the invitation of a link; the hash alone is compared, in an index. One query.

    A wrong secret costs the same query as a right one: nothing is learned from the time taken.

    By the house: whoever holds a link is nobody before it is opened.
    """
    return WITH_SEARCH.filter(link_hash=rules.hash_of(secret)).first()


@by_the_house
def invitation_of_link(secret: str) -> tuple[Invitation | None, Solicitation | None]:
    """Find the question of a link, and the search that its page shows. Five queries at most.

    Where another search took up the need, the link leads there: to the question put there to the
    same professional, else to what would be hers if she answered. By the house, as above.
    """
    found = invitation_by_secret(secret)
    if found is None:
        return None, None
    later = taken_up_by(found.solicitation)
    if later is None:
        return found, found.solicitation
    own = WITH_SEARCH.filter(solicitation=later, practitioner=found.practitioner_id)
    if there := own.exclude(phone="").first():
        return there, there.solicitation
    is_shown = found.practitioner_id not in later.set_aside
    return found, later if is_shown else found.solicitation


@by_the_house
def has_place_by_call(invitation: Invitation, shown: Solicitation) -> bool:
    """Tell whether a professional has, by a yes on the phone, the place of the search that her
    older link shows: it opens nothing of it. A search called off keeps the yes of who was to come,
    and holds no place. One query at most. By the house, as above."""
    if shown == invitation.solicitation or shown.state not in Solicitation.TAKEN:
        return False
    own = shown.invitations.filter(practitioner=invitation.practitioner_id)
    return own.filter(answer=Invitation.Answer.ACCEPTED).exists()


def invitations_for_reply(
    practitioner_id: UUID, codes: Iterable[str], heard_at: datetime
) -> list[Invitation]:
    """Find what a text from a professional is about: by codes, or the only question that was open
    when it was heard, so that a text looked at twice is about the same thing. One query.

    Of two questions about one need the last counts; that of a search which ran out of phones does
    when no other is open.

    A code is valid only from the phone it was sent to, and that phone must still be tied.
    """
    asked = WITH_SEARCH.filter(
        practitioner=practitioner_id,
        channel=Invitation.Channel.TEXT,
        phone=F("practitioner__practice__mobile"),
    )
    wanted = list(codes)
    if wanted:
        rows = asked.filter(code__in=wanted).order_by("asked_at", "pk")
        latest = {invitation.code: invitation for invitation in rows}
        return [latest[code] for code in wanted if code in latest]
    still = Q(solicitation__state__in=Solicitation.OPEN) | Q(
        solicitation__state=Solicitation.State.EXHAUSTED, solicitation__deadline_at__gt=heard_at
    )
    waiting = Q(answer=Invitation.Answer.WAITING) & still
    then = asked.filter(waiting | Q(answered_at__gte=heard_at), asked_at__lte=heard_at)
    needs = {one.solicitation.origin: one for one in then.order_by("asked_at", "pk")}
    live = [one for one in needs.values() if one.answered_at or one.solicitation.is_open]
    return (live or list(needs.values()))[:2]


def yes_kept(practitioner_id: UUID, at: datetime) -> Invitation | None:
    """Give the last yes of a professional, while it holds her to come. One query."""
    kept = WITH_SEARCH.filter(
        practitioner=practitioner_id,
        channel=Invitation.Channel.TEXT,
        answer=Invitation.Answer.ACCEPTED,
        answered_at__lt=at,
        solicitation__state__in=Solicitation.TAKEN,
    )
    return kept.order_by("-answered_at", "-pk").first()


def wrong_codes(practitioner_id: UUID, at: datetime) -> set[str]:
    """Give the codes that came from a professional's phone in an hour and were never hers.

    Two queries. Each counts once, however often it was sent.
    """
    heard = texted_codes(practitioner_id, at - rules.WRONG_CODES_WITHIN, at)
    if not heard:
        return set()
    own = Invitation.objects.filter(practitioner=practitioner_id, code__in=heard)
    return heard - set(own.values_list("code", flat=True))


def are_codes_tried(practitioner_id: UUID, at: datetime) -> bool:
    """Tell whether texts of this phone move nothing for now, right or wrong. Two queries."""
    return rules.tries_codes(wrong_codes(practitioner_id, at))


def latest_asked(practitioner_id: UUID) -> Invitation | None:
    """Give the last question put by text to a professional's phone of today. One query."""
    asked = WITH_SEARCH.filter(
        practitioner=practitioner_id,
        channel=Invitation.Channel.TEXT,
        phone=F("practitioner__practice__mobile"),
    )
    return asked.order_by("-asked_at", "-pk").first()


def links_sent(invitation: Invitation, since: datetime) -> int:
    """Count the links sent to a winner since a moment. One query."""
    return messages_about(origin_of(invitation), WINNER_LINK).filter(created_at__gt=since).count()


def link_sent(actor: Actor, invitation: Invitation) -> Message | None:
    """Give the last link sent to a winner, if the actor may see it. One query."""
    sent = visible(messages_about(origin_of(invitation), WINNER_LINK), actor)
    return sent.order_by("-pk").first()


def asked_by_text(actor: Actor, pk: UUID | str) -> Invitation | None:
    """Give the invitation that a text was about, if it still is one. One query."""
    return Invitation.objects.visible_to(actor).filter(pk=pk).first()


def is_untold(solicitation: Solicitation) -> bool:
    """Tell whether whoever has the place may not know: they are to be told, and nothing is on its
    way to them. Four queries."""
    winner = _to_be_told(solicitation)
    return winner is not None and not _words_of_the_place(winner).exclude(state=FAILED).exists()


def is_to_be_told(solicitation: Solicitation) -> bool:
    """Tell whether whoever has the place does not know yet: no date given, page not read, nothing
    that says so has left. Four queries."""
    winner = _to_be_told(solicitation)
    left = (Message.State.SENT, Message.State.DELIVERED)
    return winner is not None and not _words_of_the_place(winner).filter(state__in=left).exists()


def is_date_untold(solicitation: Solicitation, since: datetime, now: datetime) -> bool:
    """Tell whether whoever offered a later date may not know the one that is kept: the visit is
    to come, and they have not read their page since. Three queries."""
    visit = solicitation.first_visit_at
    if solicitation.state != Solicitation.State.CONFIRMED or visit is None or visit <= now:
        return False
    winner = winner_of(solicitation)
    return winner is not None and not trace.was_read(winner, by=winner.practitioner_id, since=since)


def _to_be_told(solicitation: Solicitation) -> Invitation | None:
    """Give who has the place, unless they gave the date or read their page."""
    if solicitation.state != Solicitation.State.FILLED or solicitation.first_visit_at:
        return None
    winner = winner_of(solicitation)
    is_read = winner is not None and trace.was_read(winner, by=winner.practitioner_id)
    return None if is_read else winner


def _words_of_the_place(winner: Invitation) -> QuerySet[Message]:
    """Give what says to whoever has the place that it is theirs: a place may have been held for
    them before, and lost."""
    held = Q(template="broker.place_held", created_at__gte=winner.answered_at)
    return Message.objects.filter(held | Q(template=WINNER_LINK), origin=origin_of(winner))


def never_arrives(invitation: Invitation) -> bool:
    """Tell whether the last text that put a question failed: one may have been put twice, and the
    first one's end says nothing of the second. One query."""
    last = messages_about(origin_of(invitation), "broker.ask").order_by("-pk").first()
    return last is None or last.state == FAILED

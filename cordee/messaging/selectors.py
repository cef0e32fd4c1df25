"""Reads of messaging: the words of a message, the outbox, the test phone."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db.models import Count, Expression, Max, QuerySet, Sum

from cordee.access.actor import Actor
from cordee.access.policy import get_visible, visible
from cordee.access.sight import by_the_house
from cordee.directory.models import Commune, Practice
from cordee.directory.rules import NEUTRAL_NAME
from cordee.directory.selectors import signing_names
from cordee.kernel.base import any_of, array_of
from cordee.messaging.alphabet import segment_count
from cordee.messaging.models import (
    CarrierState,
    Channel,
    InboundText,
    Message,
    MessageTemplate,
    Unkept,
)
from cordee.messaging.rules import (
    GRACE,
    OF_ITS_NUMBER,
    WHEREVER,
    Area,
    UnsafeError,
    Unspeakable,
    Wording,
    answers_since,
    check_context,
    check_service_name,
    compose,
    glued,
    opening_ends,
    safe_area,
    short_name,
)
from cordee.messaging.sealing import HIDDEN, unseal
from cordee.messaging.wordings import SHIPPED, Template, in_force
from cordee.people.models import Person

FEW = 50

# -- words ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """A message in words: whole as it leaves, shown as the desk may read it."""

    whole: str
    shown: str
    subject: str
    kept: frozenset[str]  # the keys of the context that may be kept in clear


def template(code: str, channel: Channel) -> Template:
    """Give the words in force; raises UnsafeError for an unknown code. One query."""
    shipped = SHIPPED.get(code)
    if shipped is None or not (shipped.text if channel == Channel.SMS else shipped.mail):
        raise UnsafeError("messaging.unknown_template", code[:40])
    chosen = MessageTemplate.objects.filter(code=code, channel=channel)
    return in_force(code, channel, chosen.values_list("subject", "body").first())


def said(code: str, channel: Channel, context: Mapping[str, Any], person_id: UUID | None) -> Said:
    """Write a message from identifiers alone. Raises UnsafeError. Three to seven queries."""
    check_context(context)
    forbidden = words_of_persons([person_id])[person_id] if person_id else []
    return in_words(template(code, channel), wording_of(context), context, forbidden)


def in_words(
    words: Template, wording: Wording, context: Mapping[str, Any], forbidden: Iterable[str]
) -> Said:
    """Write a message whose words are known: whole, and as the desk may read it. No query."""
    base = settings.CORDEE.public_url
    whole = compose(words.body, wording, base_url=base, forbidden=forbidden)
    shown, kept = whole, set(context) - {"link"}
    if wording.link:
        shown = shown.replace(base.rstrip("/") + wording.link, f"{base}/{HIDDEN}")
    if SHIPPED[words.code].seals_code and wording.code:
        shown, kept = shown.replace(wording.code, HIDDEN), kept - {"code"}
    title = words.subject and compose(words.subject, wording, base_url=base, forbidden=forbidden)
    subject = " ".join(title.split())[:120]
    return Said(whole=whole, shown=shown, subject=subject, kept=frozenset(kept))


def wording_of(context: Mapping[str, Any]) -> Wording:
    """Put a context in words: names come from the directory, never from the caller."""
    organization, commune = context.get("organization_id"), str(context.get("commune_code") or "")
    service = signing_names([organization])[str(organization)] if organization else NEUTRAL_NAME
    return Wording(
        service=said_service(service),
        area=areas_of([commune])[commune],
        begins_at=context.get("begins_at"),
        code=context.get("code") or "",
        link=context.get("link") or "",
    )


def said_service(name: str | None) -> str:
    """Say a sender in one short line. Raises UnsafeError."""
    if name is None:
        raise UnsafeError("messaging.unknown_organization")
    return check_service_name(short_name(name))


def unsayable(organizations: Collection[UUID]) -> set[UUID]:
    """Give those of these organisations whose name no text may hold. Two queries."""
    names, found = signing_names(organizations), set()
    for one in organizations:
        try:
            said_service(names[str(one)])
        except UnsafeError:
            found.add(one)
    return found


def areas_of(codes: Collection[str]) -> defaultdict[str, str]:
    """Name the smallest area around each commune that hides one person in it. Two queries."""
    least = settings.CORDEE.min_area_residents
    communes = list(Commune.objects.filter(pk__in=[code for code in codes if code]))
    small = {one.epci_code for one in communes if one.epci_code and one.population < least}
    around = Commune.objects.filter(epci_code__in=small, is_current=True) if small else None
    sums = around.values_list("epci_code").annotate(Sum("population")).order_by() if around else []
    residents = dict(sums)
    named: defaultdict[str, str] = defaultdict(lambda: WHEREVER)
    for one in communes:
        areas = [Area(one.name, one.population)]
        if one.epci_code and one.population < least:
            areas.append(Area(one.epci_name, residents.get(one.epci_code) or 0))
        if name := safe_area(areas, least):
            named[one.pk] = f"secteur {name}"
    return named


def words_of_persons(persons: Collection[UUID]) -> defaultdict[UUID, list[str]]:
    """List the words that would name the persons whom messages are about. One query."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    named = Person.objects.filter(pk__in=any_of(array_of(persons), "uuid")).values_list(
        "pk", "address", "commune__name", "birth_name", "used_name", "first_names",
        "used_first_name",
    )  # fmt: skip
    for pk, address, place, *names in named:
        whole = " ".join((*names, address, place or ""))
        found[pk] = [*names, place or "", *whole.split()]
    return found


def unspeakable_for(persons: Collection[UUID]) -> dict[UUID, Unspeakable]:
    """Give, for each person, the words that no link of a text about them may hold. One query."""
    words, once = words_of_persons(persons), cache(glued)  # names and towns come back
    return {person: Unspeakable.of(words[person], glue=once) for person in persons}


def has_stopped(number: str) -> bool:
    """Say whether whoever holds a number wants no more texts. Two queries.

    A professional takes them again in their space; anybody else, by writing again.
    """
    held = Practice.objects.filter(mobile=number).values_list("stopped_at", flat=True)
    if stops := list(held):
        return None not in stops
    heard = InboundText.objects.filter(sender=number).order_by("-pk")
    return bool(heard.values_list("is_stop", flat=True).first())


def is_unwanted(message: Message, now: datetime) -> bool:
    """Say whether a message would reach somebody who said STOP and has not asked for it.

    Who has written again since, a day ago at most, is told what became of her words, and asked
    nothing: CPCE art. L.34-5 is about prospection, and an answer to her own text is none.
    """
    words = SHIPPED.get(message.template)
    if message.channel != Channel.SMS or (words and words.is_asked_for):
        return False
    if not has_stopped(message.to):
        return False
    return not (words and words.answers and awaits_answer(message.to, now))


def awaits_answer(number: str, now: datetime) -> bool:
    """Say whether the last text of a professional's phone came after its STOP, and lately.

    Two queries.
    """
    last = InboundText.objects.filter(sender=number).order_by("-pk").first()
    stops = Practice.objects.filter(mobile=number, stopped_at__isnull=False)
    latest = stops.aggregate(at=Max("stopped_at"))["at"]
    if last is None or latest is None or last.is_stop:
        return False
    return bool(last.received_at >= max(latest, answers_since(now)))


# -- the outbox ----------------------------------------------------------------------------------


def outbox(actor: Actor, *, state: str = "", channel: str = "") -> QuerySet[Message]:
    """List the desk's messages, latest first. One query."""
    found = Message.objects.visible_to(actor).select_related("practitioner", "organization")
    if state in Message.State.values:
        found = found.filter(state=state)
    if channel in Channel.values:
        found = found.filter(channel=channel)
    return found.order_by("-created_at", "-pk")


def counts(actor: Actor) -> dict[str, int]:
    """Count the desk's messages by state. One query."""
    rows = Message.objects.visible_to(actor).order_by().values_list("state").annotate(Count("pk"))
    return dict(rows)


def get_message(actor: Actor, pk: UUID | str) -> Message:
    """Give one message with its receipts; raises Http404."""
    source = Message.objects.select_related("practitioner", "organization")
    return get_visible(actor, source.prefetch_related("receipts"), pk)


def get_text(actor: Actor, pk: UUID | str) -> InboundText:
    """Give one received text; raises Http404."""
    return get_visible(actor, InboundText.objects.select_related("practitioner"), pk)


def received(actor: Actor, *, unclear: bool = False) -> QuerySet[InboundText]:
    """List the texts received by the desk, latest first. One query."""
    found = InboundText.objects.visible_to(actor).select_related("practitioner")
    if unclear:
        found = found.filter(is_clear=False)
    return found.order_by("-received_at", "-pk")


def texted_codes(practitioner_id: UUID, after: datetime, until: datetime) -> set[str]:
    """Give the codes in the texts of a professional's phone between two moments. One query."""
    texts = InboundText.objects.filter(
        practitioner=practitioner_id, received_at__gt=after, received_at__lte=until
    )
    return {code for codes in texts.values_list("codes", flat=True) for code in codes}


def messages_about(origin: str | Expression, template: str) -> QuerySet[Message]:
    """Give the messages written for one thing of an upper room, by its opaque origin."""
    return Message.objects.filter(origin=origin, template=template)


def departures(origins: Collection[str], template: str) -> dict[str, datetime | None]:
    """Say when messages left, by origin; None while one waits for its carrier. One query.

    What its own number makes fail again and again waits for nothing but that number: left out.
    """
    written = Message.objects.filter(origin__in=any_of(origins, "text"), template=template)
    on_the_way = (Message.State.QUEUED, Message.State.SENDING)
    return {
        origin: sent_at
        for origin, state, attempts, sent_at in written.order_by("pk").values_list(
            "origin", "state", "attempts", "sent_at"
        )
        if sent_at or (state in on_the_way and attempts < OF_ITS_NUMBER)
    }


def still_here(origins: Collection[str], template: str) -> set[str]:
    """Say, by origin, which messages nobody can have read yet: none of them left. One query."""
    written = Message.objects.filter(
        origin__in=any_of(origins, "text"),
        template=template,
        state__in=(Message.State.QUEUED, Message.State.SENDING),
        in_doubt=False,
        carrier_ids=[],
    )
    return set(written.values_list("origin", flat=True))


def was_written(number: str, template: str, since: datetime) -> bool:
    """Tell whether a number was written these words since a moment. One query."""
    return Message.objects.filter(to=number, template=template, created_at__gt=since).exists()


def carriers(actor: Actor) -> list[CarrierState]:
    """List the links that are down. One query."""
    down = CarrierState.objects.filter(is_up=False)
    return list(visible(down, actor).order_by("channel", "pk"))


def unkept(actor: Actor) -> list[Unkept]:
    """List what carriers said that could not be kept, the latest first. One query."""
    return list(visible(Unkept.objects.all(), actor).order_by("-last_at", "pk")[:FEW])


def is_anything_due(channel: Channel, now: datetime) -> bool:
    """Say whether a message of this channel may leave now. One query, on a partial index."""
    return Message.objects.filter(
        channel=channel, state=Message.State.QUEUED, next_attempt_at__lte=now
    ).exists()


def is_anything_doubtful(channel: Channel, before: datetime) -> bool:
    """Say whether a message has been leaving for too long. One query, on a partial index."""
    return Message.objects.filter(
        channel=channel, state=Message.State.SENDING, sending_since__lte=before
    ).exists()


def is_break_to_tell(channel: Channel, is_up: bool, now: datetime) -> bool:
    """Say whether a link has just been found down, or been down for long enough. One query."""
    state = CarrierState.objects.filter(channel=channel).first()
    if state is None or state.is_up:
        return not is_up
    return state.told_at is None and state.since + GRACE <= now


def lasts_until_taken(channel: Channel, *, answered: bool) -> bool:
    """Say whether a break lasts, though the link opens, until a message is taken. One query."""
    state = CarrierState.objects.filter(channel=channel, is_up=False).first()
    return state is not None and not opening_ends(state.reason, answered=answered)


def channels_stuck(before: datetime) -> list[Channel]:
    """List the channels where something has been due for long, and nobody carries it. One query."""
    stuck = Message.objects.filter(state=Message.State.QUEUED, next_attempt_at__lte=before)
    return [Channel(name) for name in sorted(set(stuck.values_list("channel", flat=True)))]


def desks_that_write(channel: str, since: datetime) -> list[UUID]:
    """List the organisations that wrote lately that way: those whom a broken link concerns. One
    query."""
    lately = Message.objects.filter(
        channel=channel, created_at__gte=since, organization__isnull=False
    )
    return sorted(set(lately.values_list("organization_id", flat=True)))


# -- the test phone: in demonstration only, where every number is made up -----------------------


@dataclass(frozen=True)
class Bubble:
    """What a telephone shows: one text, in pieces that are words or links."""

    key: UUID
    at: datetime
    ours: bool
    pieces: list[tuple[str, bool]]
    state: str


def opened(message: Message) -> str:
    """Give a message whole, its sealed words opened: for the carrier, and for the test phone."""
    return unseal(message.sealed, message.pk).get("text", message.text)


def calendar_of(message: Message) -> str:
    """Give the invitation that travels with a mail; nothing with any other message."""
    return unseal(message.sealed, message.pk).get("calendar", "")


def last_written_about(origin: str) -> dict[str, str]:
    """Give, by address, the template of the last word about a thing of another room. One query."""
    written = Message.objects.filter(origin=origin).order_by("pk")
    return dict(written.values_list("to", "template"))


def pieces_of(message: Message) -> int:
    """Count the pieces a message travels in; one when its words are lost, for it will not leave."""
    try:
        return segment_count(opened(message)) if message.channel == Channel.SMS else 1
    except InvalidToken:
        return 1


def pieces_taken(message: Message) -> int:
    """Count the pieces that the carrier is known to have, of a text that goes on from there."""
    taken = len(message.carrier_ids)
    return taken if taken < pieces_of(message) else 0


@by_the_house
def phones(limit: int = 40) -> list[Message]:
    """List the latest message of each number: the phones one may pick up. One query.

    By the house: the phone and the mailbox of the demonstration are nobody’s.
    """
    latest = Message.objects.filter(channel=Channel.SMS).order_by("to", "-created_at", "-pk")
    found = latest.distinct("to").select_related("practitioner")
    return sorted(found, key=lambda message: message.pk, reverse=True)[:limit]


@by_the_house
def phone(pk: UUID | str) -> Message:
    """Give the phone that received a message. Raises Message.DoesNotExist.

    By the house: the phone and the mailbox of the demonstration are nobody’s.
    """
    rows = Message.objects.filter(channel=Channel.SMS).select_related("practitioner")
    return rows.get(pk=pk)


@by_the_house
def conversation(number: str, limit: int = 60) -> list[Bubble]:
    """Give what a phone received and what was answered from it, oldest first. Two queries.

    By the house: the phone and the mailbox of the demonstration are nobody’s.
    """
    sent = Message.objects.filter(channel=Channel.SMS, to=number).order_by("-created_at", "-pk")
    answered = InboundText.objects.filter(sender=number).order_by("-received_at", "-pk")
    bubbles = [
        Bubble(m.pk, m.created_at, False, _pieces(opened(m)), m.get_state_display())
        for m in sent[:limit]
    ]
    bubbles += [
        Bubble(t.pk, t.received_at, True, [(t.text, False)], "compris" if t.is_clear else "à lire")
        for t in answered[:limit]
    ]
    return sorted(bubbles, key=lambda bubble: (bubble.at, bubble.key))[-limit:]


@by_the_house
def quick_answers(number: str) -> list[str]:
    """Offer a yes and a no to the latest question without an answer. Two queries.

    By the house: the phone and the mailbox of the demonstration are nobody’s.
    """
    asked = Message.objects.filter(to=number, template="broker.ask").order_by("-created_at", "-pk")
    code = next((message.context.get("code", "") for message in asked[:1]), "")
    answered = InboundText.objects.filter(sender=number, codes__contains=[code]).exists()
    return [f"OUI {code}", f"NON {code}"] if code and not answered else []


@by_the_house
def letters(limit: int = 60) -> list[Message]:
    """List the e-mails of the demonstration, latest first. One query.

    By the house: the phone and the mailbox of the demonstration are nobody’s.
    """
    found = Message.objects.filter(channel=Channel.EMAIL)
    return list(found.order_by("-created_at", "-pk")[:limit])


@by_the_house
def letter(pk: UUID | str) -> tuple[Message, list[tuple[str, bool]]]:
    """Give an e-mail and its text, its links apart. Raises Message.DoesNotExist.

    By the house: the phone and the mailbox of the demonstration are nobody’s.
    """
    message = Message.objects.get(pk=pk, channel=Channel.EMAIL)
    return message, _pieces(opened(message))


_LINK = re.compile(r"(https?://[^\s,]+)")


def _pieces(text: str) -> list[tuple[str, bool]]:
    return [(piece, bool(_LINK.fullmatch(piece))) for piece in _LINK.split(text) if piece]


# -- the words, as administration sees them ------------------------------------------------------


def templates(actor: Actor) -> list[Template]:
    """List every message Cordée writes, in the words in force. One query."""
    rows = MessageTemplate.objects.visible_to(actor)
    chosen = {(one.code, one.channel): (one.subject, one.body) for one in rows}
    return [
        in_force(code, channel, chosen.get((code, channel)))
        for code, words in SHIPPED.items()
        for channel, body in ((Channel.SMS, words.text), (Channel.EMAIL, words.mail))
        if body
    ]

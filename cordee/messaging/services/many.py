"""Many texts at once: the same words, looked at as closely, and the same rows as one by one."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.conf import settings

from cordee.access import trace
from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_rows
from cordee.directory.selectors import holders_of_mobiles, signing_names
from cordee.kernel.errors import DomainError
from cordee.kernel.hand import Hand
from cordee.kernel.identifiers import uuid7s
from cordee.messaging import selectors
from cordee.messaging.alphabet import plain
from cordee.messaging.models import Channel, Message
from cordee.messaging.quiet import quiet_ends_at
from cordee.messaging.rules import Letter, Wording, check_context, check_link
from cordee.messaging.sealing import HIDDEN, seal
from cordee.messaging.services.outbox import NOT_WANTED, unsafe_is_told, wake
from cordee.people.rules.processing import Purpose
from cordee.people.selectors import refusing

Shared = tuple[UUID, str, datetime]
"""The desk that asks, the commune and the moment: what texts of one need share."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text to a professional about somebody, with a code, and a link that is theirs alone.

    The code is shown to the desk: a template that hides it (`Words.seals_code`) goes one by one.
    """

    to: str
    context: Mapping[str, Any]
    origin: str
    person_id: UUID
    expires_at: datetime | None = None
    quiet: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """Whom texts will be about, the mobiles they may go to, and what they share with others."""

    persons: AbstractSet[UUID]
    numbers: AbstractSet[str]
    shared: AbstractSet[Shared]


@action("messaging.send_many", on=None)
def texts_for(*, actor: Actor, template: str, going: Round, now: datetime) -> "Outgoing":
    """Make ready to put texts of one template in the outbox. Some ten queries, however many."""
    with unsafe_is_told():
        letters = _letters(template, going.shared)
    return Outgoing(
        template,
        now,
        refusing=refusing(going.persons, Purpose.TEXTS),
        holders=holders_of_mobiles(going.numbers),
        forbidden=selectors.unspeakable_for(going.persons),
        letters=letters,
    )


@dataclass
class Outgoing:
    """Texts of one template on their way to the outbox; what they need was read before the first.

    Each goes to a proved, tied mobile and holds a link: two are never the same.
    """

    template: str
    now: datetime
    refusing: AbstractSet[UUID]
    holders: Mapping[str, UUID]
    forbidden: Mapping[UUID, selectors.Unspeakable]
    letters: Mapping[Shared, Letter]
    count: int = 0

    def send(self, texts: Sequence[Text], *, by: Hand) -> None:
        """Put texts in the outbox, all or none. Raises DomainError as `send_text` does."""
        if not self.refusing.isdisjoint(one.person_id for one in texts):
            raise DomainError("messaging.refused", NOT_WANTED)
        with unsafe_is_told():
            insert_rows(Message, self._written(texts), by=by)
        self.count += len(texts)

    def close(self, actor: Actor) -> None:
        """Say that they were sent, and wake who carries them."""
        if self.count:
            trace.did_many(actor, "messaging.send", self.count)
            wake()

    def _written(self, texts: Sequence[Text]) -> Iterator[dict[str, Any]]:
        """Write every row; what a text alone holds is looked at in each of them."""
        base, keys = settings.CORDEE.public_url, uuid7s(len(texts))
        hidden = plain(f"{base}/{HIDDEN}")
        for key, one in zip(keys, texts, strict=True):
            check_context(one.context)
            check_link(one.context["link"], self.forbidden[one.person_id])
            letter, code = self.letters[_shared(one)], one.context["code"]
            whole = letter.written(code=code, link=base.rstrip("/") + one.context["link"])
            row = _row(one, self.template, self.now)
            row |= {"id": key, "practitioner_id": _holder(self.holders, one.to)}
            row["text"] = letter.written(code=code, link=hidden)
            row["sealed"] = "\\x" + seal({"text": whole}, key).hex()
            yield row


def _row(one: Text, template: str, now: datetime) -> dict[str, Any]:
    quiet_from, quiet_until = one.quiet or (None, None)
    leaves_at = quiet_ends_at(now, *one.quiet) if one.quiet else now
    return {
        "channel": Channel.SMS.value,
        "to": one.to,
        "person_id": one.person_id,
        "organization_id": one.context["organization_id"],
        "template": template,
        "context": {key: str(word) for key, word in one.context.items() if key != "link"},
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "next_attempt_at": leaves_at,
        "expires_at": one.expires_at,
        "origin": one.origin,
    }


def _holder(holders: Mapping[str, UUID], number: str) -> UUID:
    if number not in holders:
        raise DomainError(
            "messaging.bad_number",
            "Ce numéro n’est celui d’aucun professionnel qui reçoit des SMS. "
            "Rien n’est parti ; vérifiez-le.",
        )
    return holders[number]


def _shared(one: Text) -> Shared:
    context = one.context
    return context["organization_id"], context["commune_code"], context["begins_at"]


def _letters(template: str, shared: AbstractSet[Shared]) -> dict[Shared, Letter]:
    """Write once what texts of one need share. Raises UnsafeError."""
    body = selectors.template(template, Channel.SMS).body
    services = signing_names({organization for organization, _, _ in shared})
    areas = selectors.areas_of({commune for _, commune, _ in shared})
    said = {name: selectors.said_service(services[name]) for name in services}
    return {
        key: Letter.of(body, Wording(said[str(key[0])], areas[key[1]], key[2])).folded(plain)
        for key in shared
    }

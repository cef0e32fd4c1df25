"""Many texts at once: the same words, looked at as closely, and the same rows as one by one."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache, partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from cordee.access import trace
from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_lines
from cordee.directory.selectors import holders_of_mobiles, signing_names
from cordee.kernel.errors import DomainError
from cordee.kernel.hand import Hand
from cordee.kernel.identifiers import uuid7s
from cordee.messaging import selectors
from cordee.messaging.alphabet import plain
from cordee.messaging.models import Channel, Message
from cordee.messaging.quiet import quiet_ends_at
from cordee.messaging.rules import Letter, Wording, check_all_own, check_context
from cordee.messaging.sealing import HIDDEN, seal
from cordee.messaging.services.outbox import NOT_WANTED, unsafe_is_told, wake
from cordee.people.rules.processing import Purpose
from cordee.people.selectors import refusing

Shared = tuple[UUID, str, datetime]
"""The desk that asks, the commune and the moment: what texts of one need share."""


class About(NamedTuple):
    """What texts of one need are about, and until when they mean something."""

    person_id: UUID
    organization_id: UUID
    commune_code: str
    begins_at: datetime
    expires_at: datetime | None = None

    @property
    def shared(self) -> Shared:
        """What the words of its texts are written from."""
        return self.organization_id, self.commune_code, self.begins_at


class Text(NamedTuple):
    """One text to a professional, with a code, and a link that is theirs alone. Those of one need
    follow one another.

    The code is shown to the desk: a template that hides it (`Words.seals_code`) goes one by one.
    """

    about: About
    to: str
    code: str
    link: str
    origin: str
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
        actor,
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

    actor: Actor
    template: str
    now: datetime
    refusing: AbstractSet[UUID]
    holders: Mapping[str, UUID]
    forbidden: Mapping[UUID, selectors.Unspeakable]
    letters: Mapping[Shared, Letter]
    has_sent: bool = False

    def send(self, texts: Sequence[Text], *, by: Hand) -> None:
        """Put texts in the outbox, all or none, and say so. Raises DomainError as `send_text`."""
        if not self.refusing.isdisjoint(one.about.person_id for one in texts):
            raise DomainError("messaging.refused", NOT_WANTED)
        same = {"channel": Channel.SMS.value, "template": self.template}
        with unsafe_is_told():
            insert_lines(Message, WRITTEN, self._written(texts), same=same, by=by)
        if texts:
            trace.did_many(self.actor, "messaging.send", len(texts), by=by)
            self.has_sent = True

    def close(self) -> None:
        """Wake who carries them."""
        if self.has_sent:
            wake()

    def _written(self, texts: Sequence[Text]) -> Iterator[tuple[Any, ...]]:
        """Write every row; what a text alone holds is looked at in each of them."""
        base, keys = settings.CORDEE.public_url, iter(uuid7s(len(texts)))
        hidden, before = plain(f"{base}/{HIDDEN}"), base.rstrip("/")
        leaves_at = cache(partial(_leaves_at, self.now))
        for about, some in groupby(texts, attrgetter("about")):
            letter, said = self.letters[about.shared], _said(about)
            person_id, organization_id, *_, expires_at = about
            going = [*some]
            codes, links = [one.code for one in going], [one.link for one in going]
            check_all_own(codes, links, self.forbidden[person_id])
            for _, to, code, link, origin, quiet in going:
                whole = letter.written(code=code, link=before + link)
                shown = letter.written(code=code, link=hidden)
                key = next(keys)
                sealed = "\\x" + seal({"text": whole}, key).hex()
                yield (
                    key, to, _holder(self.holders, to), person_id, organization_id,
                    said | {"code": code}, shown, sealed, *(quiet or NEVER), leaves_at(quiet),
                    expires_at, origin,
                )  # fmt: skip


WRITTEN = (
    "id", "to", "practitioner_id", "person_id", "organization_id", "context", "text", "sealed",
    "quiet_from", "quiet_until", "next_attempt_at", "expires_at", "origin",
)  # fmt: skip
NEVER = (None, None)


def _said(about: About) -> dict[str, str]:
    """Say the words that texts of one need share, once looked at. Raises UnsafeError."""
    organization_id, commune_code, begins_at = about.shared
    said = {"organization_id": organization_id, "commune_code": commune_code}
    check_context({**said, "begins_at": begins_at})
    return {key: str(word) for key, word in {**said, "begins_at": begins_at}.items()}


def _leaves_at(now: datetime, quiet: tuple[time, time] | None) -> datetime:
    return quiet_ends_at(now, *quiet) if quiet else now


def _holder(holders: Mapping[str, UUID], number: str) -> UUID:
    if number not in holders:
        raise DomainError(
            "messaging.bad_number",
            "Ce numéro n’est celui d’aucun professionnel qui reçoit des SMS. "
            "Rien n’est parti ; vérifiez-le.",
        )
    return holders[number]


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

"""Many searches launched at once: after an outage, or on a day when everybody calls.

They are decided in their order, each on what the one before left: who was just asked counts as
asked. What is written is what as many launches one by one would have written; it is written by
sets, some searches after the others, in one commit. `tests/broker/test_launch_many.py` holds both
to the same first wave.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from cordee.access import trace
from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import Written, insert_lines
from cordee.broker import rules, selectors
from cordee.broker.facts import Exhausted, WaveSent
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.launching import asked_by, search_launched, taught
from cordee.broker.services.steps import CODE_RESERVED, Step, named, outcome_of, place_kept
from cordee.broker.services.texts import Quiet
from cordee.broker.services.turns import Formers, take_turns
from cordee.kernel.base import as_new
from cordee.kernel.facts import Fact, publish_many
from cordee.kernel.hand import Hand, checked_by_keys
from cordee.kernel.identifiers import uuid7s
from cordee.kernel.latches import latched_among
from cordee.kernel.memory import without_collecting
from cordee.kernel.queue import Later, later_many
from cordee.messaging import selectors as messaging
from cordee.messaging.rules import CARE_IN_LINKS, spelt
from cordee.messaging.services import About, Outgoing, Round, Text, texts_for

ONE_OPEN = "ON CONFLICT (origin) WHERE state IN ('open', 'held', 'filled', 'confirmed') DO NOTHING"
PART = 500
"""Searches decided before they are written, while the database writes those before them."""
TOGETHER = 50
"""Searches that one job looks at, at the moment that they share."""


@dataclass
class Decided:
    """A search with its first step, not kept yet: whom it asks, or why it asks nobody."""

    draft: Solicitation
    step: Step
    questions: list["Question"] = field(default_factory=list)
    proposals: tuple[str, ...] = ()


class Question(NamedTuple):
    """Whom a search asks, under which code of which phone, and between when no text leaves."""

    asked: rules.Ranked
    phone: str
    code: str
    quiet: Quiet


@action("broker.launch_many", on="orders", lock=())
def launch_many(
    *, actor: Actor, orders: Sequence[rules.SearchOrder], now: datetime
) -> dict[str, Solicitation]:
    """Look for somebody for each order, in their order; give the search of each origin.

    A search that stands already is given as it is. Left out: who died, what is over or held, whose
    desk has a name that no text may hold, and where somebody writes on a search launched meanwhile.
    Some thirty queries and as many inserts as there are thousands of rows.
    """
    selectors.wait_for_other_batches()
    origins = [one.origin for one in orders]
    turn = take_turns((one.person_id for one in orders), lambda: selectors.latest_among(origins))
    alive = _launchable(orders)
    running = selectors.standing_among([one.origin for one in alive])
    wanted = [one for one in alive if one.origin not in running and turn.is_free(one.origin)]
    drafts = _drafted(wanted, turn.formers, now)
    kept = {one.origin: one for one in _launched(actor, drafts, now)} if drafts else {}
    trace.did_many(actor, "broker.launch", len(running) + len(drafts))
    if len(kept) < len(drafts):  # another was quicker for the same origins
        running |= selectors.standing_among([one.origin for one in drafts])
    return running | kept


def _launchable(orders: Sequence[rules.SearchOrder]) -> list[rules.SearchOrder]:
    """Keep one order an origin; leave to `launch`, which says why, what it would refuse."""
    wanted = {one.origin: one for one in reversed(orders)}
    dead = selectors.dead_among(one.person_id for one in orders)
    over = latched_among(list(wanted))
    unsayable = messaging.unsayable({one.organization_id for one in orders})
    return [
        one
        for origin, one in reversed(wanted.items())
        if origin not in over and one.person_id not in dead and one.organization_id not in unsayable
    ]


def _drafted(
    orders: Sequence[rules.SearchOrder], formers: Formers, now: datetime
) -> list[Solicitation]:
    """Write the searches of orders, taught by those made before them; nothing is kept yet."""
    settings = selectors.all_settings()
    lessons = selectors.lessons_among([one.origin for one in orders])
    columns = (
        asked_by(one, formers.get(one.origin), settings[one.urgency].deadline, now)
        for one in orders
    )
    return [
        taught(as_new(Solicitation, row | {"launched_at": now}), lessons[row["origin"]])
        for row in columns
    ]


def _launched(actor: Actor, drafts: Sequence[Solicitation], now: datetime) -> list[Solicitation]:
    """Decide searches in their order and write them, some hundreds after the others: the database
    writes those, and what they ask, while the next are decided. Give those that were kept."""
    batch = selectors.batch(drafts, now)
    texts = texts_for(actor=actor, template="broker.ask", going=_round(batch, drafts), now=now)
    kept: list[Decided] = []
    with without_collecting(), checked_by_keys(), Hand() as hand:
        writing: list[tuple[list[Decided], Written]] = []
        for first in range(0, len(drafts), PART):
            decided = [_first_step(batch, one, now) for one in drafts[first : first + PART]]
            writing.append((decided, _kept(decided, hand)))
            if first:  # the database has written them since
                kept += _told(*writing.pop(0), texts, hand)
        kept += _told(*writing.pop(), texts, hand)
    texts.close()
    return [one.draft for one in kept]


def _round(batch: selectors.Batch, drafts: Sequence[Solicitation]) -> Round:
    return Round(
        persons={one.person_id for one in drafts},
        numbers={*batch.phones.values()},
        shared={(one.organization_id, one.commune_id, one.begins_at) for one in drafts},
    )


def _first_step(batch: selectors.Batch, draft: Solicitation, now: datetime) -> Decided:
    need = batch.need(draft)
    search = rules.Search(
        settings=batch.settings[draft.urgency],
        launched_at=draft.launched_at,
        deadline_at=draft.deadline_at,
        candidates=batch.order(draft, need),
    )
    step = rules.next_step(search, now)
    if draft.person_id in batch.refusing_texts:
        step = rules.without_texts(step, search)
    for name, value in outcome_of(step, now).items():
        setattr(draft, name, value)
    decided = Decided(draft, step)
    if isinstance(step, rules.Send):
        decided.questions = [*_questions(batch, draft, step)]
    elif isinstance(step, rules.Exhaust):
        found = rules.proposals([], batch.barriers_met(draft, need), 0, step.reason)
        decided.proposals = tuple(one.proposal.value for one in found)
    return decided


def _questions(batch: selectors.Batch, draft: Solicitation, wave: rules.Send) -> Iterator[Question]:
    settings = batch.settings[draft.urgency]
    quiet = [settings.quiet_hours(has_agreed=agreed) for agreed in (False, True)]
    for one in wave.invited:
        phone = batch.phones[one.candidate.practitioner_id]
        code = rules.draw_code(batch.codes[phone])
        if code is not None:
            batch.codes[phone].add(code)
            batch.crowd.put_question(one.candidate.practitioner_id)
            yield Question(one, phone, code, quiet[one.candidate.urgent_at_night])


def _kept(decided: Sequence[Decided], hand: Hand) -> Written:
    """Insert the searches, but those that another launched meanwhile."""
    lines = [LAUNCHED_AS(vars(one.draft)) for one in decided]
    return insert_lines(Solicitation, LAUNCHED, lines, unless=ONE_OPEN, by=hand)


def _told(
    decided: Sequence[Decided], written: Written, outgoing: Outgoing, hand: Hand
) -> list[Decided]:
    """Ask whom the searches that were kept ask, say it on the threads, and queue what is looked at
    next."""
    keys = written.keys()
    kept = [one for one in decided if one.draft.pk in keys]
    texts: list[Text] = []
    for one in kept:
        one.draft._state.adding = False
    same = {"asked_at": outgoing.now, "code_until": outgoing.now + CODE_RESERVED}
    insert_lines(Invitation, ASKED, _asked(kept, outgoing.forbidden, texts), same=same, by=hand)
    outgoing.send(texts, by=hand)
    publish_many([fact for one in kept for fact in _facts(one)], by=hand)
    later_many(_jobs(kept), by=hand)
    return kept


LAUNCHED = [
    field.attname
    for field in Solicitation._meta.concrete_fields
    if field.name not in ("created_at", "updated_at", "version")
]
LAUNCHED_AS = itemgetter(*LAUNCHED)
ASKED = (
    "id", "solicitation_id", "wave", "link_hash", "practitioner_id", "tier", "phone", "code",
    "chance", "score", "reasons",
)  # fmt: skip


def _asked(
    kept: Sequence[Decided],
    forbidden: Mapping[UUID, messaging.Unspeakable],
    texts: list[Text],
) -> Iterator[tuple[Any, ...]]:
    """Give the row of each question, and add to `texts` the one that asks it."""
    keys = iter(uuid7s(sum(len(one.questions) for one in kept)))
    for one in kept:
        draft, about = one.draft, _about(one.draft)
        drawn = _drawn_secrets(len(one.questions), forbidden[draft.person_id])
        for (asked, phone, code, quiet), secret in zip(one.questions, drawn, strict=True):
            key, who = next(keys), asked.candidate
            origin = selectors.origin_of_question(key)
            texts.append(Text(about, phone, code, f"/r/{secret}", origin, quiet))
            link_hash = "\\x" + rules.hash_of(secret).hex()
            yield (
                key, draft.pk, draft.wave, link_hash, who.practitioner_id, who.tier, phone, code,
                *place_kept(asked),
            )  # fmt: skip


def _about(draft: Solicitation) -> About:
    return About(
        person_id=draft.person_id,
        organization_id=draft.organization_id,
        commune_code=draft.commune_id,
        begins_at=draft.begins_at,
        expires_at=draft.deadline_at,
    )


def _drawn_secrets(count: int, forbidden: messaging.Unspeakable) -> list[str]:
    """Draw secrets of links until none spells a word that would keep its text from leaving."""

    def spells(words: str) -> bool:
        return bool(spelt(words, CARE_IN_LINKS) or spelt(words, forbidden))

    drawn = [rules.draw_secret() for _ in range(count)]
    if spells("".join(drawn)):  # one of them does, or two that stand side by side
        while any(map(spells, drawn)):
            drawn = [rules.draw_secret() if spells(one) else one for one in drawn]
    return drawn


def _facts(one: Decided) -> list[Fact]:
    said: list[Fact] = [search_launched(one.draft)]
    if isinstance(one.step, rules.Send):
        wave, invited = one.step, len(one.questions)
        said.append(
            WaveSent(**named(one.draft), wave=wave.wave, invited=invited, ends_at=wave.ends_at)
        )
    elif isinstance(one.step, rules.Exhaust):
        reason = one.step.reason
        said.append(Exhausted(**named(one.draft), reason=reason, proposals=one.proposals))
    return said


def _jobs(kept: Sequence[Decided]) -> list[Later]:
    """Say what is looked at next: the searches to look at in one moment, by some tens."""
    looks: defaultdict[datetime, list[str]] = defaultdict(list)
    jobs = []
    for one in kept:
        draft, step = one.draft, one.step
        looks[draft.deadline_at].append(str(draft.pk))
        if draft.is_open and draft.look_at:
            looks[draft.look_at].append(str(draft.pk))
        if isinstance(step, rules.Exhaust) and step.again_at:
            which = {"solicitation_id": str(draft.pk)}
            jobs.append(Later("cordee.broker.jobs.try_again", step.again_at, which))
    for at, keys in looks.items():
        for first in range(0, len(keys), TOGETHER):
            some = {"solicitation_ids": keys[first : first + TOGETHER]}
            jobs.append(Later("cordee.broker.jobs.look_at_many", at, some))
    return jobs

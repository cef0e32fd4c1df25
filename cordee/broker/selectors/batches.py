"""What many searches need to be decided together, read by sets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import connection

from cordee.broker import rules
from cordee.broker.models import BrokerSettings, Solicitation
from cordee.broker.selectors.pools import (
    FAIRNESS_WINDOW,
    codes_in_use,
    past_of,
    taken_this_week,
)
from cordee.directory import selectors as directory
from cordee.directory.outlines import Point
from cordee.directory.rules import PARIS, MomentHours, Window
from cordee.kernel.base import any_of, array_of
from cordee.kernel.prepared import run
from cordee.people.models import Person
from cordee.people.rules.processing import Purpose
from cordee.people.selectors import refusing


@dataclass
class Batch:
    """Searches to be launched together: the crowd as it stands, and what each order needs."""

    crowd: rules.Crowd
    settings: dict[str, rules.SearchSettings]
    around: dict[str, frozenset[str]]
    colleagues: dict[UUID, set[UUID]]
    sites: dict[UUID, list[Point]]
    centres: dict[str, Point]
    refusing_texts: set[UUID]
    phones: dict[UUID, str]
    codes: dict[str, set[str]]
    now: datetime
    moments: tuple[MomentHours, ...]
    windows: dict[tuple[str, datetime, tuple[str, ...]], Window] = field(default_factory=dict)

    def need(self, draft: Solicitation) -> rules.Need:
        """Say what a search needs, in the words of the filters: nobody was asked yet."""
        return rules.Need(
            profession=draft.profession,
            kinds=frozenset(draft.kinds),
            communes=self._around(draft) if draft.is_wide else frozenset({draft.commune_id}),
            window=self._window(draft),
            excluded=frozenset(draft.excluded),
            usual=draft.usual_practitioner_id,
        )

    def _window(self, draft: Solicitation) -> Window:
        """Give when the first visit may be: one object for all that ask for the same."""
        asked = draft.urgency, draft.begins_at, tuple(draft.moments)
        if asked not in self.windows:
            self.windows[asked] = draft.window(self.now, self.moments)
        return self.windows[asked]

    def order(self, draft: Solicitation, need: rules.Need) -> Iterable[rules.Ranked]:
        """Order who may be asked for a search, as `ranked` would."""
        known = draft.usual_practitioner_id
        colleagues = self.colleagues.get(known, set()) if known else set()
        tiers = dict.fromkeys(colleagues, rules.Tier.PRACTICE)
        tiers |= dict.fromkeys(_chosen(draft), rules.Tier.USUAL)
        there = self.centres.get(draft.commune_id)
        if there is None:
            return self.crowd.order(need, tiers, seed=draft.draw)
        free = [
            replace(
                one,
                tier=tiers.get(one.practitioner_id, rules.Tier.ZONE),
                distance_km=self._km(one.practitioner_id, there),
            )
            for one in self.crowd.free(need)
        ]
        return rules.ranked(free, seed=draft.draw)

    def _km(self, practitioner_id: UUID, there: Point) -> float | None:
        sites = self.sites.get(practitioner_id)
        return directory.nearest_km(sites, there) if sites else None

    def barriers_met(self, draft: Solicitation, need: rules.Need) -> Iterable[rules.Barrier]:
        """The reasons that stood alone around a search, as `Pool` gives them."""
        return self.crowd.barriers_met(need, self._around(draft), _chosen(draft))

    def _around(self, draft: Solicitation) -> frozenset[str]:
        return self.around.get(draft.commune_id, frozenset({draft.commune_id}))


def _chosen(draft: Solicitation) -> set[UUID]:
    return {one for one in (*draft.preferred, draft.usual_practitioner_id) if one}


def wait_for_other_batches() -> None:
    """Hold, to the end of the transaction, the turn to launch many: two batches that share origins
    or persons would wait for each other's rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('broker.launch_many'))")


def hold(searches: Iterable[UUID], *, waits: bool = True) -> set[UUID]:
    """Keep searches, to the end of the transaction, from whoever would write on them: in one order
    for all, as what is written to follow them holds them. Give those held: without waiting, those
    on which nobody writes. One query, if there is any."""
    keys = set(searches)
    if not keys:
        return keys
    asked = "SELECT id FROM broker_solicitation WHERE id = ANY (%s::uuid[]) ORDER BY id"
    how = "FOR KEY SHARE" if waits else "FOR KEY SHARE SKIP LOCKED"
    return {key for (key,) in run(f"{asked} {how}", [array_of(keys)])}


def all_settings() -> dict[str, rules.SearchSettings]:
    """Give the settings of every urgency. One query."""
    ours = {
        row.urgency: rules.SearchSettings(**{name: getattr(row, name) for name in rules.EXPLAINED})
        for row in BrokerSettings.objects.order_by("pk")
    }
    return {urgency.value: ours.get(urgency, rules.DEFAULTS[urgency]) for urgency in rules.Urgency}


def dead_among(persons: Iterable[UUID]) -> set[UUID]:
    """Give, of many persons, those who have died. One query."""
    died = Person.objects.filter(
        pk__in=any_of(array_of(set(persons)), "uuid"), deceased_on__isnull=False
    )
    return set(died.values_list("pk", flat=True))


def batch(drafts: Sequence[Solicitation], now: datetime) -> Batch:
    """Gather what many searches need. Some fifteen queries, whatever the number of searches.

    Inside a gesture, which reads everything, as `pool` does: the load of a professional is counted
    over every team.
    """
    communes = {one.commune_id for one in drafts}
    usual = {one.usual_practitioner_id for one in drafts if one.usual_practitioner_id}
    around = directory.epcis_of(communes)
    chosen = {pk for one in drafts for pk in _chosen(one)}
    first = (now - FAIRNESS_WINDOW).astimezone(PARIS).date()
    listed = directory.declarations(communes.union(*around.values()), chosen, first)
    everybody = [one.practitioner_id for one in listed]
    centres = directory.centres_of(communes)
    phones = {one.practitioner_id: one.declared.mobile for one in listed if one.declared.mobile}
    return Batch(
        crowd=_crowd(listed, everybody, now),
        settings=all_settings(),
        around=around,
        colleagues=directory.colleagues_among(usual) if usual else {},
        sites=directory.sites_of(everybody) if centres else {},
        centres=centres,
        refusing_texts=refusing({one.person_id for one in drafts}, Purpose.TEXTS),
        phones=phones,
        codes=codes_in_use(phones.values(), now),
        now=now,
        moments=directory.moment_settings(
            {at for one in drafts for at in one.moments},
            tonight=any(one.urgency == rules.Urgency.TONIGHT for one in drafts),
        ),
    )


def _crowd(
    listed: Sequence[directory.Declaration], everybody: list[UUID], now: datetime
) -> rules.Crowd:
    taken, pasts = taken_this_week(everybody, now), past_of(everybody, now)
    return rules.Crowd(
        (
            rules.Standing(
                practitioner_id=one.practitioner_id,
                profession=one.profession,
                declared=one.declared,
                weekly_cap=one.weekly_cap,
                taken_this_week=taken.get(one.practitioner_id, 0),
            ),
            rules.Candidate(
                practitioner_id=one.practitioner_id,
                history=pasts[one.practitioner_id].history,
                solicited=pasts[one.practitioner_id].solicited,
                available_hours=one.available_hours,
                objects=one.objects,
                urgent_at_night=one.urgent_at_night,
            ),
        )
        for one in listed
    )

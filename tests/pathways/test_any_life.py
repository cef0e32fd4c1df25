"""A request lives any life, whatever people do and however late the worker is: promises hold.

Walks are drawn from a seed, hence the same every time. A longer search, when something changes
here: `WALKS=400 pytest tests/pathways/test_any_life.py`.
"""

import os
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.access.policy import is_allowed
from cordee.broker import services as broker
from cordee.broker.models import Invitation, Solicitation
from cordee.intake import facts as intake_facts
from cordee.intake import services as intake
from cordee.intake.call import NeedSaid
from cordee.intake.models import CareRequest
from cordee.intake.rules import LIVE, State, public_line
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.facts import publish
from cordee.kernel.latches import is_latched
from cordee.messaging import services as messaging
from cordee.pathways import rules
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import CircleMember
from cordee.people.rules import processing
from cordee.people.selectors import may_process
from tests.factories.broker import nurse
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
)
from tests.factories.intake import CareRequestFactory, desk_of
from tests.support import arranging, run_jobs, speaking_as

pytestmark = pytest.mark.django_db
WALKS, STEPS = int(os.environ.get("WALKS", "8")), 22
GAVE_UP = {"declined", "withdrawn", "dismissed"}
OVER = (State.REFUSED, State.CANCELLED, State.HANDED_ON)


class Life:
    """Two desks, some nurses, one person, one need; and whoever does anything to it."""

    last: "Life"

    def __init__(self, seed: int, clock: dict) -> None:
        self.random, self.clock, self.done = Random(seed), clock, []
        self.desks = [OrganizationFactory(kind="sio") for _ in range(2)]
        self.voices = {desk.pk: desk_of(desk) for desk in self.desks}
        self.keepers = {desk.pk: AccountFactory() for desk in self.desks}
        for desk in self.desks:
            account = self.keepers[desk.pk]
            MembershipFactory(account=account, organization=desk, role="orienteuse")
        for _ in range(self.random.choice([1, 2, 4])):
            nurse()
        self.person, Life.last = None, self
        self.receive()

    @property
    def now(self):
        return self.clock["now"]

    def is_past(self):
        """Nobody asks anything any more for who died or refuses coordination."""
        self.person.refresh_from_db()
        refused = not may_process(self.person.pk, processing.Purpose.COORDINATION)
        return refused or self.person.deceased_on is not None

    def live(self):
        return CareRequest.objects.filter(person=self.person, state__in=LIVE)

    def request(self):
        """The request that somebody looks at: nearly always the last."""
        found = list(CareRequest.objects.filter(person=self.person).order_by("pk"))
        return found[-1] if self.random.random() < 0.8 else self.random.choice(found)

    def invitation(self, *answers):
        found = Invitation.objects.filter(solicitation__person=self.person).order_by("pk")
        chosen = list(found.filter(answer__in=answers) if answers else found)
        return self.random.choice(chosen) if chosen else None

    def search(self):
        found = list(Solicitation.objects.filter(person=self.person).order_by("pk"))
        return self.random.choice(found[-2:]) if found else None

    def next_gesture(self):
        draw = self.random.random()
        if draw < 0.025:
            return self.random.choice(LAST)
        if draw < 0.25:
            return self.random.choice(ANYTHING.split())
        return self.random.choice(LIKELY[State(self.request().state)].split())

    # -- the desk --------------------------------------------------------------------------------

    def receive(self):
        if self.person and (self.live().exists() or self.is_past()):
            return
        more = {"person": self.person} if self.person else {}
        made = CareRequestFactory(
            organization=self.desks[0],
            delay="planned",
            received_at=self.now,
            outcome_at=self.now,
            due_at=self.now + timedelta(days=3),
            caller__phone="+33639980099",
            **more,
        )
        self.person = made.person
        said = {"organization_id": made.organization_id, "weight": made.weight}
        with arranging(self.now):
            publish(
                intake_facts.RequestReceived(person_id=made.person_id, request_id=made.pk, **said)
            )

    def desk_does(self, verb, **said):
        request = self.request()
        actor = self.voices[request.organization_id]
        getattr(intake, verb)(actor=actor, request=request, now=self.now, **said)

    def qualify(self):
        self.desk_does("qualify")

    def search_again(self):
        self.desk_does("ask_search")

    def tell(self):
        self.desk_does("tell", said=intake.Told(how="call", result="reached"))

    def tell_in_vain(self):
        self.desk_does("tell", said=intake.Told(how="call", result="no_answer"))

    def confirm(self):
        day = timezone.localdate(self.now) + timedelta(days=self.random.randint(0, 3))
        self.desk_does("confirm", first_visit_on=day)

    def close(self):
        self.desk_does("close")

    def refuse(self):
        self.desk_does("refuse", reason="no_professional")

    def cancel(self):
        self.desk_does("cancel", reason=self.random.choice(["asked", "solved", "person_died"]))

    def hold(self):
        self.desk_does("hold_for_samu")

    def release(self):
        self.desk_does("release", reason="le 15 a rassuré")

    def hurry(self):
        self.desk_does("set_delay", delay="tonight")

    def edit(self):
        request = self.request()
        begins_on = timezone.localdate(self.now) + timedelta(days=self.random.randint(0, 2))
        need = NeedSaid(
            kind=request.kind, need="Soir", commune_code=request.commune_id, begins_on=begins_on
        )
        to = intake.Edited(need=need, search_now=self.random.random() < 0.5)
        intake.edit(
            actor=self.voices[request.organization_id], request=request, to=to, now=self.now
        )

    def take(self):
        request = self.request()
        names = [self.voices[request.organization_id].account_id, None]
        self.desk_does("take", account_id=self.random.choice(names))

    def keep(self):
        request = self.request()
        keeper = self.keepers[request.organization_id].pk
        until = self.now + timedelta(hours=12)
        actor = self.voices[request.organization_id]
        by = intake.Keeper(keeper, "on_call", until)
        intake.keep(actor=actor, request=request, by=by, now=self.now)

    def hand_on(self):
        request = self.request()
        other = next(one for one in self.desks if one.pk != request.organization_id)
        to = intake.HandOn(organization=other, reason="territory", spoken_with="Nadia")
        actor = self.voices[request.organization_id]
        intake.hand_on(actor=actor, request=request, to=to, now=self.now)

    # -- the pages of a search -------------------------------------------------------------------

    def broker_does(self, verb, **said):
        if search := self.search():
            actor = self.voices[search.organization_id]
            getattr(broker, verb)(actor=actor, solicitation=search, now=self.now, **said)

    def widen(self):
        self.broker_does("widen")

    def next_wave(self):
        self.broker_does("launch_next_wave")

    def stop_the_search(self):
        self.broker_does("cancel", reason="mistake")

    def call(self):
        if asked := self.invitation():
            outcome = self.random.choice(["yes", "no", "no_answer"])
            made = broker.CallMade(practitioner=asked.practitioner, outcome=outcome)
            self.broker_does("record_call", call=made)

    def person_declines(self):
        if won := self.invitation("accepted"):
            actor = self.voices[won.solicitation.organization_id]
            broker.decline_winner(actor=actor, invitation=won, now=self.now)

    # -- nurses ----------------------------------------------------------------------------------

    def nurse_does(self, verb, *answers, **said):
        if asked := self.invitation(*answers):
            herself = speaking_as(asked.practitioner, account_id=None)
            getattr(broker, verb)(actor=herself, invitation=asked, now=self.now, **said)

    def yes(self):
        self.nurse_does("accept")

    def yes_in_time(self):
        self.nurse_does("accept", "waiting", "held", "standby")

    def no(self):
        self.nurse_does("decline")

    def later_yes(self):
        self.nurse_does("later_offer", offers_from=self.now + timedelta(days=1))

    def withdraw(self):
        self.nurse_does("withdraw", "accepted")

    def first_visit(self):
        at = self.now + timedelta(hours=self.random.randint(1, 40))
        self.nurse_does("confirm_care", "accepted", first_visit_at=at)

    def text(self):
        self.text_says(self.random.choice(["OUI", "OUI", "NON"]))

    def text_yes(self):
        self.text_says("OUI")

    def text_says(self, word):
        if asked := self.invitation():
            heard = messaging.Heard(asked.phone, f"{word} {asked.code}")
            messaging.receive_text(actor=SYSTEM, heard=heard, now=self.now)

    # -- the person ------------------------------------------------------------------------------

    def admitted(self):
        self.person.refresh_from_db()
        actor = self.voices[self.desks[0].pk]
        people.admit_person(actor=actor, person=self.person, organization=None, now=self.now)

    def moves(self):
        self.person.refresh_from_db()
        place = CommuneFactory().pk
        actor = self.voices[self.desks[0].pk]
        people.move_person(
            actor=actor, person=self.person, commune_code=place, address="", now=self.now
        )

    def dies(self):
        self.person.refresh_from_db()
        actor, day = self.voices[self.desks[0].pk], timezone.localdate(self.now)
        people.declare_death(actor=actor, person=self.person, deceased_on=day, now=self.now)

    def refuses_coordination(self):
        self.person.refresh_from_db()
        people.choose_processing(
            actor=SYSTEM,
            person=self.person,
            purpose=processing.Purpose.COORDINATION,
            will=processing.Will.REFUSED,
            told=people.Told(),
            now=self.now,
        )

    # -- the house -------------------------------------------------------------------------------

    def time_passes(self):
        self.clock["now"] += timedelta(minutes=self.random.choice([20, 90, 600, 2000]))

    def works(self):
        self.done.append("works")
        run_jobs(until=self.now)


# What people do when a request stands so; one gesture in three is anything at all.
LIKELY = {
    State.RECEIVED: "qualify qualify qualify take hold",
    State.QUALIFIED: "search_again search_again widen tell release call",
    State.SEARCHING: "yes_in_time yes_in_time yes_in_time text no later_yes next_wave call "
    "time_passes stop_the_search hurry hold",
    State.FOUND: "tell first_visit first_visit first_visit confirm withdraw person_declines hold",
    State.CONFIRMED: "tell tell close close close withdraw cancel hold",
    State.CLOSED: "withdraw person_declines receive",
    State.REFUSED: "tell receive receive",
    State.CANCELLED: "tell receive receive yes",
    State.HANDED_ON: "tell qualify yes",
}
ANYTHING = """
receive qualify search_again tell tell_in_vain confirm close cancel hold release hurry take keep
widen next_wave stop_the_search call person_declines yes no text later_yes withdraw first_visit
time_passes refuse refuse hand_on hand_on hand_on admitted moves edit edit
"""
OPENINGS = (
    "",
    "qualify works yes_in_time works",
    "qualify works yes_in_time works first_visit works tell close",
    "qualify works yes_in_time works person_declines",
    "qualify works text_yes works later_yes",
    "qualify works hand_on qualify",
    "qualify works refuse yes works tell receive",
    "qualify works hold works release",
)
LAST = ("dies", "refuses_coordination")  # little happens after that: once in forty


# --- what is true at any moment, even before the worker -------------------------------------------


def check_at_any_moment(life, asked_before):
    standing = Solicitation.objects.standing().filter(person=life.person)
    taken = standing.filter(state__in=Solicitation.TAKEN)
    winners = Invitation.objects.filter(solicitation__in=taken, answer="accepted")
    may_come = set(winners.values_list("practitioner_id", flat=True))

    stays = CircleMember.objects.current().filter(person=life.person)
    nurses = set(stays.exclude(practitioner=None).values_list("practitioner_id", flat=True))
    assert nurses <= may_come, "a nurse has access and does not come"
    for one in Invitation.objects.filter(solicitation__person=life.person):
        reads = is_allowed(speaking_as(one.practitioner), "broker.read_contact", one)
        assert not reads or one.practitioner_id in may_come

    for origin in {one.origin for one in standing}:
        assert standing.filter(origin=origin).count() == 1
    for one in Invitation.objects.exclude(pk__in=asked_before).select_related("solicitation"):
        latched_now = is_latched(one.solicitation.origin)
        assert life.done[-1] == "works" or not latched_now, "asked for nothing"
        assert one.channel == "call" or not _had_given_up(one), "asked again"


def _had_given_up(asked):
    """Whether an earlier search for the same need, here or where it comes from, heard a no."""
    before, request = [asked.solicitation.origin], _request_of(asked.solicitation)
    while request.handed_from:
        request = request.handed_from
        before.append(f"intake/request/{request.pk}")
    said = Invitation.objects.filter(
        solicitation__origin__in=before, practitioner=asked.practitioner_id, answer__in=GAVE_UP
    )
    return said.exclude(pk=asked.pk).filter(answered_at__lte=asked.asked_at).exists()


def _request_of(search):
    return CareRequest.objects.get(pk=search.origin.rpartition("/")[2])


# --- what is true once the worker has heard everything --------------------------------------------


def check_at_rest(life):
    life.person.refresh_from_db()
    for request in CareRequest.objects.filter(person=life.person).order_by("pk"):
        origin = f"intake/request/{request.pk}"
        search = Solicitation.objects.standing().filter(origin=origin).first()
        tasks = set(Task.objects.open().about(origin).values_list("kind", flat=True))
        _check_search(life, request, search, tasks)
        _check_tasks(request, search, tasks)


def _check_search(life, request, search, tasks):
    """The request, hence the public page, says what its search is, and no more."""
    kind = search.state if search else ""
    said = public_line(State(request.state), request.end_reason, light=request.is_light)
    if request.state == State.SEARCHING:
        assert kind in ("open", "held")
        assert not request.held_at
    elif request.state in (State.FOUND, State.CONFIRMED):
        assert kind == {"found": "filled", "confirmed": "confirmed"}[request.state]
        winner = search.invitations.get(answer="accepted")
        assert winner.practitioner_id == request.practitioner_id
    elif request.state == State.CLOSED:
        assert request.told_at
        assert kind == "confirmed" or "review_stopped" in tasks or life.person.deceased_on
    else:
        assert kind == "", f"a search stands for a request that is {request.state}"
    assert said.code != "searching" or kind in ("open", "held")
    assert is_latched(f"intake/request/{request.pk}") == (
        request.state in OVER or request.held_at is not None
    )


def _check_tasks(request, search, tasks):
    """What is open has something to do or somebody awaited; what ended is told, then left."""
    derived = tasks & rules.DERIVED
    if request.state in LIVE:
        assert tasks or search, "nobody has anything to do"
        assert ("release_hold" in tasks) == (request.held_at is not None)
        return
    if request.state in OVER and request.told_at is None:
        # Or the same without the name, once the desk may follow the person no more.
        unnamed = Task.objects.open().about(f"intake/refusal/{request.pk}").exists()
        assert derived == {"call_back"} or (unnamed and not derived)
    else:
        assert derived == set()


class Seen:
    """Where the walks have been."""

    def __init__(self):
        self.requests, self.searches, self.answers = set(), set(), set()

    def look(self):
        self.requests |= set(CareRequest.objects.values_list("state", flat=True))
        self.searches |= set(Solicitation.objects.values_list("state", flat=True))
        self.answers |= set(Invitation.objects.values_list("answer", flat=True))


def walk(seed, clock, seen):
    life = Life(seed, clock)
    opening = OPENINGS[seed % len(OPENINGS)].split()
    for _ in range(STEPS):
        asked = set(Invitation.objects.values_list("pk", flat=True))
        life.done.append(opening.pop(0) if opening else life.next_gesture())
        clock["now"] += timedelta(seconds=life.random.randint(1, 50))
        with suppress(DomainError, Forbidden):  # a gesture that is refused changes nothing
            getattr(life, life.done[-1])()
        seen.look()
        check_at_any_moment(life, asked)
        if life.random.random() < 0.6:  # else the worker is late
            life.works()
            check_at_any_moment(life, asked)
            check_at_rest(life)
    life.works()
    check_at_rest(life)


def test_whatever_life_a_request_lives_the_promises_hold(monkeypatch):
    morning, clock, seen = timezone.now() + timedelta(hours=14), {}, Seen()
    monkeypatch.setattr(timezone, "now", lambda: clock["now"])
    for seed in range(WALKS):
        clock["now"] = morning
        with transaction.atomic():
            try:
                walk(seed, clock, seen)
            except Exception as error:
                said = " ".join(Life.last.done)
                raise AssertionError(f"walk {seed}: {error!r} after: {said}") from error
            transaction.set_rollback(True)

    assert seen.requests == {state.value for state in State}, "the walks go everywhere"
    assert seen.searches == set(Solicitation.State.values)
    assert {"declined", "withdrawn", "dismissed", "not_needed", "later"} <= seen.answers

"""What is to be told is told at least once, in order for each person, whatever fails or dies."""

import random
import socket
from datetime import timedelta
from functools import partial
from threading import Event
from time import monotonic

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from cordee.access.actor import SYSTEM
from cordee.fhir import jobs
from cordee.fhir.subscriptions import feeding, patience, sending
from cordee.partners import services
from cordee.partners.gateways.outside import Asked, Unreachable, ask
from cordee.partners.models import Delivery, Place, Subscription, Tally
from cordee.partners.rules.retries import LEASE, LONGEST, MOST_TRIES, Answer, in_words, wait
from cordee.people import services as people
from tests.fhir.receiver import receiving
from tests.fhir.stage import set_stage
from tests.fhir.test_subscriptions import (
    Partner,
    administrator,
    another_person,
    read_on,
    relative_of,
    sends,
    states,
    told,
)
from tests.support import NOW, coordinator_of, queued, run_jobs, simultaneously

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_receiver_that_fails_at_random_is_told_everything_in_order_for_each_person():
    stage = set_stage()
    partner = Partner(stage)
    people = [stage.person, another_person(stage), another_person(stage)]
    chance = random.Random(7)
    with receiving() as receiver:
        receiver.answers = lambda one: chance.choice([200, 500, 503, 429, 0])
        partner.subscribes(url=receiver.url)
        for rank in range(12):
            relative_of(stage, people[rank % 3], name=f"Proche {rank}")
        now = NOW
        read_on(now)
        wanted = list(Delivery.objects.order_by("number").values_list("number", "person_id"))
        for _ in range(60):
            sends(Subscription.objects.get(), now)
            now += LONGEST * 2
        got = [one.number for one in receiver.got]
    assert set(states()) == {"delivered"}
    assert set(got) == {number for number, _ in wanted}
    for person in people:
        hers = [number for number, whom in wanted if whom == person.pk]
        order = [number for number in got if number in hers]
        assert order == sorted(order), "one that failed was passed by another of the same person"


def test_one_that_fails_holds_those_of_its_person_and_of_nobody_else():
    stage = set_stage()
    partner, other = Partner(stage), another_person(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        for person in (stage.person, stage.person, other):
            relative_of(stage, person)
        read_on()
        receiver.answers = lambda one: 500 if one.number == 1 else 200
        sends(Subscription.objects.get())
        assert [one.number for one in receiver.got] == [1, 3]
        receiver.answers = lambda one: 200
        sends(Subscription.objects.get(), NOW + timedelta(hours=1))
        assert [one.number for one in receiver.got] == [1, 3, 1, 2]


def test_what_is_refused_for_good_is_dead_at_once_and_what_fails_after_many_tries():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        relative_of(stage, another_person(stage))
        read_on()
        receiver.answers = lambda one: 410 if one.number == 1 else 503
        now = NOW
        for _ in range(MOST_TRIES + 3):
            sends(Subscription.objects.get(), now)
            now += LONGEST * 2
        assert states() == ["dead", "dead"]
        assert list(Delivery.objects.order_by("number").values_list("tries", "fault")) == [
            (1, "refused.410"),
            (MOST_TRIES, "failed.503"),
        ]


def test_a_redirection_is_never_followed():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver, receiving() as elsewhere:
        receiver.answers = lambda one: 307
        receiver.headers = {"Location": elsewhere.url}
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        told()
        assert elsewhere.got == []
    assert states() == ["waiting"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 308])
def test_an_address_that_refuses_for_a_time_buries_nobody(status):
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        receiver.answers = lambda one: status
        told()
        receiver.answers = lambda one: 200
        assert sends(Subscription.objects.get(), NOW + timedelta(hours=1)) == 1
    assert states() == ["delivered"]


def test_a_line_that_is_held_is_said_to_its_partner():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        pk = partner.subscribes(url=receiver.url).json()["id"]
        relative_of(stage)
        receiver.answers = lambda one: 410
        told()
    bundle = partner.machine.get(f"Subscription/{pk}/$status", **partner.token).json()
    assert bundle["type"] == "searchset"
    said = {one["name"]: one for one in bundle["entry"][0]["resource"]["parameter"]}
    assert said["status"]["valueCode"] == "active"
    assert said["error"]["valueCodeableConcept"]["text"].startswith("1 envoi")


def test_an_address_that_does_not_answer_rests_for_everybody():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
    for person in (stage.person, another_person(stage)):
        relative_of(stage, person)
    assert told() == 1  # the second is not tried: nobody is there
    tally = Tally.objects.get()
    assert (tally.failures, tally.rests_until > NOW) == (1, True)


def test_a_reader_killed_before_its_commit_loses_nothing():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        with transaction.atomic():
            read_on()
            assert Delivery.objects.count() == 1
            transaction.set_rollback(True)
        assert not Delivery.objects.exists()
        assert told() == 1
        assert len(receiver.got) == 1


def test_a_sender_killed_before_it_noted_sends_again_under_the_same_name():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        relative_of(stage)
        read_on()
        one = Subscription.objects.get()

        def dies(*said):
            sending.push(*said)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            sending.send_next(actor=SYSTEM, subscription_id=one.pk, now=NOW, by=dies)
        assert sends(one) == 0  # its lease holds the person
        assert sends(one, NOW + LEASE) == 2
        first, again, second = receiver.got
        assert first.headers["idempotency-key"] == again.headers["idempotency-key"]
        assert (first.number, again.number, second.number) == (1, 1, 2)
    assert states() == ["delivered", "delivered"]


def test_many_readers_and_senders_at_once_tell_each_thing_once():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        for person in [stage.person, *(another_person(stage) for _ in range(3))]:
            relative_of(stage, person)
        simultaneously(*[read_on] * 4)
        read_on()
        one = Subscription.objects.get()
        simultaneously(*[lambda: sends(one)] * 4)
        assert sorted(got.number for got in receiver.got) == [1, 2, 3, 4]
    assert Tally.objects.get().events == 4


def test_the_jobs_of_the_house_read_and_send_by_themselves():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        jobs.tell_partners()
        jobs.tell_partners()
        (waiting,) = queued("cordee.fhir.jobs.send")
        assert waiting[2] == {"subscription": str(Subscription.objects.get().pk)}
        run_jobs()
        assert len(receiver.got) == 1


def test_partners_who_answer_slowly_leave_hands_to_the_rest_of_the_house():
    stage = set_stage()
    partner = Partner(stage)
    for _ in range(5):
        partner.subscribes()
    many = [*Subscription.objects.order_by("pk")]
    thing = services.Thing(stage.person.pk, "1", None, NOW)
    services.tell(actor=SYSTEM, heard=[services.Heard(one, [thing]) for one in many], now=NOW)
    jobs.tell_partners()
    jobs.tell_partners()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT lock) FROM procrastinate_jobs WHERE task_name = %s",
            ["cordee.fhir.jobs.send"],
        )
        waiting, at_once = cursor.fetchone()
    assert (waiting, 1 <= at_once <= jobs.HANDS) == (5, True)


def test_without_a_subscription_the_thread_is_passed_and_nothing_of_before_is_told():
    stage = set_stage()
    relative_of(stage)
    assert read_on() == 0
    assert Place.objects.get().transaction_id > 0
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        assert told() == 0
        assert receiver.got == []


def breaks():
    raise RuntimeError("made up")


def asks(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("fails", "why"),
    [
        (breaks, "fault"),
        (partial(asks, "SELECT 1 / 0"), "fault"),
        (partial(asks, "SELECT pg_sleep(5)"), "heavy"),
    ],
)
def test_one_subscription_that_fails_stops_none_of_the_others(monkeypatch, fails, why):
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        partner.subscribes("RelatedPerson?active=true", url=receiver.url)
        wrong = Subscription.objects.get(criteria="RelatedPerson")
        truly = feeding.read

        def reads(criteria):
            if criteria == wrong.criteria:
                fails()
            return truly(criteria)

        monkeypatch.setattr(feeding, "read", reads)
        monkeypatch.setattr(patience, "WHEN_FED", "900ms")
        relative_of(stage)
        assert told() == 1
    wrong.refresh_from_db()
    assert (wrong.state, wrong.error) == ("error", why)


def test_what_waits_about_somebody_goes_on_under_the_record_that_absorbed_hers():
    stage = set_stage()
    partner, other = Partner(stage), another_person(stage)
    claire = coordinator_of(stage.desk, account_id=stage.account.pk)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        relative_of(stage, other)
        read_on()
        pair = people.propose_pair(actor=claire, person=stage.person, other=other, now=NOW)
        merge = people.merge_persons(
            actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW
        )
        sends(Subscription.objects.get())
        assert [one.number for one in receiver.got] == [1, 2]
    waited = Delivery.objects.filter(number__lte=2)
    assert set(waited.values_list("state", "person_id")) == {("delivered", merge.survivor_id)}


@given(tries=st.integers(1, 60), luck=st.floats(0, 0.999), after=st.text(max_size=8))
@settings(max_examples=200)
def test_waits_grow_and_never_pass_an_hour_and_a_quarter(tries, luck, after):
    found = wait(tries, luck, Answer(503, after))
    assert timedelta(seconds=7) <= found <= LONGEST * 1.25
    assert wait(tries + 1, luck) >= wait(tries, luck)


def test_a_receiver_that_says_when_is_heard():
    assert wait(1, 0.5, Answer(429, "120")) == timedelta(seconds=120)
    assert wait(1, 0.5, Answer(429, "999999")) < timedelta(minutes=1)


def test_nothing_is_told_beyond_this_machine_in_a_demonstration():
    with pytest.raises(Unreachable):
        ask("http://10.0.0.1/", Asked("POST"), seconds=1, heaviest=0)


def test_a_name_that_nobody_resolves_in_time_is_an_address_that_does_not_answer(monkeypatch):
    resolved = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **more: resolved.wait(30) and [])
    began = monotonic()
    with pytest.raises(Unreachable):
        ask("http://lent.exemple.fr/", Asked("POST"), seconds=0.2, heaviest=0)
    resolved.set()
    assert monotonic() - began < 20


def test_tries_last_for_more_than_a_day_whatever_the_luck():
    waits = [wait(tries, 0, Answer(503)) for tries in range(1, MOST_TRIES)]
    assert sum(waits, timedelta()) > timedelta(days=1)


def cannot_be_judged(monkeypatch, state):
    """The database refuses to judge what tells of event 1."""
    truly = sending.still_told

    def judges(one, events, *more):
        if events[0].number == 1:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")
        return truly(one, events, *more)

    monkeypatch.setattr(sending, "still_told", judges)


@pytest.mark.parametrize("state", ["22012", "57014"])
def test_what_the_database_never_lets_be_judged_counts_its_tries_and_holds_its_person_alone(
    monkeypatch, state
):
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        relative_of(stage, another_person(stage))
        read_on()
        cannot_be_judged(monkeypatch, state)
        now = NOW
        for _ in range(MOST_TRIES):
            sends(Subscription.objects.get(), now)
            now += LONGEST * 2
        assert [one.number for one in receiver.got] == [2]
    assert states() == ["dead", "delivered"]
    dead = Delivery.objects.get(number=1)
    assert (dead.tries, dead.fault) == (MOST_TRIES, "ours")
    assert "Cordée" in in_words(dead.fault)
    assert Subscription.objects.get().state == "active"
    assert Tally.objects.get().failures == 0


@pytest.mark.parametrize("state", ["40P01", "53300", "08006"])
def test_what_the_database_does_not_let_be_judged_for_a_moment_is_judged_again(monkeypatch, state):
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver, monkeypatch.context() as meanwhile:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        read_on()
        cannot_be_judged(meanwhile, state)
        with pytest.raises(DatabaseError):
            sends(Subscription.objects.get())
        meanwhile.undo()
        assert sends(Subscription.objects.get(), NOW + LEASE) == 1
        assert len(receiver.got) == 1
    assert states() == ["delivered"]


def test_what_is_given_up_lets_those_behind_it_leave():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        partner.subscribes(url=receiver.url)
        relative_of(stage)
        relative_of(stage)
        read_on()
        receiver.answers = lambda one: 422 if one.number == 1 else 200
        one = Subscription.objects.get()
        sends(one)
        assert states() == ["dead", "waiting"]
        dead = Delivery.objects.get(number=1)
        services.give_up(
            actor=administrator(), delivery=dead, why="relu chez le partenaire", now=NOW
        )
        sends(one)
        assert states() == ["given_up", "delivered"]

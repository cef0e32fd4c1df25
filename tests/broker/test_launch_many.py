"""Many searches at once: the same first wave as one by one, to the row."""

import re
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordee.access.actor import SYSTEM
from cordee.access.models import PreviousState
from cordee.broker import jobs, rules, services
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.rules import hash_of, secrets
from cordee.broker.services import many
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.facts import publish
from cordee.kernel.latches import latch
from cordee.kernel.thread import verify
from cordee.messaging.models import Message
from cordee.messaging.sealing import unseal
from cordee.people.facts import IdentityChanged
from cordee.people.models import Person
from tests.broker.scenes import drawn
from tests.factories.broker import nurse, nurses, order_for
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory
from tests.support import (
    NOW,
    arranging,
    facts,
    orienteuse_of,
    queued,
    simultaneously,
    traces,
    until_somebody_waits,
)

pytestmark = pytest.mark.django_db

OWN = {"id", "created_at", "updated_at"}
SECRET = re.compile(r"(?<=/r/)[\w-]{32}|(?<=OUI )\d{4}|(?<=NON )\d{4}")
LOOKS = {f"cordee.broker.jobs.{name}" for name in ("end_search", "close_wave", "look_at_many")}
BATCH_LINES = {"broker.launch_many", "messaging.send_many"}


@pytest.fixture(autouse=True)
def _in_parts(monkeypatch):
    """A batch of a few orders is written in several parts, as one of thousands is."""
    monkeypatch.setattr(many, "PART", 2)


def one_by_one(orders, now):
    for order in orders:
        with suppress(DomainError):
            services.launch(actor=SYSTEM, order=order, now=now)


def together(orders, now):
    services.launch_many(actor=SYSTEM, orders=orders, now=now)


def columns(row, *but):
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in OWN.union(but)
    }


def state():
    """All that a launch writes, but identifiers and secrets; in what order where order counts."""
    searches = Solicitation.objects.filter(launched_at__gte=NOW, origin__startswith="intake")
    origins = {str(one.pk): one.origin for one in searches}

    def said(data):
        return {key: origins.get(str(value), value) for key, value in data.items()}

    return {
        "searches": sorted((columns(one) for one in searches), key=lambda one: one["origin"]),
        "questions": {
            one.origin: [
                columns(asked, "solicitation_id", "code", "link_hash")
                for asked in one.invitations.order_by("pk")
            ]
            for one in searches
        },
        "texts": [text(one, origins) for one in Message.objects.order_by("pk")],
        "facts": {
            one.person_id: [
                (f["kind"], said(f["data"]), f["actor"]) for f in facts(thread=one.person_id)
            ]
            for one in searches
        },
        "jobs": Counter(name for _, name, _, _ in queued() if name not in LOOKS),
        "looks": {
            (origins[one], at)
            for _, name, ids, at in queued()
            if name in LOOKS
            for one in ids.get("solicitation_ids") or [ids["solicitation_id"]]
        },
        "traces": Counter(str(one) for one in traces() if one["verb"] not in BATCH_LINES),
        "previous": PreviousState.objects.count(),
    }


def text(message, origins):
    """A text as it is kept and as it leaves, without its code and its link."""
    asked = Invitation.objects.get(pk=message.origin.rpartition("/")[2])
    whole = unseal(message.sealed, message.pk)["text"]
    assert message.context.pop("code") == asked.code
    assert f"OUI {asked.code}" in whole
    assert hash_of(whole.partition("/r/")[2]) == bytes(asked.link_hash)
    kept = columns(message, "origin", "sealed", "text", "reference")
    told = (SECRET.sub("", message.text), SECRET.sub("", whole))
    return origins[str(asked.solicitation_id)], asked.practitioner_id, kept, told


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_together_or_one_by_one_the_first_wave_is_the_same(seed):
    with transaction.atomic():
        scene = drawn(seed)
        found = []
        for launch in (one_by_one, together):
            with transaction.atomic():
                launch(scene.orders, scene.now)
                found.append(state())
                transaction.set_rollback(True)
        assert found[0] == found[1]
        transaction.set_rollback(True)


def test_scenes_meet_every_step_and_every_tier():
    met = set()
    for seed in range(16):
        with transaction.atomic():
            scene = drawn(seed)
            together(scene.orders, scene.now)
            searches = Solicitation.objects.filter(origin__startswith="intake")
            met |= {*searches.values_list("state", "end_reason", "wave")}
            met |= {*Invitation.objects.filter(score__gt=0).values_list("tier", flat=True)}
            transaction.set_rollback(True)
    exhausted = [("exhausted", reason, 0) for reason in ("nobody", "no_texts")]
    assert met >= {0, 1, 2, *exhausted, ("open", "", 0), ("open", "", 1)}


@pytest.fixture
def desk():
    return OrganizationFactory()


def orders_of(desk, count, **more):
    return [order_for(PersonFactory(territory=desk.territory), desk, **more) for _ in range(count)]


def test_searches_to_look_at_in_one_moment_are_looked_at_by_one_job(desk, monkeypatch):
    nurses(9)
    monkeypatch.setattr(many, "PART", 9)
    together(orders_of(desk, 5), NOW)
    looks = [ids["solicitation_ids"] for _, name, ids, _ in queued() if name in LOOKS]
    keys = sorted(str(pk) for pk in Solicitation.objects.values_list("pk", flat=True))
    assert [sorted(one) for one in looks] == [keys, keys]  # the end of the wave, and the deadline


@pytest.fixture(params=["look_at_many", "sweep"])
def look(request):
    """The jobs that look at several searches."""
    if request.param == "sweep":
        return lambda keys: jobs.sweep()
    return lambda keys: jobs.look_at_many(solicitation_ids=keys)


def test_a_search_that_cannot_be_looked_at_keeps_no_other_from_it(desk, monkeypatch, look):
    nurses(3)
    together(orders_of(desk, 2), NOW)
    broken, sound = Solicitation.objects.order_by("pk")
    advance = services.advance

    def failing(*, solicitation, **more):
        if solicitation == broken:
            raise RuntimeError("this one alone")
        return advance(solicitation=solicitation, **more)

    keys = [str(broken.pk), str(sound.pk), str(desk.pk)]  # one that is no more is passed over
    monkeypatch.setattr(services, "advance", failing)
    monkeypatch.setattr(jobs.timezone, "now", lambda: sound.deadline_at + timedelta(days=1))
    with pytest.raises(ExceptionGroup, match="could not"):
        look(keys)
    assert [one.is_open for one in Solicitation.objects.order_by("pk")] == [True, False]
    monkeypatch.setattr(services, "advance", advance)
    look(keys)
    assert not Solicitation.objects.open().exists()


def test_who_was_just_asked_is_asked_after_the_others(desk):
    nurses(40)
    together(orders_of(desk, 3), NOW)
    asked = Counter(Invitation.objects.values_list("practitioner_id", flat=True))
    assert {*asked.values()} == {1}


def test_every_thread_holds_after_a_batch_and_goes_on(desk):
    nurses(3)
    orders = orders_of(desk, 2)
    orders.append(order_for(PersonFactory(), desk))
    together([*orders, type(orders[0])(**vars(orders[0]) | {"origin": "intake/request/2"})], NOW)
    services.cancel(actor=SYSTEM, solicitation=Solicitation.objects.first(), reason="x", now=NOW)
    for order in orders:
        assert verify(order.person_id).holds
    assert [one["kind"] for one in facts(thread=orders[0].person_id)][:4] == [
        "broker.search_launched",
        "broker.wave_sent",
    ] * 2


def test_a_phone_is_given_each_code_once_until_it_has_none_left(desk, monkeypatch):
    nurse()
    monkeypatch.setattr(secrets, "CODES", 2)
    together(orders_of(desk, 3), NOW)
    assert Invitation.objects.values("code").distinct().count() == Invitation.objects.count() == 2


def test_a_search_under_way_is_given_as_it_is_and_an_origin_counts_once(desk):
    nurses(3)
    order, other = orders_of(desk, 2)
    running = services.launch(actor=SYSTEM, order=order, now=NOW)
    before = Invitation.objects.count()
    found = services.launch_many(actor=SYSTEM, orders=[order, other, other], now=NOW)
    assert found[order.origin] == running
    assert Solicitation.objects.count() == 2
    assert Invitation.objects.exclude(solicitation=running).exists()
    assert running.invitations.count() == before


def test_what_one_by_one_would_refuse_is_left_out_and_stops_nobody(desk):
    nurses(3)
    dead, alive, over = orders_of(desk, 3)
    latch(over.origin)
    with arranging():
        Person.objects.filter(pk=dead.person_id).update(deceased_on=NOW.date())
        odd = OrganizationFactory(name="Appelez le 0123456789")
    (unsayable,) = orders_of(odd, 1)
    found = services.launch_many(actor=SYSTEM, orders=[dead, over, unsayable, alive], now=NOW)
    assert [*found] == [alive.origin]
    for order in (dead, over, unsayable):
        with pytest.raises(DomainError):
            services.launch(actor=SYSTEM, order=order, now=NOW)


def test_no_text_of_a_batch_names_the_person(desk):
    nurses(3)
    (order,) = orders_of(desk, 1)
    together([order], NOW)
    person = Person.objects.get(pk=order.person_id)
    for message in Message.objects.all():
        whole = unseal(message.sealed, message.pk)["text"]
        assert not {person.birth_name, person.first_name, person.phone} & {*whole.split()}
        assert "/r/" not in message.text


def test_a_link_that_would_spell_the_person_is_drawn_again(desk, monkeypatch):
    nurse()
    (order,) = orders_of(desk, 1)
    drawn_ones = iter(["xLefevrexxxxxxxxxxxxxxxxxxxxxxxx", "pansementxxxxxxxxxxxxxxxxxxxxxxx"])
    real = rules.draw_secret
    monkeypatch.setattr(rules, "draw_secret", lambda: next(drawn_ones, None) or real())
    with arranging():
        Person.objects.filter(pk=order.person_id).update(birth_name="Lefèvre")
    together([order], NOW)
    message = Message.objects.get()
    assert "xxxx" not in unseal(message.sealed, message.pk)["text"]


def test_a_wider_batch_asks_no_more_queries(desk):
    nurses(6)

    def cost(count):
        with CaptureQueriesContext(connection) as asked:
            together(batches[count], NOW)
        return len(asked)

    batches = {count: orders_of(desk, count) for count in (2, 12)}
    assert cost(12) == cost(2)


def jobs_read_whole():
    """How often jobs were read from end to end, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT seq_scan FROM pg_stat_xact_user_tables
            WHERE relname = 'procrastinate_jobs'"""
        )
        return int(cursor.fetchone()[0])


def test_what_checks_each_row_of_a_batch_reads_no_table_whole(desk):
    """A session that planned these checks when tables were empty reads them whole ever since."""
    nurses(9)
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        one_by_one(orders_of(desk, 9), NOW)
        before = jobs_read_whole()  # planned as on empty tables, and kept for the session
        cursor.execute("SET LOCAL enable_indexscan = on; SET LOCAL enable_bitmapscan = on")
    counts = []
    for count in (2, 12):
        together(orders_of(desk, count), NOW)
        counts.append(jobs_read_whole() - before - sum(counts))
    assert counts[1] - counts[0] < 5, counts


def test_only_the_house_launches_many(desk):
    orders = orders_of(desk, 1)
    with pytest.raises(Forbidden):
        services.launch_many(actor=orienteuse_of(desk), orders=orders, now=NOW)
    assert traces("refused")[-1]["verb"] == "broker.launch_many"


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_twice_at_once_is_launched_once():
    desk = OrganizationFactory()
    nurses(5)
    orders = orders_of(desk, 6)
    with arranging():  # as of whoever was entered: what is held of a person is her thread
        for order in orders:
            publish(IdentityChanged(person_id=order.person_id, fields=[], status="provisoire"))
    backwards = orders[::-1]
    results = simultaneously(
        lambda: together(orders, NOW),
        lambda: together(backwards, NOW),
        lambda: one_by_one(orders[:2], NOW),
    )
    assert results == [None] * 3
    assert Solicitation.objects.count() == 6
    assert Message.objects.count() == Invitation.objects.count()
    assert all(verify(order.person_id).holds for order in orders)


@pytest.mark.django_db(transaction=True)
def test_two_batches_that_cross_wait_for_each_other_whole():
    """Each would hold the search that the other waits for."""
    desk = OrganizationFactory()
    nurses(3)
    one, other = orders_of(desk, 2)
    begun = Event()

    def first():
        with transaction.atomic():
            together([one], NOW)
            begun.set()
            until_somebody_waits()
            together([other], NOW)

    def second():
        assert begun.wait(10)
        with transaction.atomic():
            together([other], NOW)
            together([one], NOW)

    assert simultaneously(first, second) == [None] * 2
    assert Solicitation.objects.count() == 2

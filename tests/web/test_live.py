"""What is told to an open page: that something moved, and only to who may know. What its list would
say of it is in test_followed.py."""

import asyncio
import json
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM, Origin
from cordee.access.sight import hearers, seen_by
from cordee.kernel.facts import publish
from cordee.kernel.memory import Lately
from cordee.people.facts import PersonCreated
from cordee.web import live, panels
from cordee.web.reached import opened, reached, sealed
from tests.factories.directory import MembershipFactory
from tests.factories.people import MemberFactory, PersonFactory, SharingFactory
from tests.support import NOW, arranging

PAST = date(2026, 1, 1)
PATIENCE = 60  # seconds: a busy machine is slow, not wrong
FIRST, SECOND = (live.Knot(number, number, "people", None) for number in (5, 9))
COMPONENTS = Path(live.__file__).parent.parent
pytestmark = pytest.mark.django_db(transaction=True)


def session_of(account):
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return session.session_key


def nurse_of(person):
    member = MemberFactory(person=person)
    account = MembershipFactory(since=PAST, role="practitioner").account
    with arranging():
        member.practitioner.account = account
        member.practitioner.save(update_fields=["account"])
    return account


def something_happens_to(person):
    with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
        return publish(PersonCreated(person_id=person.pk, organization_id=None))


def until(holds):
    """Wait in a thread of its own, which the streams do not wait for."""
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, "waited in vain"
        sleep(0.02)


async def _listen(keys, happen, *, heard, received, shows):
    """Open a stream per session, let something happen, wait until what must be heard is, and return
    what each one received, even just after."""
    hub = live.Hub()
    listening = asyncio.create_task(hub.listen())
    while not hub.listening:
        await asyncio.sleep(0.02)
    received.update({key: [] for key in keys})

    async def follow(key):
        reader = await live.Reader.open({settings.SESSION_COOKIE_NAME: key}, "", shows)
        async for piece in hub.stream(reader):
            received[key].append(piece)

    streams = [asyncio.create_task(follow(key)) for key in keys]
    while len(hub.readers) < len(keys):
        await asyncio.sleep(0.02)
    await sync_to_async(happen)()
    await asyncio.to_thread(until, lambda: heard(received))
    await asyncio.sleep(0.3)  # what must not be heard would be by now
    hub.close()
    await asyncio.gather(*streams, return_exceptions=True)
    listening.cancel()
    return received


def listen(keys, happen, *, heard=None, received=None, shows=""):
    """`heard` says what is waited for: without it, that the first one is told something. `shows` is
    the list that the pages have."""
    heard = heard or (lambda received: events(received[keys[0]]))
    received = {} if received is None else received
    return asyncio.run(_listen(keys, happen, heard=heard, received=received, shows=shows))


def events(pieces):
    return [line for piece in pieces for line in piece.splitlines() if line.startswith("event")]


def data(pieces):
    return [line for line in "".join(pieces).splitlines() if line.startswith("data: ")]


def test_the_nurse_of_the_circle_hears_and_a_stranger_does_not():
    person = PersonFactory()
    nurse = session_of(nurse_of(person))
    stranger = session_of(MembershipFactory(since=PAST, role="coordinator").account)

    received = listen([nurse, stranger], lambda: something_happens_to(person))

    assert events(received[nurse]) == ["event: thread:people"]
    assert events(received[stranger]) == []


def test_the_stream_carries_no_data():
    person = PersonFactory(birth_name="Grandidier")
    nurse = session_of(nurse_of(person))

    received = "".join(listen([nurse], lambda: something_happens_to(person))[nurse])

    assert f"data: {person.pk}" in received
    assert "Grandidier" not in received
    assert "person_created" not in received


def test_ten_lines_at_once_are_one_event():
    person = PersonFactory()
    nurse = session_of(nurse_of(person))

    def much():
        with gesture(actor=SYSTEM, verb="test.happen", now=NOW):
            for _ in range(10):
                publish(PersonCreated(person_id=person.pk, organization_id=None))

    assert len(events(listen([nurse], much)[nurse])) == 1


def test_a_role_taken_back_is_deaf_at_once():
    person = PersonFactory()
    account = nurse_of(person)
    key = session_of(account)

    def revoked_then_something_happens():
        account.is_active = False
        account.save()
        something_happens_to(person)

    received = listen([key], revoked_then_something_happens)[key]
    assert events(received) == ["event: signed-out"]


def test_an_open_page_is_told_that_its_session_is_over(monkeypatch):
    """Somebody signed out, an account closed, a password changed: at the next beat, all at once."""
    monkeypatch.setattr(live, "BEAT", 0.2)
    kept, left, closed, changed = accounts = [
        MembershipFactory(since=PAST).account for _ in range(4)
    ]
    keys = [session_of(one) for one in accounts]

    def they_go():
        SessionStore(keys[1]).delete()
        with arranging():
            closed.is_active = False
            closed.save(update_fields=["is_active"])
            changed.set_password("un autre mot de passe, long")
            changed.save(update_fields=["password"])

    def over(received):
        return [("event: signed-out" in events(received[key])) for key in keys]

    def beats(received):
        return sum("♥" in piece for piece in received[keys[0]])

    received = listen(keys, they_go, heard=lambda said: all(over(said)[1:]) and beats(said))
    assert over(received) == [False, True, True, True]
    assert beats(received)


def test_a_beat_that_fails_is_not_the_last(monkeypatch):
    answers = [RuntimeError("whatever"), {"key"}]

    def looked_at(keys):
        answer = answers.pop(0) if answers else {"key"}
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(live, "BEAT", 0.02)
    monkeypatch.setattr(live, "still_signed_in", looked_at)

    async def heard():
        hub, reader = live.Hub(), live.Reader("key", None, SYSTEM)
        hub.readers.add(reader)
        beating = asyncio.create_task(hub.beat())
        words = [await asyncio.wait_for(reader.waiting.get(), PATIENCE) for _ in range(2)]
        beating.cancel()
        return words

    assert asyncio.run(heard()) == [live.Word.CATCH_UP, live.Word.STILL]


def test_a_process_that_falls_quiet_forgets_at_its_beats_what_it_lately_worked_out(monkeypatch):
    lately = Lately(str, most=10, seconds=0.01)
    monkeypatch.setattr(live, "BEAT", 0.02)
    monkeypatch.setattr(live, "still_signed_in", lambda keys: set())

    async def quiet():
        beating = asyncio.create_task(live.Hub().beat())
        lately(1)
        async with asyncio.timeout(PATIENCE):
            while lately.young or lately.old:
                await asyncio.sleep(0.01)
        beating.cancel()

    asyncio.run(quiet())


@asynccontextmanager
async def open_page(reader):
    """An ear that hears what the test says, and one page."""
    hub = live.Hub()
    hub._listen = asyncio.Event().wait
    hub.readers.add(reader)
    listening = asyncio.create_task(hub.listen())
    yield hub.said, lambda: asyncio.wait_for(reader.waiting.get(), PATIENCE)
    listening.cancel()


def test_what_could_not_be_sorted_out_is_caught_up_and_what_comes_next_is_told(monkeypatch):
    failures = [RuntimeError("whatever")]

    def concerned(knots, actors):
        if failures:
            raise failures.pop()
        return [knots for _ in actors]

    async def heard():
        async with open_page(live.Reader("key", None, SYSTEM)) as (said, offered):
            said.put_nowait(FIRST)
            at_once = await offered()
            said.put_nowait(SECOND)
            return [at_once, await offered()]

    monkeypatch.setattr(live, "concerned", concerned)
    assert asyncio.run(heard()) == [live.Word.CATCH_UP, SECOND]


def test_a_page_told_before_the_others_resumes_from_what_it_is_still_owed(monkeypatch):
    """Its connection lost between the two, it would never hear of what is being sorted out."""
    reader, sorted_out = live.Reader("key", None, SYSTEM), Event()

    def concerned(knots, actors):
        reader.told_at = 1.0  # it hears of something else: it is now one of the nearest
        assert sorted_out.wait(PATIENCE)
        return [knots for _ in actors]

    async def heard():
        async with open_page(reader) as (said, offered):
            said.put_nowait(FIRST)
            while not reader.told_at:
                await asyncio.sleep(0.01)
            said.put_nowait(SECOND)
            at_once = await offered()
            sorted_out.set()
            return at_once, await offered()

    monkeypatch.setattr(live, "concerned", concerned)
    at_once, later = asyncio.run(heard())
    assert (at_once.fact_id, at_once.horizon) == (9, 5)
    assert later == FIRST


def test_all_open_pages_are_looked_at_in_two_queries(django_assert_num_queries):
    keys = [session_of(MembershipFactory(since=PAST).account) for _ in range(6)]
    with django_assert_num_queries(2):
        assert live.still_signed_in([*keys, "unknown"]) == {*keys}


def test_two_screens_of_one_account_are_sorted_out_once():
    person = PersonFactory()
    account = nurse_of(person)
    one, other = (live.recognised(session_of(account)) for _ in range(2))
    stranger = live.recognised(session_of(MembershipFactory(since=PAST).account))
    line = something_happens_to(person)
    asked = []

    def counted(execute, sql, params, many, context):
        asked.append(params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        assert hearers([line], [one, stranger, other]) == [{line}, set(), {line}]
    assert len(json.loads(asked[0][1])) == 2


def test_a_screen_hears_as_a_screen_whoever_the_session_reads_for():
    person = PersonFactory()
    one = live.recognised(session_of(nurse_of(person)))
    software = replace(one, origin=Origin.FHIR)
    line = something_happens_to(person)
    SharingFactory(person=person, category="identity", medium="system")
    for reading in (one, software):
        with seen_by(reading):
            assert hearers([line], [one, software]) == [{line}, set()]
            with connection.cursor() as cursor:
                cursor.execute("SELECT access_reader_medium()")
                assert cursor.fetchone() == ("system" if reading is software else "screen",)


def test_the_page_that_was_told_last_is_told_again_before_the_others_are_sorted_out(monkeypatch):
    person, elsewhere = PersonFactory(), PersonFactory()
    nurse, stranger = (session_of(nurse_of(one)) for one in (person, elsewhere))
    sorted_out, left_out, received = live.concerned, set(), {}

    def of_nobody(knots, actors):
        left_out.update(knot.thread_id for knot in knots)
        return [[] for _ in actors]

    def three_things():
        something_happens_to(person)
        until(lambda: data(received[nurse]))
        monkeypatch.setattr(live, "concerned", of_nobody)
        something_happens_to(person)
        something_happens_to(elsewhere)
        until(lambda: left_out == {person.pk, elsewhere.pk})
        monkeypatch.setattr(live, "concerned", sorted_out)
        something_happens_to(elsewhere)

    def all_is(received):
        return len(data(received[nurse])) >= 2 and events(received[stranger])

    listen([nurse, stranger], three_things, heard=all_is, received=received)

    assert data(received[nurse]) == [f"data: {person.pk}"] * 2
    assert events(received[stranger]) == ["event: thread:people"]


def test_a_page_hears_every_room_that_a_part_of_it_waits_for(client):
    client.force_login(MembershipFactory(since=PAST, role="coordinator").account)
    page = client.get("/a-faire").content.decode()
    waited = {room for panel in panels.PERSON for room in panel.hears}
    for template in COMPONENTS.rglob("*.jinja"):
        waited |= set(re.findall(r"thread:([a-z]+) from:body", template.read_text()))
    assert len(waited) > 8
    assert waited <= set(re.search(r'data-rooms="([^"]*)"', page)[1].split())


def test_nobody_listens_without_a_session():
    with pytest.raises(live.NotSignedIn):
        asyncio.run(live.Reader.open({}, ""))


def test_a_page_that_comes_back_hears_what_it_missed():
    person = PersonFactory()
    key = session_of(nurse_of(person))
    something_happens_to(person)
    place = reached()
    something_happens_to(person)
    back = live.Reader(key, opened(sealed(place)), live.recognised(key))

    assert events(live.begun(back)) == ["event: thread:people"]


def test_an_event_says_a_place_from_which_nothing_is_missed():
    person = PersonFactory()
    key = session_of(nurse_of(person))
    told = listen([key], lambda: something_happens_to(person))[key]
    place = re.findall("id: (.*)", "".join(told))[-1]
    something_happens_to(person)
    back = live.Reader(key, opened(place), live.recognised(key))

    assert "event: thread:people" in events(live.begun(back))


def test_an_open_stream_holds_no_connection():
    person = PersonFactory()
    key = session_of(nurse_of(person))

    def held():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name <> 'cordee-live' AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0]

    before = held()  # what opened the stream may be a moment before it hangs up
    listen([key], lambda: until(lambda: held() <= before), heard=lambda received: True)

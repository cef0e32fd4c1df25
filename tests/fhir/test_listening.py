"""A partner without an address listens: server-sent events, cut and taken up again."""

import asyncio
import http.client
import json
import socket
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
import uvicorn
from asgiref.sync import sync_to_async
from django.core.wsgi import get_wsgi_application

from config.live import application
from cordee.access.actor import SYSTEM
from cordee.fhir.subscriptions import stream
from cordee.partners import services
from cordee.partners.models import Delivery, Subscription
from cordee.people import services as people
from cordee.people.rules.sharing import Audience, Category, Choice
from host.front import Front, Pages, is_stream
from tests.fhir.door import codes
from tests.fhir.receiver import receiving
from tests.fhir.stage import set_stage
from tests.fhir.test_subscriptions import (
    Partner,
    administrator,
    another_person,
    leaves_the_circle,
    listened,
    read_on,
    relative_of,
    sends,
    states,
)
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch):
    monkeypatch.setattr(stream, "EACH", 0.01)


def asking(partner, pk, after=""):
    return stream.Asking(pk, partner.token["authorization"], "127.0.0.1", after)


def hears(partner, pk, most, after="", meanwhile=lambda: None):
    """Listen until so many pieces came, the first aside; what happens meanwhile is heard."""

    async def listens():
        listener = await stream.Listener.open(asking(partner, pk, after))
        words = listener.words()
        assert (await anext(words)).startswith("retry: ")
        await sync_to_async(meanwhile)()
        found = []
        async with asyncio.timeout(20):
            async for piece in words:
                found.append(piece)
                if len(found) == most:
                    break
        await words.aclose()
        return found

    return asyncio.run(listens())


def told_of(piece):
    """The number of an event, and what it tells of."""
    lines = dict(line.split(": ", 1) for line in piece.strip().splitlines())
    entry = json.loads(lines["data"])["entry"][1]
    return int(lines["id"]), entry["fullUrl"].partition("/fhir/")[2]


def subscribed(partner):
    answer = partner.machine.post("Subscription", listened(), **partner.token)
    assert answer.status_code == 201, answer.content
    assert "endpoint" not in answer.json()["channel"]
    return answer.json()["id"]


def test_who_listens_hears_what_happens_and_takes_up_where_it_was_cut():
    stage = set_stage()
    partner = Partner(stage)
    pk, made = subscribed(partner), []

    def happens():
        made.append(relative_of(stage))
        read_on()

    (first,) = hears(partner, pk, 1, meanwhile=happens)
    assert told_of(first) == (1, f"RelatedPerson/{made[0]}")
    assert "Lucie" not in first
    happens()
    happens()  # while nobody listens
    resumed = hears(partner, pk, 2, after="1")
    assert [told_of(one)[0] for one in resumed] == [2, 3]
    assert states() == ["heard"] * 3
    address = f"Subscription/{pk}/$events?eventsSinceNumber=2"
    missed = partner.machine.get(address, **partner.token).json()
    assert len(missed["entry"]) == 3
    address = f"Subscription/{pk}/$events?eventsSinceNumber=0"
    assert len(partner.machine.get(address, **partner.token).json()["entry"]) == 4
    status = partner.machine.get(f"Subscription/{pk}/$status", **partner.token).json()
    said = {one["name"]: one for one in status["entry"][0]["resource"]["parameter"]}
    assert said["events-since-subscription-start"]["valueString"] == "3"


def test_what_hides_meanwhile_is_not_told_to_who_resumes():
    stage = set_stage()
    partner, other = Partner(stage), another_person(stage)
    pk = subscribed(partner)
    relative_of(stage)
    relative_of(stage, other)
    read_on()
    leaves_the_circle(stage)
    (only,) = hears(partner, pk, 1, after="0")
    assert told_of(only)[0] == 2


def test_what_was_hidden_as_it_was_read_is_told_to_who_listens_once_it_shows_again():
    stage = set_stage()
    partner, other = Partner(stage), another_person(stage)
    pk, hers = subscribed(partner), relative_of(stage)
    relative_of(stage, other)
    read_on()
    leaves_the_circle(stage)
    (only,) = hears(partner, pk, 1, after="0")
    assert told_of(only)[0] == 2
    joining = people.Joining(role="coordination", organization_id=stage.desk.pk)
    people.join_circle(actor=SYSTEM, person=stage.person, joining=joining, now=NOW)
    read_on()
    (again,) = hears(partner, pk, 1, after="2")
    assert told_of(again) == (3, f"RelatedPerson/{hers}")
    assert states() == ["withheld", "heard", "heard"]


def test_what_shuts_something_tells_nothing_again_to_who_listens():
    stage = set_stage()
    partner = Partner(stage)
    subscribed(partner)
    relative_of(stage)
    read_on()
    for choice, numbers in ((Choice.OPPOSED, [1]), (Choice.NEUTRAL, [1, 2])):
        chosen = people.Chosen(choice, Category.CARE, Audience.COORDINATION)
        said = {"chosen": chosen, "told": people.Told(), "now": NOW}
        people.choose_sharing(actor=stage.actor, person=stage.person, **said)
        read_on()
        assert [one.number for one in Delivery.objects.order_by("number")] == numbers


def test_a_partner_suspended_meanwhile_is_cut():
    stage = set_stage()
    partner = Partner(stage)
    pk = subscribed(partner)

    def suspended():
        relative_of(stage)
        read_on()
        services.suspend(actor=administrator(), client=partner.system, why="", now=NOW)

    (cut,) = hears(partner, pk, 2, meanwhile=suspended)
    assert cut.startswith("event: refused")
    assert "caller.unadmitted" in cut


def test_a_token_that_lets_less_through_is_told_less():
    stage = set_stage()
    partner = Partner(stage)
    pk = partner.subscribes(content="full-resource").json()["id"]
    relative_of(stage)
    read_on()
    searching = partner.token_for("system/RelatedPerson.s system/Subscription.r")
    events = f"Subscription/{pk}/$events"
    (_, entry) = partner.machine.get(events, **searching).json()["entry"]
    assert "resource" not in entry
    (_, entry) = partner.machine.get(events, **partner.token).json()["entry"]
    assert entry["resource"]["id"]
    blind = partner.token_for("system/Task.rs system/Subscription.ru")
    assert codes(partner.machine.get(events, **blind)) == ["caller.scope"]
    read = partner.machine.get(f"Subscription/{pk}", **blind).json()
    changed = read | {"criteria": "RelatedPerson?active=true"}
    refused = partner.machine.put(f"Subscription/{pk}", changed, **blind)
    assert (refused.status_code, codes(refused)) == (403, ["caller.scope"])


def changes(partner, made, **changed):
    """Write a subscription again, changed. Gives what was answered."""
    address = f"Subscription/{made['id']}"
    answer = partner.machine.put(address, made | changed, **partner.token)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_what_was_found_for_a_former_criterion_is_told_within_its_own_scopes():
    stage = set_stage()
    partner = Partner(stage)
    with receiving() as receiver:
        made = partner.subscribes(url=receiver.url).json()
        relative_of(stage)
        read_on()
        changes(partner, made, criteria="Task")
        narrow = partner.token_for("system/Task.rs system/Subscription.ru")
        events = f"Subscription/{made['id']}/$events"
        assert len(partner.machine.get(events, **partner.token).json()["entry"]) == 2
        assert len(partner.machine.get(events, **narrow).json()["entry"]) == 1
        partner.system.scopes = "system/Task.rs system/Subscription.ru"
        with arranging():
            partner.system.save()
        assert sends(Subscription.objects.get()) == 1
        assert receiver.got == []
    assert states() == ["withheld"]


def test_what_waited_for_an_address_is_heard_by_who_listens_from_now_on():
    stage = set_stage()
    partner, other = Partner(stage), another_person(stage)
    with receiving() as receiver:
        receiver.answers = lambda one: 410 if one.number == 1 else 503
        made = partner.subscribes(url=receiver.url).json()
        for person in (stage.person, stage.person, other):
            relative_of(stage, person)
        read_on()
        sends(Subscription.objects.get())
    assert states() == ["dead", "waiting", "waiting"]
    changes(partner, made, channel=listened()["channel"])
    assert states() == ["heard"] * 3
    settled = set(Delivery.objects.values_list("settled_at", "due_at", "fault"))
    assert settled == {(NOW, None, "")}
    assert sends(Subscription.objects.get(), NOW + timedelta(days=1)) == 0
    heard = hears(partner, made["id"], 3, after="0")
    assert [told_of(one)[0] for one in heard] == [1, 2, 3]


def test_what_is_found_while_an_address_is_left_is_heard_and_never_waits_for_it():
    stage = set_stage()
    partner = Partner(stage)
    made = partner.subscribes().json()
    known = Subscription.objects.select_related("client").get()  # as the reader knew it
    changes(partner, made, channel=listened()["channel"])
    thing = services.Thing(stage.person.pk, "1", None, NOW)
    services.tell(actor=SYSTEM, heard=[services.Heard(known, [thing])], now=NOW)
    assert states() == ["heard"]


def test_nobody_listens_to_what_is_not_theirs():
    stage = set_stage()
    partner, other = Partner(stage), Partner(set_stage())
    pk = subscribed(partner)
    for who, status in ((other, 404), (partner, 200)):
        try:
            asyncio.run(stream.Listener.open(asking(who, pk)))
            found = 200
        except stream.Refusal as refusal:
            found = refusal.status
        assert found == status
    assert codes(other.machine.get(f"Subscription/{pk}/$events", **other.token)) == ["read.absent"]


def test_a_subscription_that_was_stopped_says_so_to_who_listens():
    stage = set_stage()
    partner = Partner(stage)
    pk = subscribed(partner)
    one = Subscription.objects.get()
    services.silence(actor=SYSTEM, subscription=one, why="fault", now=NOW)
    with pytest.raises(stream.Refusal) as refused:
        asyncio.run(stream.Listener.open(asking(partner, pk)))
    assert refused.value.status == 409


@contextmanager
def front():
    """The front of the house, pages and streams, at a port of its own."""
    house = Front(Pages(get_wsgi_application(), 2), application)
    server = uvicorn.Server(
        uvicorn.Config(house, http="httptools", lifespan="off", log_config=None, access_log=False)
    )
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def asked(port, address, token, accept, **said):
    """What is answered, as it comes."""
    headers = {"Authorization": token, "Accept": accept} | said
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
        line.request("GET", address, headers=headers)
        with line.getresponse() as answer:
            yield answer


def test_a_partner_listens_through_the_front_of_the_house_whose_pages_go_on():
    stage = set_stage()
    partner = Partner(stage)
    pk = subscribed(partner)
    address, token = f"/fhir/Subscription/{pk}/$events", partner.token["authorization"]
    with front() as port, asked(port, address, token, "text/event-stream") as heard:
        assert heard.status == 200
        assert heard.headers["Content-Type"].startswith("text/event-stream")
        assert heard.readline().startswith(b"retry: ")
        assert heard.readline() == b"\n"
        made = relative_of(stage)
        read_on()
        piece = b"".join(iter(heard.readline, b"\n")).decode()
        assert told_of(piece) == (1, f"RelatedPerson/{made}")
        with asked(port, address, token, "application/fhir+json") as page:
            assert len(json.loads(page.read())["entry"]) == 2
        with asked(port, address, "Bearer nobody", "text/event-stream") as refused:
            assert refused.status == 401
            assert json.loads(refused.read())["issue"][0]["details"]


def test_a_page_of_an_origin_that_was_allowed_listens(settings):
    allowed = "https://app.example"
    settings.CORDEE = replace(settings.CORDEE, fhir_origins=(allowed,))
    partner = Partner(set_stage())
    address = f"/fhir/Subscription/{subscribed(partner)}/$events"
    token, accept = partner.token["authorization"], "text/event-stream"
    with front() as port:
        for who, status in ((token, 200), ("Bearer nobody", 401)):
            with asked(port, address, who, accept, Origin=allowed) as answer:
                assert answer.status == status
                assert answer.headers["Access-Control-Allow-Origin"] == allowed
                assert "Origin" in answer.headers["Vary"]
                assert "Last-Event-ID" in answer.headers["Access-Control-Allow-Headers"]
        with asked(port, address, token, accept, Origin="https://evil.example") as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("path", "accept", "wanted"),
    [
        ("/fhir/Subscription/1/$events", b"text/event-stream", True),
        ("/fhir/Subscription/1/$events", b"application/fhir+json", False),
        ("/fhir/Subscription/1", b"text/event-stream", False),
        ("/direct", b"*/*", True),
    ],
)
def test_who_wants_a_stream_is_served_beside_the_pages(path, accept, wanted):
    scope = {"type": "http", "path": path, "headers": [(b"accept", accept)]}
    assert is_stream(scope) is wanted

"""What a carrier says that can never be kept: a human learns of it, and reads nothing of it."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.directory.models import Practice
from cordee.directory.services import stop_messages
from cordee.kernel.errors import DomainError
from cordee.messaging.gateways import Fate, LinkChanged, Receipt, TextReceived
from cordee.messaging.gateways.smpp import Account, SmppGateway
from cordee.messaging.models import Channel, DeliveryReceipt, InboundText, Unkept
from cordee.messaging.postman import Postman
from cordee.messaging.rules import UnsafeError
from cordee.messaging.services import hearing
from cordee.messaging.services.outbox import unsafe_is_told
from cordee.web import condition
from tests.factories.directory import OrganizationFactory, PracticeFactory
from tests.messaging.test_strange_carrier import LONG, Talker
from tests.support import NOW, Browser, actor, coordinator_of

pytestmark = pytest.mark.django_db


def heard(*events):
    talker = Talker(LinkChanged(up=True), *events)
    postman = Postman(Channel.SMS, talker, SYSTEM, timezone.now, 1, poll=0.05, round=0.05)
    asyncio.run(talker.open(postman._hear))
    return talker


def said():
    rows = Unkept.objects.order_by("what", "why")
    return [(one.what, one.why, one.times) for one in rows]


def sign():
    return next(one for one in condition.signs(timezone.now()) if one.code == "unkept")


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_kept_is_counted_by_kind_and_shown_to_administration():
    heard(
        Receipt(Fate.DELIVERED, LONG),
        Receipt(Fate.DELIVERED, "a", 2**40),
        Receipt(Fate.DELIVERED),
        TextReceived("33612345678", "oui\x00"),
    )
    assert said() == [
        ("receipt", "DataError", 2),
        ("receipt", "UnnamedError", 1),
        ("text", "DataError", 1),
    ]
    assert not sign().works
    page = Browser().as_(actor(Role.ADMINISTRATOR)).get(reverse("web:condition")).text
    assert "Retours d’opérateur perdus" in page
    for word in ("33612345678", LONG, "oui\x00"):
        assert word not in page
    assert page.count("mal formé, ou trop long pour être gardé") == 2
    assert page.count("accusé qui ne dit pas de quel message") == 1


def test_others_learn_that_some_are_lost_and_read_no_detail():
    Unkept.objects.create(
        channel="sms", what="text", why="ValueError", times=3, first_at=NOW, last_at=NOW
    )
    page = Browser().as_(coordinator_of(OrganizationFactory())).get(reverse("web:condition")).text
    assert "Retours des opérateurs" in page
    assert "ValueError" not in page


def counted(what, times, last_at):
    Unkept.objects.create(
        channel="sms", what=what, why="UnnamedError", times=times, first_at=NOW, last_at=last_at
    )


def test_what_was_lost_in_other_years_is_not_told_as_of_today():
    counted("receipt", 501, timezone.now())
    assert "501" not in sign().said
    assert "depuis hier" in sign().said
    Unkept.objects.update(last_at=timezone.now() - timedelta(days=2))
    assert sign().works


def test_a_lost_receipt_loses_no_answer_and_has_nobody_called():
    counted("receipt", 1, timezone.now())
    assert "appelez qui devait répondre" not in sign().advice
    assert "Aucune réponse n’est perdue" in sign().advice


@pytest.mark.parametrize("what", ["text", "other"])
def test_what_may_have_been_an_answer_has_who_owed_it_called(what):
    counted("receipt", 1, timezone.now())
    counted(what, 1, timezone.now())
    assert "appelez qui devait répondre" in sign().advice


def test_nothing_lost_is_a_good_sign():
    assert sign().works


@pytest.mark.django_db(transaction=True)
def test_bytes_that_are_no_message_are_counted_too():
    gateway = SmppGateway(Account("127.0.0.1", 1, "cordee", "secret"))
    postman = Postman(Channel.SMS, gateway, SYSTEM, timezone.now, 1)
    gateway._listener = postman._hear
    asyncio.run(gateway.incoming(b"\x00" * 20))
    assert said() == [("other", "UnreadableError", 1)]


@pytest.fixture
def carrier(settings, client):
    settings.CORDEE = replace(settings.CORDEE, sms_gateway="http", sms_http_token="jeton")  # noqa: S106

    def call(payload, token="jeton"):  # noqa: S107
        return client.post(
            reverse("messaging:carrier"),
            payload if isinstance(payload, str) else json.dumps(payload),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        ).status_code

    return call


def test_an_http_carrier_that_speaks_nonsense_is_told_so_and_counted(carrier):
    assert carrier({"hello": 1}) == 400
    assert carrier("[[") == 400
    assert carrier("[" * 100_000) == 400
    assert carrier({"from": "36111", "text": "oui"}) == 204
    assert said() == [("other", "UnreadableError", 3)]
    assert InboundText.objects.count() == 1


def test_what_no_database_keeps_is_refused_to_an_http_carrier_without_a_fault(carrier, monkeypatch):
    from cordee.messaging import services

    def impossible(**_):
        raise ValueError("a string literal cannot contain NUL")

    monkeypatch.setattr(services, "record_receipt", impossible)
    assert carrier({"id": "a", "status": "delivered"}) == 400
    assert said() == [("receipt", "ValueError", 1)]
    assert DeliveryReceipt.objects.count() == 0


def test_who_has_not_the_token_makes_nobody_worry(carrier):
    assert carrier({"hello": 1}, token="autre") == 404  # noqa: S106
    assert said() == []


def test_one_line_a_kind_however_much_a_carrier_floods(carrier):
    for _ in range(5):
        carrier({"hello": 1})
    (row,) = Unkept.objects.all()
    assert (row.times, row.first_at, row.last_at) == (5, NOW, NOW)


STOP = {"from": "33612345678", "text": "STOP"}


@pytest.fixture
def place_taken_away(monkeypatch):
    """The place of who says STOP is taken away between being found and being held."""
    PracticeFactory(mobile="+33612345678")

    def too_late(*, practice, **said):
        Practice.objects.filter(pk=practice.pk).delete()
        return stop_messages(practice=practice, **said)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(hearing, "stop_messages", too_late)
        yield meanwhile


def test_what_passes_the_next_time_is_asked_again_of_an_http_carrier(carrier, place_taken_away):
    """Told that it was nonsense, many carriers do not come again: the STOP was lost."""
    assert carrier(STOP) == 503
    assert (said(), InboundText.objects.count()) == ([], 0)
    place_taken_away.undo()
    assert carrier(STOP) == 204
    assert InboundText.objects.get().is_stop
    assert said() == []


@pytest.mark.django_db(transaction=True)
def test_what_passes_the_next_time_is_not_acknowledged_to_an_smpp_carrier(place_taken_away):
    talker = heard(TextReceived("33612345678", "STOP"))
    assert [type(error) for error in talker.heard] == [type(None), DomainError]
    assert (said(), InboundText.objects.count()) == ([], 0)
    place_taken_away.undo()
    assert heard(TextReceived("33612345678", "STOP")).heard == [None, None]
    assert InboundText.objects.get().is_stop


def test_what_a_rule_of_the_house_refuses_is_named_by_its_code_and_said_in_french(
    carrier, monkeypatch
):
    def unsafe(**_):
        with unsafe_is_told():
            raise UnsafeError("messaging.names_somebody")

    monkeypatch.setattr(hearing, "send_text", unsafe)
    assert carrier(STOP) == 400
    assert said() == [("text", "messaging.unsafe", 1)]
    Unkept.objects.create(
        channel="sms", what="text", why="DomainError", times=1, first_at=NOW, last_at=NOW
    )  # as it was counted before
    page = Browser().as_(actor(Role.ADMINISTRATOR)).get(reverse("web:condition")).text
    assert page.count("motif technique") == 0

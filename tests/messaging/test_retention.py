"""Old words go, then old messages, under a rule; what waits stays, and the thread still holds."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.thread import verify
from cordee.messaging import services
from cordee.messaging.models import DeliveryReceipt, InboundText, Message, PhoneCode
from cordee.messaging.services import Heard
from tests.factories.messaging import InboundTextFactory, MessageFactory, PhoneCodeFactory
from tests.support import arranging, facts, retention

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = timezone.now()
RULE = "décision du 3/11/2026 du responsable de traitement"


@pytest.fixture(autouse=True)
def house(monkeypatch):
    url = settings.SERVER.retention_url(settings.TEST_DATABASE)
    house = replace(settings.CORDEE, retention_url=url, message_rule=RULE)
    monkeypatch.setattr(settings, "CORDEE", house)
    return house


def ago(days):
    return TODAY - timedelta(days=days)


def purge(*arguments):
    said = StringIO()
    call_command("purge_messages", *arguments, stdout=said)
    return said.getvalue()


def sent(days, **more):
    return MessageFactory(sent=True, **({"sent_at": ago(days)} | more))


def former_states(record):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state::text FROM access_previous_state WHERE record_id = %s", [record.pk]
        )
        return [row[0] for row in cursor.fetchall()]


def house_chain():
    """The chain of the facts that are on nobody's thread."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT chain_id FROM kernel_fact WHERE thread_id IS NULL")
        ((chain,),) = cursor.fetchall()
        return chain


def test_words_older_than_the_setting_are_emptied_and_the_message_stays():
    old, recent = sent(100, sealed=b"x", context={"code": "4821"}), sent(10)
    with arranging():
        old.reason = "seen"
        old.save()
    assert "4821" in "".join(former_states(old))

    purge("--apply")

    old.refresh_from_db()
    recent.refresh_from_db()
    assert (old.text, old.subject, bytes(old.sealed), old.context) == ("", "", b"", {})
    assert (old.to[:4], old.state, old.sent_at) == ("+336", "sent", ago(100))
    assert "4821" in recent.text
    assert former_states(old) == []


def test_a_text_received_loses_its_words_and_its_pieces_theirs():
    now = ago(100)
    for number, part in ((1, "OUI "), (2, "4821")):
        heard = Heard("33612345678", part, "", (7, number, 2))
        services.receive_text(actor=SYSTEM, heard=heard, now=now)
    purge("--apply")
    text = InboundText.objects.get()
    assert (text.text, text.codes) == ("", ["4821"])
    assert [piece.text for piece in text.pieces.all()] == ["", ""]


def test_after_the_second_delay_the_rows_go_with_their_receipts_and_codes():
    old, recent = sent(400), sent(300)
    DeliveryReceipt.objects.create(
        channel="sms", carrier_id="c1", fate="delivered", message=old, received_at=ago(400)
    )
    PhoneCodeFactory(issued_at=ago(400), expires_at=ago(399))
    InboundTextFactory(received_at=ago(400))

    purge("--apply")

    assert list(Message.objects.all()) == [recent]
    assert not DeliveryReceipt.objects.exists()
    assert not PhoneCode.objects.exists()
    assert not InboundText.objects.exists()
    assert former_states(old) == []


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_what_has_not_left_never_goes(state):
    waiting = MessageFactory(sending=state == "sending")
    with arranging():
        Message.objects.filter(pk=waiting.pk).update(created_at=ago(2000))
    purge("--apply")
    assert "4821" in Message.objects.get().text


def test_the_thread_keeps_what_was_heard_and_still_verifies():
    text = services.receive_text(actor=SYSTEM, heard=Heard("33612345678", "oui 4821"), now=ago(400))
    purge("--apply")
    (heard,) = facts("messaging.text_received")
    assert heard["data"]["text_id"] == str(text.pk)
    assert verify(house_chain()).holds


def test_the_purge_is_told_with_its_rule_and_its_count_and_no_name():
    old = sent(400)
    purge("--apply")
    (words,), (rows,) = facts("messaging.words_purged"), facts("messaging.rows_purged")
    assert (words["data"]["rule"], words["data"]["count"]) == (RULE, "1")
    assert rows["data"]["count"] == "1"
    assert old.to not in str(facts())


def test_without_apply_nothing_goes_and_the_rule_is_shown():
    sent(400)
    said = purge()
    assert "1 mots de messages" in said
    assert RULE in said
    assert "4821" in Message.objects.get().text
    assert facts("messaging.words_purged") == []


def test_a_second_run_finds_nothing_more():
    sent(100)
    purge("--apply")
    assert purge("--apply").startswith("0 ")
    assert len(facts("messaging.words_purged")) == 1


def test_without_the_role_it_says_which_variable_is_missing(monkeypatch, house):
    monkeypatch.setattr(settings, "CORDEE", replace(house, retention_url=""))
    with pytest.raises(CommandError, match="CORDEE_RETENTION_URL"):
        purge("--apply")


def test_the_role_may_empty_words_and_nothing_else():
    message = sent(1)
    with retention() as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(
            "UPDATE messaging_message SET state = 'failed' WHERE id = %s", [message.pk]
        )

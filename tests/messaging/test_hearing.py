"""Texts from phones: read, told, joined, and STOP honoured at once."""

from datetime import timedelta

import pytest

from cordee.access.actor import ANONYMOUS, SYSTEM, Role
from cordee.kernel.errors import Forbidden
from cordee.messaging import selectors, services
from cordee.messaging.models import InboundText, Message, TextPiece
from cordee.messaging.services import Heard
from tests.factories.directory import OrganizationFactory, PracticeFactory
from tests.factories.messaging import MessageFactory
from tests.support import NOW, actor, facts, orienteuse_of, simultaneously, stranger

pytestmark = pytest.mark.django_db
PHONE = "33612345678"


def hear(text, *, sender=PHONE, key="", joined=None, now=NOW):
    heard = Heard(sender, text, key, joined)
    return services.receive_text(actor=SYSTEM, heard=heard, now=now)


def told():
    return [fact["data"] for fact in facts("messaging.text_received")]


def test_a_reply_is_kept_read_and_told_without_its_words():
    practice = PracticeFactory(solicitable=True, mobile="+33612345678")
    text = hear("Oui! 4821")

    assert (text.sender, text.text, text.is_clear) == ("+33612345678", "Oui! 4821", True)
    assert told() == [
        {
            "text_id": str(text.pk),
            "practitioner_id": str(practice.practitioner_id),
            "organization_id": None,
            "clear": True,
            "stop": False,
            "answers": ["yes:4821"],
            "codes": ["4821"],
        }
    ]
    assert "Oui" not in str(facts())


def test_an_unclear_reply_is_told_as_such_with_its_codes():
    hear("oui mais à partir de demain 8:00 pour 4821")
    assert (told()[0]["clear"], told()[0]["answers"], told()[0]["codes"]) == (False, [], ["4821"])


def test_the_same_text_given_again_by_the_carrier_changes_nothing():
    assert hear("oui 4821", key="k1") == hear("oui 4821", key="k1")
    assert len(told()) == 1


def test_the_same_words_sent_twice_are_two_texts():
    hear("non 4821"), hear("oui 4821"), hear("non 4821")
    assert len(told()) == 3


@pytest.mark.django_db(transaction=True)
def test_the_same_text_given_twice_at_once_is_one():
    got = simultaneously(*[lambda: hear("oui 4821", key="k1") for _ in range(6)])
    assert [g for g in got if isinstance(g, Exception)] == []
    assert InboundText.objects.count() == 1


def test_a_long_reply_is_joined_in_order_and_read_as_one():
    assert hear("48", joined=(42, 2, 3)) is None
    assert hear("21 merci", joined=(42, 3, 3)) is None
    assert told() == []
    text = hear("OUI ", joined=(42, 1, 3))
    assert (text.text, text.answers) == ("OUI 4821 merci", ["yes:4821"])
    assert TextPiece.objects.filter(whole=text).count() == 3


def test_pieces_of_two_phones_with_one_reference_are_not_mixed():
    hear("OUI ", joined=(42, 1, 2))
    hear("NON ", joined=(42, 1, 2), sender="33699999999")
    assert hear("4821", joined=(42, 2, 2)).text == "OUI 4821"


@pytest.mark.django_db(transaction=True)
def test_pieces_that_arrive_at_once_make_one_text():
    got = simultaneously(*[lambda n=n: hear(f"p{n} ", joined=(42, n, 4)) for n in range(1, 5)])
    assert [g for g in got if isinstance(g, Exception)] == []
    assert InboundText.objects.get().text == "p1 p2 p3 p4 "


def test_a_piece_given_twice_counts_once():
    hear("OUI ", joined=(42, 1, 2)), hear("OUI ", joined=(42, 1, 2))
    assert hear("4821", joined=(42, 2, 2)).text == "OUI 4821"


def test_a_text_that_never_came_whole_is_read_by_a_human():
    hear("OUI 4821 ", joined=(42, 1, 2))
    later = NOW + timedelta(hours=2)
    services.take_incomplete(actor=SYSTEM, now=later)
    text = InboundText.objects.get()
    assert (text.text, text.is_clear) == ("OUI 4821  […] ", False)
    assert [t["clear"] for t in told()] == [False]
    services.take_incomplete(actor=SYSTEM, now=later)
    assert len(told()) == 1


def test_a_reference_used_again_does_not_mix_two_texts():
    hear("vieux ", joined=(42, 1, 2))
    assert hear("4821", joined=(42, 2, 2), now=NOW + timedelta(hours=2)) is None
    assert hear("OUI ", joined=(42, 1, 2), now=NOW + timedelta(hours=2)).text == "OUI 4821"


def test_stop_stops_the_holder_of_the_number_and_what_was_about_to_leave():
    practice = PracticeFactory(mobile="+33612345678")  # not even proved: whoever holds the phone
    waiting = MessageFactory(to="+33612345678")
    other = MessageFactory(to="+33699999999")

    text = hear("STOP")

    practice.refresh_from_db(), waiting.refresh_from_db(), other.refresh_from_db()
    assert practice.stopped_at == NOW
    assert (waiting.state, waiting.reason) == ("failed", "messaging.stopped")
    assert other.state == "queued"
    said = Message.objects.get(template="messaging.stopped")
    assert (said.to, said.organization) == ("+33612345678", waiting.organization)
    assert text.is_stop


def test_stop_from_a_stranger_is_answered_and_told():
    hear("stop")
    assert told()[0]["stop"] is True


@pytest.mark.parametrize("sender", ["36111", "FREE", "x" * 100])
def test_stop_from_what_cannot_be_written_to_is_kept_and_answered_by_nothing(sender):
    """Raising, it was given again by the carrier without end, and the link broke each time."""
    assert hear("STOP", sender=sender).is_stop
    assert not Message.objects.filter(template="messaging.stopped").exists()


def test_stop_by_a_visitor_of_the_test_phone_stops_only_the_number_he_writes_from():
    practice = PracticeFactory(mobile="+33612345678")
    bystander = PracticeFactory(mobile="+33699999999")
    services.receive_text(actor=ANONYMOUS, heard=Heard(PHONE, "STOP"), now=NOW)
    practice.refresh_from_db(), bystander.refresh_from_db()
    assert practice.stopped_at
    assert bystander.stopped_at is None


def test_in_production_nobody_but_the_carrier_speaks_for_a_phone(settings):
    from dataclasses import replace

    settings.CORDEE = replace(settings.CORDEE, mode="production")
    for speaker in (ANONYMOUS, stranger(), actor(Role.PRACTITIONER)):
        with pytest.raises(Forbidden):
            services.receive_text(actor=speaker, heard=Heard(PHONE, "oui 4821"), now=NOW)


@pytest.mark.parametrize(
    "text",
    ["", "\u202eoui 4821", "🙂" * 3000, "'; DROP TABLE people_person;--", "<script>", "${{7*7}}"],
)
def test_whatever_is_written_is_kept_as_it_is(text):
    hear(text)
    assert InboundText.objects.get().text == text[:2000]


@pytest.mark.parametrize("sender", ["", "38600", "ALPHA", "x" * 100, "+33612345678"])
def test_whoever_writes_the_text_is_kept(sender):
    assert hear("oui", sender=sender).pk


def test_a_desk_reads_the_replies_to_its_own_texts():
    sio = OrganizationFactory()
    MessageFactory(to="+33612345678", organization=sio)
    text = hear("oui 4821")
    assert list(selectors.received(orienteuse_of(sio))) == [text]
    assert list(selectors.received(stranger())) == []


def test_a_carrier_that_gives_every_text_the_same_name_loses_none():
    """Known by its key alone, every reply after the first was taken for the first."""
    first, second = (
        services.receive_text(actor=SYSTEM, heard=Heard(number, words, "0"), now=NOW)
        for number, words in (("33612000001", "oui 4821"), ("33612000002", "non 5932"))
    )
    again = services.receive_text(
        actor=SYSTEM, heard=Heard("33612000001", "oui 4821", "0"), now=NOW
    )
    assert first.answers == ["yes:4821"]
    assert second.answers == ["no:5932"]
    assert again == first

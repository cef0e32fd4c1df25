"""What enters the outbox, and what may not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError, Forbidden
from cordee.messaging import selectors, services
from cordee.messaging.models import Channel, Message
from cordee.messaging.postman import outgoing
from tests.factories.directory import CommuneFactory, OrganizationFactory, PracticeFactory
from tests.factories.messaging import MessageFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, coordinator_of, facts, orienteuse_of, simultaneously, stranger

pytestmark = pytest.mark.django_db
SECRET = "9bKx2vQmT4pLr7WnYc3hZd8sGfAa1Bb2"
TO = "06 12 34 56 78"


@pytest.fixture
def sio():
    return OrganizationFactory(name="SIO du Champsaur")


@pytest.fixture(autouse=True)
def _villages():
    CommuneFactory()  # Saint-Bonnet: 2 086 residents
    CommuneFactory(code="05061", name="Gap", population=40_631)


def ask(sio, **changes):
    context = {"organization_id": sio.pk, "commune_code": "05132", "begins_at": NOW}
    context |= {"code": "4821", "link": f"/r/{SECRET}"}
    context |= changes.pop("context", {})
    order = {"to": TO, "template": "broker.ask", "origin": "broker/invitation/1"} | changes
    return services.send_text(actor=SYSTEM, context=context, now=NOW, **order)


def test_a_text_is_queued_in_words_of_the_directory_with_its_link_hidden(sio):
    message = ask(sio)

    message.refresh_from_db()
    assert (message.state, message.to, message.next_attempt_at) == ("queued", "+33612345678", NOW)
    assert message.text.startswith("SIO du Champsaur : recherche en cours, secteur CC Champsaur")
    assert "OUI 4821" in message.text
    assert SECRET not in message.text
    assert SECRET not in str(message.context)
    assert SECRET.encode() not in bytes(message.sealed)
    assert outgoing(message).text.endswith(f"/r/{SECRET}")


def test_the_database_holds_the_secret_nowhere_in_clear(sio):
    ask(sio)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(m)::text FROM messaging_message m")
        assert SECRET not in cursor.fetchone()[0]


def test_a_village_is_never_named_and_a_town_is(sio):
    assert "Saint-Bonnet" not in ask(sio).text
    big = ask(sio, context={"commune_code": "05061"}, origin="x")
    assert "secteur Gap," in big.text


def test_a_valley_too_small_is_not_named_either(sio, settings):
    settings.CORDEE = replace(settings.CORDEE, min_area_residents=1_000_000)
    assert "votre secteur" in ask(sio).text


def test_a_text_stays_in_the_short_alphabet(sio):
    from cordee.messaging.alphabet import Encoding, encoding_of

    other = OrganizationFactory(name="Pôle d’Accueil « Être là »…")
    assert encoding_of(outgoing(ask(other)).text) is Encoding.GSM7


HOSTILE = [
    {"name": "Dupontel"},
    {"care": "pansement"},
    {"area": "Saint-Bonnet"},
    {"service": "Jeanne Dupontel"},
    {"code": "Dupontel"},
    {"code": "4821 pansement"},
    {"begins_at": "pour Mme Dupontel"},
    {"link": f"/r/{SECRET}?nom=Dupontel"},
    {"link": "/r/jeanne-dupontel-12-chemin-du-canal"},
    {"link": "/r/pansement-complexe-saint-bonnet"},
    {"link": "https://evil.example/r/" + SECRET},
    {"organization_id": "00000000-0000-0000-0000-000000000000"},
]


@pytest.mark.parametrize("context", HOSTILE, ids=str)
def test_no_name_care_or_village_passes_through_any_field(sio, context):
    person = PersonFactory(birth_name="Dupontel", first_names="Jeanne", first_name="Jeanne")
    with pytest.raises(DomainError) as refusal:
        ask(sio, context=context, person_id=person.pk)
    assert "n’est pas parti" in refusal.value.message
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "commune_code", ["05132' OR 1=1", "Dupontel", "", "99999", "<script>", "٠٥١٣٢"]
)
def test_a_commune_that_does_not_exist_names_no_place(sio, commune_code):
    assert "votre secteur" in ask(sio, context={"commune_code": commune_code}).text


@pytest.mark.parametrize("template", ["", "Jeanne Dupontel a besoin de vous", "broker.ask2"])
def test_free_words_are_no_template(sio, template):
    with pytest.raises(DomainError):
        ask(sio, template=template)


def test_an_organisation_whose_name_carries_a_number_does_not_write(sio):
    odd = OrganizationFactory(name="Appelez le 0612345678 pour Mme D")
    with pytest.raises(DomainError):
        ask(odd)


@pytest.mark.parametrize(
    "to", ["", "12", "bonjour", "0", "+33", "06 12", "x" * 5000, "+999123456789"]
)
def test_a_number_that_cannot_be_is_refused_with_a_sentence(sio, to):
    with pytest.raises(DomainError, match="bad_number"):
        ask(sio, to=to)


@pytest.mark.parametrize("to", ["", "a", "a@", "a@b", "a@b.fr\nBcc: x@y.fr", "a b@c.fr"])
def test_an_address_that_cannot_be_is_refused_with_a_sentence(sio, to):
    with pytest.raises(DomainError, match="bad_address"):
        services.send_email(
            actor=SYSTEM,
            to=to,
            template="intake.news",
            context={"organization_id": sio.pk, "link": f"/suivi/{SECRET}"},
            origin="",
            now=NOW,
        )


def test_a_mail_obeys_the_same_rule(sio):
    message = services.send_email(
        actor=SYSTEM,
        to="cabinet@exemple.fr",
        template="intake.received",
        context={"organization_id": sio.pk, "link": f"/suivi/{SECRET}"},
        origin="intake/request/1",
        now=NOW,
    )
    assert message.subject == "SIO du Champsaur : votre demande est reçue"
    assert SECRET not in message.text
    assert f"/suivi/{SECRET}" in outgoing(message).text


def test_the_same_text_for_the_same_reason_waits_once(sio):
    def thank():
        return ask(sio, template="broker.already_taken")

    assert thank().pk == thank().pk
    MessageFactory(to="+33612345678", template="broker.already_taken")
    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_text_from_several_gestures_at_once_waits_once_and_undoes_none(sio):
    """The constraint undid the gesture that came second, with all that it had written."""
    waiting = simultaneously(*[lambda: ask(sio, template="broker.already_taken")] * 5)
    assert [type(one) for one in waiting] == [Message] * 5
    assert len({one.pk for one in waiting}) == Message.objects.count() == 1


def test_a_text_put_back_takes_the_place_of_the_same_one_queued_meanwhile(sio):
    """It could not be put back, stayed « sending », and left in doubt beside the other."""

    def thank():
        return ask(sio, template="broker.already_taken")

    first = thank()
    services.claim(actor=SYSTEM, channel=Channel.SMS, now=NOW)
    first.refresh_from_db()
    second = thank()
    services.postpone(
        actor=SYSTEM, message=first, reason="ESME_RTHROTTLED", delay=timedelta(seconds=2), now=NOW
    )
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.state, second.state, second.why) == (
        "queued",
        "failed",
        "le même message partait déjà",
    )
    assert facts("messaging.delivery_failed") == []


def test_a_failed_text_is_not_sent_again_beside_the_same_one(sio):
    first = ask(sio, template="broker.already_taken")
    services.claim(actor=SYSTEM, channel=Channel.SMS, now=NOW)
    first.refresh_from_db()
    services.give_up(actor=SYSTEM, message=first, reason="ESME_RINVDSTADR", now=NOW)
    ask(sio, template="broker.already_taken")
    with pytest.raises(DomainError, match="messaging.waits_already"):
        services.resend(actor=orienteuse_of(sio), message=first, now=NOW)


def test_two_texts_that_differ_by_their_link_only_both_wait(sio):
    """A carrier away for an hour must not make the second news of a request impossible."""
    first, second = (
        ask(sio, context={"link": f"/r/{secret}"}) for secret in (SECRET, SECRET[::-1])
    )
    assert first.text == second.text
    assert outgoing(first).text != outgoing(second).text
    assert Message.objects.filter(state="queued").count() == 2


def test_the_holder_of_a_tied_number_is_known(sio):
    practice = PracticeFactory(solicitable=True)
    assert ask(sio, to=practice.mobile).practitioner == practice.practitioner


def test_a_text_may_wait_for_its_hour(sio):
    message = ask(sio, when=services.When(not_before=NOW + timedelta(hours=3)))
    assert message.next_attempt_at == NOW + timedelta(hours=3)


def test_the_desk_that_wrote_sees_its_messages_and_no_other_desk_does(sio):
    message = ask(sio)
    assert list(selectors.outbox(orienteuse_of(sio))) == [message]
    assert list(selectors.outbox(stranger())) == []
    assert list(selectors.outbox(coordinator_of(OrganizationFactory()))) == []


def test_a_failed_message_is_sent_again_by_its_desk_only(sio):
    message = MessageFactory(organization=sio, failed=True)
    with pytest.raises(Forbidden):
        services.resend(actor=stranger(), message=message, now=NOW)

    services.resend(actor=orienteuse_of(sio), message=message, now=NOW)

    message.refresh_from_db()
    assert (message.state, message.attempts, message.reason) == ("queued", 0, "")


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_a_message_on_its_way_is_not_sent_twice(sio, state):
    message = MessageFactory(organization=sio, **{state: True})
    with pytest.raises(DomainError, match="not_failed"):
        services.resend(actor=orienteuse_of(sio), message=message, now=NOW)


def test_nobody_but_the_postman_carries():
    with pytest.raises(Forbidden):
        services.claim(actor=stranger(), channel="sms", now=NOW)

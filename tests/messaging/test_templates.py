"""The words administration may choose, and those it may not."""

import pytest

from cordee.access.actor import Role
from cordee.kernel.errors import DomainError, Forbidden
from cordee.messaging import rules, selectors, services
from cordee.messaging.alphabet import Encoding, encoding_of, plain, segment_count
from cordee.messaging.models import Channel, MessageTemplate
from cordee.messaging.wordings import SHIPPED
from tests.architecture.house import ROOT
from tests.factories.directory import CommuneFactory
from tests.support import NOW, actor, arranging, stranger

pytestmark = pytest.mark.django_db
ADMINISTRATOR = actor(Role.ADMINISTRATOR)


def write(body, code="broker.ask", channel=Channel.SMS, subject="", by=ADMINISTRATOR):
    return services.write_template(
        actor=by, code=code, channel=channel, subject=subject, body=body, now=NOW
    )


@pytest.mark.parametrize("code", SHIPPED)
def test_the_words_we_ship_pass_our_own_guard(code):
    words = SHIPPED[code]
    for body in filter(None, (words.text, words.subject, words.mail)):
        assert rules.template_faults(body) == [] or "données de santé" in body
    if words.text:
        assert encoding_of(plain(words.text)) is Encoding.GSM7
        assert segment_count(plain(words.text)) == 1


def test_every_wording_is_sent_by_some_line_of_ours():
    lines = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "cordee").glob("**/*.py")
        if path.name != "wordings.py"
    )
    assert [code for code in SHIPPED if f'"{code}"' not in lines] == []


@pytest.mark.parametrize("code", [code for code, words in SHIPPED.items() if words.text])
def test_administration_may_save_the_words_we_ship(code):
    """No ordinary word of theirs is taken for one of the 34,969 communes."""
    write(SHIPPED[code].text, code)


def test_administration_chooses_other_words():
    write("{service} : êtes-vous libre à partir du {debut} ? OUI {code} ou NON {code} : {lien}")
    words = selectors.template("broker.ask", Channel.SMS)
    assert words.is_ours
    assert "etes-vous libre" in words.body


def test_going_back_to_the_words_we_ship():
    write("{service} OUI {code} {lien}")
    services.reset_template(actor=ADMINISTRATOR, code="broker.ask", channel=Channel.SMS, now=NOW)
    assert selectors.template("broker.ask", Channel.SMS).body == SHIPPED["broker.ask"].text


def test_going_back_gives_the_subject_of_a_mail_back_too():
    write("{service} : {lien}", "intake.news", Channel.EMAIL, "Des nouvelles de {service}")
    services.reset_template(actor=ADMINISTRATOR, code="intake.news", channel=Channel.EMAIL, now=NOW)
    assert (
        selectors.template("intake.news", Channel.EMAIL).subject == SHIPPED["intake.news"].subject
    )


@pytest.mark.parametrize(
    "body",
    [
        "{service} {code} {lien} pour une toilette",
        "{service} {code} {lien} à Saint-Bonnet-en-Champsaur",
        "{service} {code} {lien} {nom}",
        "{service} {code} {lien} {service.__class__}",
        "{service} {code}",
        "{service} {code} {lien} " + "a" * 600,
        "",
        "{service} {code} {lien} rappelez le 0492500000",
    ],
)
def test_words_that_say_too_much_or_too_little_are_refused_and_the_old_ones_stay(body):
    CommuneFactory()
    with pytest.raises(DomainError, match="template_refused"):
        write(body)
    assert not MessageTemplate.objects.exists()


def test_the_subject_of_a_mail_is_under_the_same_guard():
    with pytest.raises(DomainError, match="template_refused"):
        write("{service} {lien}", "intake.news", Channel.EMAIL, "Toilette de Mme D.")


def not_given(code):
    """The fields that the gesture behind a message does not fill."""
    words = SHIPPED[code]
    said = words.text + words.subject + words.mail
    ours = ("secteur", "debut") if code.startswith("broker.") else ()
    fields = ("secteur", "debut", "code", "lien")
    return [name for name in fields if f"{{{name}}}" not in said and name not in ours]


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code in SHIPPED for name in not_given(code)]
)
def test_a_field_that_the_gesture_does_not_give_is_refused(code, name):
    """Kept, it would keep every text of this wording from leaving."""
    words = SHIPPED[code]
    channel, body = (Channel.SMS, words.text) if words.text else (Channel.EMAIL, words.mail)
    with pytest.raises(DomainError) as refused:
        write(f"{body} {{{name}}}", code, channel, words.subject)
    said = f"«\u00a0{{{name}}}\u00a0» n’est pas un champ connu de ce message."
    assert said in refused.value.message
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize("code", [code for code in SHIPPED if code.startswith("broker.")])
def test_a_word_about_a_search_may_always_say_where_and_from_when(code):
    write(SHIPPED[code].text + " {secteur} {debut}", code)
    assert "{debut}" in selectors.template(code, Channel.SMS).body


def test_words_kept_before_that_could_not_be_written_leave_the_place_to_ours():
    with arranging():
        MessageTemplate.objects.create(
            code="messaging.stopped", channel=Channel.SMS, body="{service} : noté, {lien}"
        )
    for words in (
        selectors.template("messaging.stopped", Channel.SMS),
        *(one for one in selectors.templates(ADMINISTRATOR) if one.code == "messaging.stopped"),
    ):
        assert (words.body, words.is_ours) == (SHIPPED["messaging.stopped"].text, False)
        assert words.unsayable == ("lien",)


def test_words_kept_before_that_said_where_still_leave():
    """A message of no commune says « votre secteur »: nothing of them was ever missing."""
    body = "{service}, {secteur} : demande reçue, {lien}"
    with arranging():
        MessageTemplate.objects.create(code="intake.received", channel=Channel.SMS, body=body)
    words = selectors.template("intake.received", Channel.SMS)
    assert (words.body, words.is_ours, words.unsayable) == (body, True, ())
    said = selectors.said(
        "intake.received", Channel.SMS, {"link": "/r/AbCdEfGhIjKlMnOpQrStUv"}, None
    )
    assert ", votre secteur : demande reçue, " in said.whole


@pytest.mark.parametrize("speaker", [stranger(), actor(Role.ORIENTEUSE), actor(Role.DPO)])
def test_only_administration_writes_words(speaker):
    with pytest.raises(Forbidden):
        write("{service} OUI {code} {lien}", by=speaker)

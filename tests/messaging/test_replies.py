import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.messaging.replies import Answer, read_reply

YES, NO = Answer.YES, Answer.NO


@pytest.mark.parametrize(
    "text",
    [
        *("OUI 4821", "oui 4821", "Oui4821", "oui! 4821", " oui  4821 ", "OUI\n4821", "oui,4821."),
        *(
            "4821 oui",
            "4821: OUI !",
            "oui 48 21",
            "oui 4 8 2 1",
            "OÜI 4821",
            "ＯＵＩ ４８２１",
            "0UI 4821",
        ),
        *("Bonjour, oui pour le 4821, merci", "ok 4821", "d'accord 4821", "d’accord 4821"),
        *("oui 4821 👍", "oui oui 4821", "oui 4821 oui", "« oui 4821 »", "oui 4821 bonne journée"),
    ],
)
def test_a_yes_is_understood(text):
    assert read_reply(text).answers == ((YES, "4821"),), text


@pytest.mark.parametrize(
    "text",
    ["NON 4821", "non merci 4821", "4821 non", "Désolée non 4821", "pas dispo 4821", "nan 4821"],
)
def test_a_no_is_understood(text):
    assert read_reply(text).answers == ((NO, "4821"),), text


def test_a_word_without_a_code_keeps_the_code_open():
    assert read_reply("oui!").answers == ((YES, ""),)
    assert read_reply("Non merci").answers == ((NO, ""),)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("oui 4821 5932", ((YES, "4821"), (YES, "5932"))),
        ("oui 4821 et 5932", ((YES, "4821"), (YES, "5932"))),
        ("oui 4821 non 5932", ((YES, "4821"), (NO, "5932"))),
        ("4821 oui 5932 non", ((YES, "4821"), (NO, "5932"))),
        ("oui 4821, oui 5932", ((YES, "4821"), (YES, "5932"))),
    ],
)
def test_several_codes_are_each_answered(text, answers):
    assert read_reply(text).answers == answers


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop", "Stop.", "STOP SMS", "stop merci", "STOP 4821", "arrêt", "« Stop »"),
        *("STOP 36111", "STOP au 36111", "stop svp", "Stop 🙏", "S.T.O.P", "STOP PUB", "StopPub"),
        *("Stop contact", "Stop messages", "STOP les messages", "stop plus de sms", "Arrêtez"),
        *("Arrêter", "désabonnement", "Désinscription svp", "arrêtez de m’envoyer des messages"),
    ],
)
def test_stop_is_understood(text):
    reply = read_reply(text)
    assert reply.stop
    assert reply.clear
    assert reply.answers == ()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "oui mais à partir de demain 8:00 code 4821",
            "oui 4821 demain",
            "OUI 4821 à partir de 8h",
        ),
        *("oui 4821 ?", "oui non 4821", "oui 4821 non", "oui 4821 non 4821", "4821", "", "   "),
        *("oui 0612345678", "je ne sais pas 4821", "arrêt maladie", "je dis stop à tout ça"),
        *("stop pour cette semaine", "stop oui 4821", "arrêtez le pansement 4821", "stop ou oui"),
        *(
            "oui но завтра 4821",
            "oui ٤٨٢١",
            "oui 👎 4821",
            "ne plus me contacter",
            "oui 4821 le 24/11",
        ),
        *("4821 oui 5932", "oui à deux conditions 4821", "non pas avant 18:00 mais oui après"),
        *("'; DROP TABLE message;--", "<script>oui</script> 4821", "${{oui}} x 4821", "oui" * 500),
    ],
)
def test_what_is_not_plain_goes_to_a_human(text):
    reply = read_reply(text)
    assert not reply.clear, text
    assert reply.answers == ()
    assert not reply.stop


def test_the_codes_of_an_unclear_reply_are_kept():
    assert read_reply("oui mais demain 8:00 pour 4821").codes == ("4821",)


@given(st.text())
def test_any_text_is_read_without_failing_and_never_half_understood(text):
    reply = read_reply(text)
    assert reply.clear == bool(reply.answers or reply.stop)


@given(st.from_regex(r"[0-9]{4,6}", fullmatch=True), st.sampled_from(["oui", "NON"]))
def test_a_word_and_a_code_are_always_understood(code, word):
    answer = YES if word == "oui" else NO
    assert read_reply(f"{word} {code}").answers == ((answer, code),)
    assert read_reply(f"{code} {word}").answers == ((answer, code),)

"""Sealed words: opened for their own message, by the same secret, in whatever form."""

from uuid import UUID

import pytest
from cryptography.fernet import InvalidToken

from cordee.messaging.sealing import _former_box, seal, unseal

ONE, OTHER = UUID(int=1), UUID(int=2)
WORDS = {"text": "Répondez OUI 1234 ou https://cordee.test/r/secret"}
# What `seal` gave on 2026-11-26, before AES-GCM, under the secret below.
BEFORE = (
    b"gAAAAABrCLEWUY4qDKw7mpwhFmDQy-qG-TjoZ42ZWVbvEeFsmru8tCHMbhY1PEegz6qNGCSvyUasY41GhK-I2J54"
    b"0LtYlvltBbrRqabBG3qar6eYv0SZySFN8PzSLMIFIqxZA1Lgp5E03ogYtvsJ9km0eUAFA4JSXr8d7_Lkvs3TKlm5"
    b"KuII_Ws="
)


def test_words_are_opened_for_their_message_and_read_nowhere_else():
    sealed = seal(WORDS, ONE)
    assert unseal(sealed, ONE) == unseal(memoryview(sealed), ONE) == WORDS
    assert b"secret" not in sealed


def test_nothing_sealed_is_nothing():
    assert seal({}, ONE) == b""
    assert unseal(b"", ONE) == {}


def test_words_moved_to_another_message_are_not_opened():
    with pytest.raises(InvalidToken):
        unseal(seal(WORDS, ONE), OTHER)


@pytest.mark.parametrize("place", [0, 1, 12, 13, -1])
def test_an_octet_changed_anywhere_opens_nothing(place):
    sealed = bytearray(seal(WORDS, ONE))
    sealed[place] ^= 1
    with pytest.raises(InvalidToken):
        unseal(bytes(sealed), ONE)


@pytest.mark.parametrize("length", [1, 5, 13, 28])
def test_words_cut_short_open_nothing(length):
    with pytest.raises(InvalidToken):
        unseal(seal(WORDS, ONE)[:length], ONE)


def test_the_same_words_are_never_sealed_twice_alike():
    drawn = {seal(WORDS, ONE)[1:13] for _ in range(64)}
    assert len(drawn) == 64


def test_another_secret_opens_nothing(settings):
    sealed = seal(WORDS, ONE)
    settings.SECRET_KEY = "another secret, as long as the first one was, or longer"  # noqa: S105
    with pytest.raises(InvalidToken):
        unseal(sealed, ONE)


def test_what_was_sealed_before_is_still_opened(settings):
    settings.SECRET_KEY = "a secret of the day before, fifty characters at least"  # noqa: S105
    assert unseal(BEFORE, ONE) == WORDS


def test_what_is_sealed_now_is_not_opened_by_the_version_before(settings):
    """`docs/exploitation.md` says so to who updates a house, or goes back."""
    with pytest.raises(InvalidToken):
        _former_box(settings.SECRET_KEY).decrypt(seal(WORDS, ONE))

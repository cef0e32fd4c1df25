"""What may be asked, held to its properties."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.fhir.caller import Both
from cordee.fhir.operations.everything import path_to_person
from cordee.fhir.registry import mappings
from cordee.partners.rules import addresses, words
from cordee.partners.rules.flow import taken
from cordee.partners.rules.keys import Unfit, read_keys
from cordee.partners.rules.scopes import (
    CONTEXTS,
    ORDER,
    Scope,
    Scopes,
    Unread,
    ask,
    of_one_context,
    read,
    within,
)
from tests.factories.partners import key, shown

LETTERS = st.sets(st.sampled_from(ORDER), min_size=1).map(
    lambda some: "".join(one for one in ORDER if one in some)
)
TYPES = st.sampled_from(["*", "Patient", "Task", "Consent"])
PAIRS = ("category=a", "code=x", "date=ge2026", "status=final")
PARTS = st.sets(st.sampled_from(PAIRS), max_size=3).map(lambda some: "&".join(sorted(some)))
WHOLE = st.builds(Scope, st.sampled_from(CONTEXTS), TYPES, LETTERS)
NAMED = TYPES.filter(lambda one: one != "*")
SCOPE = WHOLE | st.builds(Scope, st.sampled_from(CONTEXTS), NAMED, LETTERS, PARTS)
SCOPES = st.lists(SCOPE, max_size=5).map(lambda some: Scopes(tuple(sorted(set(some)))))


@given(SCOPES)
def test_what_is_written_is_read_again(scopes):
    assert read(str(scopes)) == scopes


@given(SCOPES, SCOPES)
def test_what_is_given_is_within_what_was_asked_and_within_the_most(asked, most):
    kept = within(asked, most)
    for kind in ("Patient", "Task", "Consent", "Goal"):
        for letter in ORDER:
            if kept.allow(kind, letter):
                assert asked.allow(kind, letter)
                assert most.allow(kind, letter)


def lets(scopes, context, kind, letter, resource):
    """Whether a resource, by the searches that find it, is let through."""
    return any(
        one.context == context
        and one.type in ("*", kind)
        and letter in one.interactions
        and set(filter(None, one.part.split("&"))) <= resource
        for one in scopes.resources
    )


@given(SCOPES, SCOPES, st.sets(st.sampled_from(PAIRS)))
def test_a_resource_is_let_through_by_both_or_not_at_all(asked, most, resource):
    kept = within(asked, most)
    for context in CONTEXTS:
        for kind in ("Patient", "Task", "Goal"):
            for letter in ORDER:
                place = (context, kind, letter, resource)
                assert lets(kept, *place) == (lets(asked, *place) and lets(most, *place))


@given(SCOPES, SCOPES)
def test_narrowing_twice_narrows_once(asked, most):
    kept = within(asked, most)
    assert within(kept, most) == kept


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_scopes(text):
    with suppress(Unread):
        assert read(str(read(text))) == read(text)


def test_one_context_is_given_at_a_time():
    both = ask("openid patient/Patient.r user/Patient.r")
    with pytest.raises(Unread):
        of_one_context(both, is_for_a_person=False)
    assert str(of_one_context(both, is_for_a_person=True)) == "openid patient/Patient.r"
    alone = ask("openid user/Patient.r user/Task.s")
    assert of_one_context(alone, is_for_a_person=True) == alone


def test_words_that_are_not_understood_are_left_aside_and_never_all_of_them():
    known = "launch openid fhirUser patient/*.rs"
    assert ask(f"{known} profile patient/Task.sr user/*.r?code=a") == read(known)
    with pytest.raises(Unread):
        ask("profile patient/*.sr")


def test_the_same_part_is_written_one_way_and_the_whole_absorbs_it():
    one = read("user/Task.rs?status=requested&code=a%7Cb")
    assert one == read("user/Task.rs?code=a|b&status=requested&code=a|b")
    assert str(one) == "user/Task.rs?code=a|b&status=requested"
    both = read(f"{one} user/Task.r")
    assert both.parts("Task", "r") == ()
    assert both.parts("Task", "s") == ("code=a|b&status=requested",)
    assert str(within(both, read("user/*.cruds"))) == f"user/Task.r {str(one).replace('.rs', '.s')}"


def test_so_many_parts_are_asked_for_at_once_and_no_more():
    some = [f"user/Task.r?code={rank}" for rank in range(11)]
    assert len(ask(" ".join(some[:10])).resources) == 10
    with pytest.raises(Unread):
        ask(" ".join(some))


@pytest.mark.parametrize(
    "address",
    [
        "https://a.exemple.fr/retour",
        "http://127.0.0.1:9000/retour",
        "fr.exemple.carnet:/retour",
    ],
)
def test_an_address_of_return_is_one_that_nobody_else_listens_at(address):
    assert addresses.fault_of_return(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "http://a.exemple.fr/retour",
        "https://a.exemple.fr/#x",
        "https://*.exemple.fr/",
        "https://moi:secret@a.exemple.fr/",
        "javascript:alert(1)",
        "data:text/html,x",
        "carnet:/retour",
        "//a.exemple.fr",
        "https://",
        "https://a.exemple.fr\\@b",
        "https://[",
    ],
)
def test_an_address_where_a_code_could_be_taken_is_refused_in_words(address):
    assert len(addresses.fault_of_return(address)) > 10


def test_keys_are_public_named_and_of_two_kinds():
    import json

    said = json.dumps(shown(key(), key("rsa-1", "RS384")))
    assert len(read_keys(said)["keys"]) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"keys": []}',
        '{"keys": ["a"]}',
        '{"keys": [{"kty": "oct", "k": "YQ", "kid": "a"}]}',
        '{"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "kid": "a"}]}',
        '{"keys": [{"kty": "EC", "crv": "P-384", "x": "a", "y": "b"}]}',
        '{"keys": [{"kty": "EC", "crv": "P-384", "x": "a", "y": "b", "d": "c", "kid": "a"}]}',
        '{"keys": [{"kty": "RSA", "n": "abcd", "e": "AQAB", "kid": "a"}]}',
        '{"keys": [{"kty": "EC", "crv": "P-384", "alg": "ES256", "kid": "a"}]}',
        '{"keys": [{"kty": "EC", "crv": "P-384", "use": "enc", "kid": "a"}]}',
    ],
)
def test_keys_that_cannot_be_taken_are_refused_in_words(text):
    with pytest.raises(Unfit) as refused:
        read_keys(text)
    assert len(str(refused.value)) > 20


@given(st.lists(st.floats(0, 30), max_size=40), st.integers(1, 600))
def test_no_more_passes_than_the_rate_and_its_burst(gaps, per_minute):
    bucket, at, passed = None, 0.0, 0
    for gap in gaps:
        at += gap
        bucket, wait = taken(bucket, per_minute, at)
        passed += wait == 0
        assert wait >= 0
    assert passed <= max(1, per_minute / 3) + at * per_minute / 60 + 1e-6


@pytest.mark.parametrize(
    ("former", "today"),
    [
        ("patient/Observation.read", "patient/Observation.rs"),
        ("user/Task.write", "user/Task.cud"),
        ("user/*.*", "user/*.cruds"),
    ],
)
def test_a_scope_of_smart_1_is_read_as_its_successor_maps_it(former, today):
    assert read(former) == read(today)
    assert str(read(former)) == today


@pytest.mark.parametrize("word", ["patient/Task.reads", "user/Task.readwrite", "user/Task.sr"])
def test_what_is_of_neither_version_is_refused(word):
    with pytest.raises(Unread):
        read(word)


def test_every_type_of_the_door_has_its_words_on_the_page_of_consent():
    everybody = {name for name in mappings() if name not in words.TYPES}
    hers = {
        name
        for name, one in mappings().items()
        if path_to_person(one) is not None and name not in words.OF_ONE
    }
    assert (everybody, hers) == (set(), set())


def test_what_two_tokens_let_through_is_each_part_once():
    ten = read(" ".join(f"user/Task.rs?code={one}" for one in range(10)))
    assert set(Both(ten, ten).parts("Task", "r")) == {f"code={one}" for one in range(10)}
    one, other = read("user/Task.rs?code=a"), read("user/Task.rs?code=a&status=b")
    assert Both(one, other).parts("Task", "r") == ("code=a&status=b",)
    assert Both(one, read("user/Task.rs?status=b")).parts("Task", "r") == ("code=a&status=b",)

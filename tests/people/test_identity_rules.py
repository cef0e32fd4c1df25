"""The INS: keys, registries, statuses."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import nir

from cordee.people.rules import identity as ins
from cordee.people.rules.identity import Attribute, Doubt, Event, Registry, Status

DAY = date(2026, 11, 22)
VALID = [
    "253072A07300443",
    "253072B07300470",
    "295109912611193",
    "277076322082910",
    "279035121518989",
    "276037510669326",
    "260058815400233",
]
numbers = st.from_regex(r"[12]\d{2}(0[1-9]|1[0-2])(\d{2}|2A|2B)\d{6}", fullmatch=True).filter(
    str.isascii
)


@pytest.mark.parametrize("number", VALID)
def test_published_numbers_have_the_right_key(number):
    assert ins.key_matches(number)


@pytest.mark.parametrize("number", ["123456789012244", "276037510669380"])
def test_a_wrong_key_is_a_warning_and_never_a_refusal(number):
    assert ins.is_ins(number)
    assert Doubt.KEY in ins.warnings(number)


@given(numbers)
def test_the_key_agrees_with_an_independent_implementation(number):
    key = ins.key_of(number)
    assert key == nir.calc_check_digits(number)
    assert len(key) == 2
    assert ins.key_matches(number + key)


@given(numbers, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_never_keeps_the_key(number, place, shift):
    if not number[place].isdigit() or not number[5:7].isdigit() and place in (5, 6):
        return
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert ins.key_of(wrong) != ins.key_of(number)


@given(st.text(max_size=20))
def test_any_text_is_answered_without_a_crash(text):
    read = ins.normalised(text)
    assert not ins.is_ins(read) or len(read) == 15


def test_a_number_is_read_as_people_write_it():
    assert ins.normalised(" 2 79 03 51 215 189\u00a089 ") == "279035121518989"


def test_each_mode_refuses_the_registries_of_the_other():
    for registry in (Registry.NIR, Registry.NIA):
        assert ins.registry_allowed(registry, "production")
        assert not ins.registry_allowed(registry, "demonstration")
    for registry in (Registry.TEST, Registry.DEMONSTRATION):
        assert not ins.registry_allowed(registry, "production")
        assert ins.registry_allowed(registry, "demonstration")
    assert not ins.registry_allowed("1.2.3", "production")


def test_sex_and_birth_are_compared_with_the_number():
    number = "279035121518989"
    assert ins.warnings(number, sex="F", birth_date=date(1979, 3, 14)) == []
    assert ins.warnings(number, sex="M", birth_date=date(1980, 3, 14)) == [Doubt.SEX, Doubt.BIRTH]


def test_an_unknown_month_in_the_number_is_no_contradiction():
    number = "1455099126111"
    assert ins.warnings(number + ins.key_of(number), birth_date=date(1945, 6, 1)) == []


def test_both_checks_in_either_order_qualify_an_identity():
    for path in ([Event.INSI_FOUND, Event.PAPER_CHECKED], [Event.PAPER_CHECKED, Event.INSI_FOUND]):
        status = Status.PROVISIONAL
        for event in path:
            status = ins.status_after(status, event, [], DAY)
        assert status == Status.QUALIFIED


@given(
    st.lists(st.sampled_from(list(Event)), max_size=12),
    st.sampled_from([Attribute.DOUBTFUL, Attribute.FICTITIOUS]),
)
def test_a_doubtful_or_fictitious_identity_is_never_validated(events, attribute):
    status = Status.PROVISIONAL
    for event in events:
        status = ins.status_after(status, event, [attribute], DAY)
        assert status not in (Status.VALIDATED, Status.QUALIFIED)


def test_a_doubt_brings_a_qualified_identity_back_to_provisional():
    assert ins.trusted(Status.QUALIFIED, [Attribute.DOUBTFUL]) == Status.PROVISIONAL
    assert ins.trusted(Status.QUALIFIED, [Attribute.HOMONYM]) == Status.QUALIFIED


def test_every_status_answers_every_event_and_the_matrix_says_it_is_unverified():
    rules = ins.rules_on(DAY)
    assert set(rules.transitions) == {(status, event) for status in Status for event in Event}
    assert not rules.verified


def test_only_a_qualified_number_may_be_shown():
    assert [status for status in Status if ins.may_leave(status)] == [Status.QUALIFIED]

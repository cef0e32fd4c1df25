"""What is read quickly is what is read carefully, to the digit; and what is refused stays so."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.fhir import reading
from cordee.fhir.outcome import Refusal
from cordee.fhir.reading import DEEPEST, parsed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['"', "\\", '\\"', "}}}]]", "[{", '":', "1.5", "\\u0000", "-0", "<div>"]
)
NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=3)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(TEXTS, inner), max_size=4),
    max_leaves=20,
)


def written(value):
    """JSON of a drawn value, where a list of pairs is an object: a key may stand twice."""
    if isinstance(value, list) and value and all(isinstance(one, tuple) for one in value):
        pairs = [f"{json.dumps(key)} : {written(one)}" for key, one in value]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def told(raw):
    """What is read, and of which types; or by which name it is refused."""
    try:
        found = parsed(raw)
    except Refusal as refusal:
        return refusal.issues[0].code
    return found, repr(found)


@given(VALUES)
def test_the_quick_reading_gives_what_the_careful_one_gives(value):
    raw = written(value).encode()
    quick = told(raw)
    with pytest.MonkeyPatch.context() as only:
        only.setattr(reading, "_is_plain", lambda *_: False)
        assert told(raw) == quick


@pytest.mark.parametrize(
    ("raw", "is_quick"),
    [
        ('{"a": [1, "1.5", null], "b": {"a": "}"}}', True),
        ('{"a": 1, "a": 2}', False),
        ('{"a": 1, "\\u0061": 2}', False),
        ('{"a": 1.0}', False),
        ('{"a": 1e3}', False),
        ('{"a": -0}', False),
        ('{"a": 12345678901234567890}', False),
        ('{"a": "\\u0000"}', False),
        ("[" * (DEEPEST - 1) + "]" * (DEEPEST - 1), True),
        ("[" * DEEPEST + "]" * DEEPEST, False),
        ('["' + "]" * 90 + '", ' + "[" * 90 + "]" * 91, False),
    ],
)
def test_what_two_readings_could_tell_apart_is_read_carefully(raw, is_quick):
    assert reading._is_plain(raw.encode(), json.loads(raw)) is is_quick

"""What stays beside what is said anew, whatever the lists: nothing of another, and never twice."""

from hypothesis import given
from hypothesis import strategies as st

from cordee.fhir.rules.bodies import kept_from

NUMBERS = st.lists(
    st.fixed_dictionaries(
        {"value": st.sampled_from("123")},
        optional={"system": st.sampled_from("ab"), "use": st.sampled_from(("usual", "old"))},
    ),
    max_size=5,
)


def kept(former, new):
    return kept_from({"identifier": former}, {}, {"identifier": new})["identifier"]


@given(NUMBERS, NUMBERS)
def test_only_a_number_of_the_same_system_takes_the_place_of_another(former, new):
    merged = kept(former, new)
    said = [(one.get("system"), one["value"]) for one in merged]
    assert said[: len(new)] == [(one.get("system"), one["value"]) for one in new]
    renewed = {one.get("system") for one in new} - {None}
    assert all(one in merged for one in former if one.get("system") not in renewed)


@given(NUMBERS, NUMBERS)
def test_what_is_sent_again_adds_nothing_more(former, new):
    merged = kept(former, new)
    assert kept(merged, new) == merged

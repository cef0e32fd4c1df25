"""Any right resource passes, and any one thing wrong with it is found at its place."""

from copy import deepcopy
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cordee.fhir.shape import tables, troubles
from tests.fhir.generated import KINDS, NOT_DRAWN, resource, resources, spoiled


@settings(max_examples=200, deadline=None)
@given(resources())
def test_any_right_resource_passes(drawn):
    assert troubles(drawn) == []


@settings(max_examples=300, deadline=None)
@given(resources(), st.integers(0, 2**32))
def test_any_one_thing_wrong_is_found_at_its_place(drawn, seed):
    broken = deepcopy(drawn)
    path, code = spoiled(broken, Random(seed))
    found = troubles(broken)
    assert (path, code) in [(one.path, one.code) for one in found]
    assert all(one.path.startswith(path.rpartition(".")[0]) for one in found)


def test_every_type_is_drawn():
    assert set(KINDS) | NOT_DRAWN == tables.resource_types()
    assert len(KINDS) > 140
    for rank, kind in enumerate(KINDS):
        assert troubles(resource(kind, Random(rank), 3)) == []

"""The address of a page: sealed, for its caller, for a day."""

import pytest

from cordee.fhir.search import paging
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import codes
from tests.fhir.stage import set_stage
from tests.support import NOW

pytestmark = pytest.mark.django_db
MIDNIGHT = 20_000 * paging.DAY


@pytest.fixture
def stage(db):
    stage = set_stage()
    for _ in range(2):
        person = PersonFactory(birth_name="Lefèvre")
        joins_circle(person, organization=stage.desk, since=NOW.replace(month=1))
    return stage


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""

    def said(moment):
        monkeypatch.setattr(paging, "time", lambda: moment)

    return said


def onward(stage):
    """The address of the second page of those of a name."""
    bundle = stage.machine.search("Patient", family="Lef", _count=1).json()
    (link,) = [one["url"] for one in bundle["link"] if one["relation"] == "next"]
    return link.partition("/fhir/")[2]


@pytest.mark.parametrize(
    ("after", "status"), [(1, 200), (paging.LASTS, 200), (paging.LASTS + 1, 400)]
)
@pytest.mark.parametrize("before_midnight", [0, 10, paging.DAY - 1])
def test_it_is_good_for_a_day_across_midnight_and_no_longer(
    stage, clock, before_midnight, after, status
):
    clock(MIDNIGHT - before_midnight)
    address = onward(stage)
    clock(MIDNIGHT - before_midnight + after)
    answer = stage.machine.get(address)
    assert answer.status_code == status
    if status == 400:
        assert codes(answer) == ["search.cursor"]


def test_one_of_a_day_to_come_opens_nothing(stage, clock):
    clock(MIDNIGHT)
    address = onward(stage)
    clock(MIDNIGHT - paging.ASTRAY - 1)
    assert codes(stage.machine.get(address)) == ["search.cursor"]


def test_it_is_another_each_time_and_tells_nothing(stage):
    first, again = onward(stage), onward(stage)
    assert first != again
    assert "Lef" not in first


@pytest.mark.parametrize("place", [0, 4, 5, 16, 17, 30, -1])
def test_an_octet_changed_anywhere_opens_nothing(stage, place):
    head, _, cursor = onward(stage).partition("_cursor=")
    octets = bytearray(paging.urlsafe_b64decode(cursor))
    octets[place] ^= 1
    forged = paging.urlsafe_b64encode(octets).decode()
    assert codes(stage.machine.get(f"{head}_cursor={forged}")) == ["search.cursor"]


def test_one_of_a_search_opens_no_history(stage):
    _, _, cursor = onward(stage).partition("_cursor=")
    refused = stage.machine.get(f"Patient/_history?_cursor={cursor}")
    assert (refused.status_code, codes(refused)) == (400, ["search.cursor"])

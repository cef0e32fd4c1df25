"""What a room refuses is said with the element that is why, where the mapping knows it."""

import pytest

from cordee.fhir.registry import mappings
from cordee.fhir.shape.tables import kind
from cordee.pathways.models import Task
from tests.factories.pathways import TaskFactory
from tests.fhir.door import codes
from tests.fhir.stage import set_stage
from tests.fhir.test_bundles import bundle, entry

PLACES = [
    pytest.param(one.type, code, place, id=f"{one.type}-{code}")
    for one in mappings().values()
    for code, place in one.places.items()
]


@pytest.mark.parametrize(("type_name", "code", "place"), PLACES)
def test_a_place_is_an_element_of_its_type(type_name, code, place):
    spoken = {one.spoken for one in kind(type_name).elements.values()}
    assert place in spoken | {"extension"}
    assert code.count(".") == 1


@pytest.mark.django_db
def test_what_a_room_refuses_says_where():
    stage = set_stage()
    row = TaskFactory(organization=stage.desk)
    read = stage.machine.get(f"Task/{row.pk}").json()
    done = read | {"status": "completed"}
    answer = stage.machine.put(f"Task/{row.pk}", done)
    assert (answer.status_code, codes(answer)) == (422, ["pathways.settles_itself"])
    assert answer.json()["issue"][0]["expression"] == ["Task.status"]
    row.refresh_from_db()
    assert row.state == Task.State.OPEN
    together = bundle("transaction", entry("PUT", f"Task/{row.pk}", done))
    told = stage.machine.post("", together)
    assert (told.status_code, codes(told)) == (422, ["pathways.settles_itself"])
    assert told.json()["issue"][0]["expression"] == ["Bundle.entry[0].resource.status"]


@pytest.mark.django_db
def test_a_death_that_cannot_be_says_where():
    stage = set_stage()
    read = stage.machine.get(f"Patient/{stage.person.pk}").json()
    dead = read | {"deceasedDateTime": "2050-01-01"}
    answer = stage.machine.put(f"Patient/{stage.person.pk}", dead)
    assert (answer.status_code, codes(answer)) == (422, ["people.death_date"])
    assert answer.json()["issue"][0]["expression"] == ["Patient.deceased"]

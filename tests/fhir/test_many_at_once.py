"""Fifty who write on one version, eight who enter somebody: with as many real connections."""

from collections import Counter

import pytest

from cordee.access.models import PreviousState
from cordee.people.models import Person
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import codes
from tests.fhir.test_bundles import patient
from tests.support import simultaneously

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_fifty_who_write_on_one_version_one_wins_and_the_others_are_told(machine, desk):
    person = PersonFactory(birth_name="Avant")
    joins_circle(person, organization=desk)
    version = machine.get(f"Patient/{person.pk}")["ETag"]

    def renames(rank):
        sent = patient(f"Gagne{rank}", id=str(person.pk))
        return lambda: machine.put(f"Patient/{person.pk}", sent, if_match=version)

    answers = simultaneously(*(renames(rank) for rank in range(50)))
    assert Counter(one.status_code for one in answers) == {200: 1, 412: 49}
    losers = [one for one in answers if one.status_code == 412]
    assert {code for one in losers for code in codes(one)} == {"version.replaced"}
    (winner,) = [one.json() for one in answers if one.status_code == 200]
    person.refresh_from_db()
    assert winner["name"][0]["family"] == person.birth_name
    assert PreviousState.objects.filter(record_id=person.pk).count() == 1


def test_of_eight_who_enter_somebody_at_once_nobody_is_refused(machine):
    """The same names and day of birth: each is compared with the others meanwhile."""
    sent = patient("Ensemble", birthDate="1940-02-03")
    answers = simultaneously(*[lambda: machine.post("Patient", sent)] * 8)
    assert [one.status_code for one in answers] == [201] * 8
    assert Person.objects.filter(birth_name="Ensemble").count() == 8

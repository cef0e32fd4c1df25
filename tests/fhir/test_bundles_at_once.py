"""Transactions that meet: each whole or not at all, with real connections."""

from threading import Barrier, local

import pytest
from django.db import OperationalError

from cordee.fhir.bundles import transaction
from cordee.people.models import Person
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import codes
from tests.fhir.test_bundles import bundle, entry, patient
from tests.support import simultaneously

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(desk):
    persons = [PersonFactory(birth_name=name) for name in ("Ancien", "Autre")]
    for one in persons:
        joins_circle(one, organization=desk)
    return persons


def renaming(person, family):
    return entry("PUT", f"Patient/{person.pk}", patient(family, id=str(person.pk)))


def names():
    return set(Person.objects.values_list("birth_name", flat=True))


def test_two_transactions_that_block_each_other_are_both_done_in_the_end(machine, two, monkeypatch):
    """Each holds one of two persons and wants the other: one is undone, and begins again."""
    met, mine, tries = Barrier(2), local(), []
    alone = transaction.asked

    def meeting(call, one, resource):
        tries.append(one.rank)
        answer = alone(call, one, resource)
        if one.rank == 0 and not getattr(mine, "met", False):
            mine.met = True
            met.wait(20)
        return answer

    monkeypatch.setattr(transaction, "asked", meeting)
    first, second = two
    answers = simultaneously(
        lambda: machine.post(
            "", bundle("transaction", renaming(first, "A1"), renaming(second, "A2"))
        ),
        lambda: machine.post(
            "", bundle("transaction", renaming(second, "B2"), renaming(first, "B1"))
        ),
    )
    assert [one.status_code for one in answers] == [200, 200]
    assert len(tries) > 4, "they never met"
    assert names() in ({"A1", "A2"}, {"B1", "B2"})


def test_a_transaction_that_meets_others_each_time_is_refused_and_leaves_nothing(
    machine, two, monkeypatch
):
    class Deadlock(Exception):
        sqlstate = "40P01"

    alone = transaction.asked

    def meeting(call, one, resource):
        answer = alone(call, one, resource)
        if one.rank == 1:
            raise OperationalError("deadlock detected") from Deadlock()
        return answer

    monkeypatch.setattr(transaction, "asked", meeting)
    first, second = two
    sent = bundle("transaction", renaming(first, "A1"), renaming(second, "A2"))
    answer = machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (409, ["bundle.busy"])
    assert names() == {"Ancien", "Autre"}


def test_of_many_transactions_that_name_one_version_one_wins(machine, two):
    person = two[0]
    version = machine.get(f"Patient/{person.pk}")["ETag"]

    def renamed(rank):
        made = entry("POST", "Patient", patient(f"Beside{rank}"))
        changed = renaming(person, f"Winner{rank}")
        changed["request"]["ifMatch"] = version
        return lambda: machine.post("", bundle("transaction", made, changed))

    answers = simultaneously(*(renamed(rank) for rank in range(6)))
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412, 412, 412]
    assert len([one for one in names() if one.startswith("Winner")]) == 1
    assert len([one for one in names() if one.startswith("Beside")]) == 1


CONDITION = "identifier=urn:partner:ipp|8812"


def numbered(family):
    found = patient(family)
    return found | {"identifier": [{"system": "urn:partner:ipp", "value": "8812"}]}


def test_of_many_who_send_the_same_unless_it_is_there_one_creates_it(machine):
    once = [lambda: machine.post("Patient", numbered("Seule"), if_none_exist=CONDITION)] * 4
    answers = simultaneously(*once)
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]
    assert len({one.json()["id"] for one in answers}) == 1
    assert Person.objects.filter(birth_name="Seule").count() == 1


def test_of_many_who_put_where_a_condition_finds_nobody_one_creates(machine):
    put = [lambda: machine.put(f"Patient?{CONDITION}", numbered("Seule"))] * 4
    answers = simultaneously(*put)
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]
    assert Person.objects.filter(birth_name="Seule").count() == 1

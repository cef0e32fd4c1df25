"""A made-up region of any size: whole, the same each time, and readable by the same screens."""

import pytest
from django.db import connection

from cordee.access.models import Account
from cordee.intake.models import CareRequest
from cordee.pathways.models import Task
from cordee.people.models import CircleMember, Person
from cordee.people.rules.identity import key_matches
from cordee.web.management import scale
from tests.support import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def made(size):
    said = []
    scale.load(size, NOW, told=said.append)
    return said


def identity():
    return list(
        Person.objects.order_by("pk").values_list(
            "pk", "birth_name", "first_names", "birth_date", "ins"
        )
    )


def test_a_region_holds_and_its_screens_open(client, settings):
    said = made(300)
    assert said[-1] == "personnes : 300 sur 300"
    assert Person.objects.count() == CareRequest.objects.count() == 300
    assert Task.objects.count() == 450
    assert CircleMember.objects.filter(is_usual_nurse=True).count() == 100
    assert all(person.is_demonstration for person in Person.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(length) FROM kernel_thread_head")
        assert cursor.fetchone() == (300, 600)
        cursor.execute("SELECT count(*) FROM kernel_thread_head, kernel_faults(chain_id)")
        assert cursor.fetchone()[0] == 0
    busiest = Task.objects.filter(organization__in=CareRequest.objects.values("organization"))
    desk = busiest.order_by("pk").first().organization
    account = Account.objects.filter(memberships__organization=desk).order_by("pk").first()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    worklist = client.get("/a-faire")
    assert worklist.status_code == 200
    assert worklist.content.count(b' id="t-') == min(50, desk.task_set.count())


def test_growing_a_region_leaves_what_was_there_and_the_same_numbers_give_the_same_persons():
    made(40)
    first = identity()
    made(40)
    assert identity() == first
    made(60)
    assert len(identity()) == 60
    assert identity()[:40] == first


def test_numbers_of_made_up_persons_are_well_formed():
    made(50)
    assert all(key_matches(person.ins) for person in Person.objects.all())

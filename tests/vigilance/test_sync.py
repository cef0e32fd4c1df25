"""Whatever is cut, doubled, killed, full or late: nothing lost, nothing doubled, order kept.

The real queue of the phone, in Node, against the real house. Hypothesis chooses what goes wrong.
"""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordee.kernel.models import FactHeader
from cordee.people.models import CircleMember
from cordee.vigilance.models import RefusedVisit, Visit
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW
from tests.vigilance.scene import set_home
from tests.vigilance.test_phone import post

pytestmark = pytest.mark.django_db
NODE = Path(sys.prefix) / "bin" / "node"
PHONE = Path(__file__).with_name("phone_in_node.mjs")

STEP = st.one_of(
    st.tuples(st.just("mark"), st.integers(0, 2), st.booleans()),  # of whom, and whether it is bad
    st.tuples(st.just("flush"), st.sampled_from(["sound", "before", "after", "twice"])),
    st.tuples(st.just("kill"), st.just(0)),
    st.tuples(st.just("full"), st.booleans()),
)


class Phone:
    """The queue in Node, and the line to the house, which is cut where one says."""

    def __init__(self, home, clock):
        self.home, self.clock = home, clock
        self.node = subprocess.Popen(
            [NODE, PHONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def tell(self, **words):
        self.node.stdin.write(json.dumps(words) + "\n")

    def hear(self):
        line = self.node.stdout.readline()
        assert line, "the phone died"
        return json.loads(line)

    def mark(self, record):
        self.tell(mark=record)
        return self.hear()["kept"]

    def flush(self, line="sound"):
        """Send; `before`: the house heard nothing; `after`: it did, the phone did not."""
        self.tell(flush=True)
        while "post" in (said := self.hear()):
            if line == "before":
                self.tell(cut=True)
                continue
            answer = self.house(said["post"])
            if line == "twice":
                answer = self.house(list(reversed(said["post"])))
            self.tell(**({"cut": True} if line == "after" else answer))
        return said["done"]

    def house(self, records):
        return post(self.home, records, sent_at=(NOW + self.clock).isoformat()).json()

    def waiting(self):
        self.tell(read=True)
        return self.hear()["waiting"]

    def close(self):
        self.node.communicate(timeout=20)


@pytest.fixture
def home(db):
    """Three persons, of whom one helper marks visits."""
    home = set_home()
    home.persons = [home.person]
    for _ in range(2):
        one = PersonFactory(territory=home.desk.territory)
        joins_circle(one, organization=home.service, role=CircleMember.Role.HOME_HELP)
        InformationFactory(person=one)
        home.persons.append(one)
    return home


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, max_size=25), clock=st.sampled_from([-2, 0, 2]))
def test_nothing_is_lost_nothing_is_doubled_and_the_order_of_each_is_kept(home, steps, clock):
    with transaction.atomic():
        phone = Phone(home, timedelta(days=clock))
        try:
            good, bad = _lived(phone, home, steps)
        finally:
            phone.close()
        _whole(home, good, bad)
        transaction.set_rollback(True)


def _lived(phone, home, steps):
    """Live the steps, then let the line be sound; give what the phone said that it kept."""
    good, bad = [], []
    for step, *about in steps:
        if step == "mark":
            whom, is_bad = about
            record = home.record(person=str(home.persons[whom].pk), sequence=None)
            record |= {"words": "x" * 700} if is_bad else {}
            if phone.mark(record):
                (bad if is_bad else good).append((record["id"], whom))
        elif step == "flush":
            phone.flush(about[0])
        else:
            phone.tell(**{step: about[0] if step == "full" else True})
    phone.tell(kill=True, full=False)
    assert phone.flush()
    assert phone.waiting() == []
    return good, bad


def _whole(home, good, bad):
    assert sorted(str(pk) for pk in Visit.objects.values_list("pk", flat=True)) == sorted(
        key for key, _ in good
    )
    refused = RefusedVisit.objects.values_list("sent_id", flat=True)
    assert sorted(map(str, refused)) == sorted(key for key, _ in bad)
    for whom, person in enumerate(home.persons):
        lines = FactHeader.objects.filter(kind="vigilance.visit_marked", thread_id=person.pk)
        told = [line.content.subject for line in lines.order_by("pk")]
        assert told == [key for key, of in good if of == whom]


def test_a_phone_that_is_full_says_so_and_keeps_what_it_had(home):
    phone = Phone(home, timedelta())
    first, second = home.record(), home.record()
    assert phone.mark(first)
    phone.tell(full=True)
    assert not phone.mark(second)
    assert phone.waiting() == [first["id"]]
    assert phone.flush()
    phone.close()
    assert [str(one.pk) for one in Visit.objects.all()] == [first["id"]]


def test_a_hundred_and_twenty_visits_leave_by_parts_in_their_order(home):
    phone = Phone(home, timedelta())
    records = [home.record(sequence=None) for _ in range(120)]
    assert all(phone.mark(one) for one in records)
    assert phone.flush()
    phone.close()
    kept = Visit.objects.order_by("sequence").values_list("pk", flat=True)
    assert [str(pk) for pk in kept] == [one["id"] for one in records]

"""Whatever is cut, doubled, killed, full or late: nothing lost, nothing doubled, order kept.

The real queue of the phone and what stores it, in Node over IndexedDB, against the real house.
Hypothesis chooses what goes wrong.
"""

import json
import subprocess
import sys
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cordee.kernel.models import FactHeader
from cordee.people.models import CircleMember
from cordee.vigilance.models import RefusedVisit, SafetyAlert, Visit
from host.frontend import FRONTEND, install
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW
from tests.vigilance.scene import of_herself, set_home
from tests.vigilance.test_phone import post

pytestmark = pytest.mark.django_db
NODE = Path(sys.prefix) / "bin" / "node"
POISON, AFRAID = "what the house cannot take", "afraid"
BAD = {"long": "x" * 700, "poison": POISON}
ROOT = Path(__file__).parents[2]
PHONE = Path(__file__).with_name("phone_in_node.mjs")

STEP = st.one_of(
    st.tuples(  # of whom, and what is wrong with it; or of herself, who is afraid
        st.just("mark"), st.integers(0, 2), st.sampled_from(["", "", "long", "poison", AFRAID])
    ),
    st.tuples(st.just("again"), st.just(0)),
    st.tuples(st.just("dying"), st.integers(0, 2)),  # the page dies as it writes
    st.tuples(
        st.just("flush"),
        st.sampled_from(["sound", "before", "after", "twice", "page", "pages"]),
    ),
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

    def mark(self, record, **how):
        self.tell(mark=record, **how)
        return self.hear()["kept"]

    def flush(self, line="sound", poison=400):
        """Send; `before`: the house heard nothing; `after`: it did, the phone did not; `pages`: two
        pages of this phone speak at once."""
        self.tell(flush=True, pages=2 if line == "pages" else 1)
        self.sendings = 0
        while "post" in (said := self.hear()):
            self.sendings += 1
            assert said["credentials"] == "omit"
            if line == "before":
                self.tell(cut=True)
            elif line == "page":  # a page of maintenance, which answers that all is well
                self.tell(status=200, type="text/html")
            elif any(one.get("words") == POISON for one in said["post"]):
                self.tell(status=poison, answer={"state": "unreadable"})
            else:
                self._heard(said["post"], line)
        return said["done"]

    def _heard(self, records, line):
        answer = self.house(records)
        if line == "twice":
            answer = self.house(list(reversed(records)))
        self.tell(**({"cut": True} if line == "after" else {"answer": answer}))

    def house(self, records):
        return post(self.home, records, sent_at=(NOW + self.clock).isoformat()).json()

    def waiting(self):
        self.tell(read=True)
        return self.hear()["waiting"]

    def close(self):
        self.node.communicate(timeout=20)


@pytest.fixture(scope="module", autouse=True)
def _packages():
    install(FRONTEND)


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
@example(steps=[("mark", 0, ""), ("flush", "sound"), ("again", 0)], clock=-2)
@example(steps=[("mark", 0, "poison"), ("flush", "sound"), ("again", 0)], clock=-2)
@example(steps=[("mark", 0, AFRAID), ("flush", "after"), ("again", 0), ("kill", 0)], clock=2)
def test_nothing_is_lost_nothing_is_doubled_and_the_order_of_each_is_kept(home, steps, clock):
    with transaction.atomic():
        phone = Phone(home, timedelta(days=clock))
        try:
            kept = _lived(phone, home, steps)
        finally:
            phone.close()
        _whole(home, kept)
        transaction.set_rollback(True)


def _lived(phone, home, steps):
    """Live the steps, then let the line be sound; give what the phone said that it kept, by what
    is wrong with it."""
    kept, latest = defaultdict(list), None
    for step, *about in steps:
        if step == "mark":
            whom, wrong = about
            record = of_herself() if wrong == AFRAID else _record(home, whom, wrong)
            if phone.mark(record):
                latest = record
                kept[wrong].append((record["id"], whom))
        elif step == "again":
            if latest:
                phone.mark(latest)
        elif step == "dying":
            assert not phone.mark(_record(home, about[0]), dying=True)
            latest = None
        elif step == "flush":
            phone.flush(about[0])
        else:
            phone.tell(**{step: about[0] if step == "full" else True})
            latest = None if step == "kill" else latest  # its form went with the page
    phone.tell(kill=True, full=False)
    assert phone.flush()
    assert phone.waiting() == []
    return kept


def _record(home, whom, wrong=""):
    record = home.record(person=str(home.persons[whom].pk), sequence=None)
    return record | ({"words": BAD[wrong]} if wrong else {})


def _whole(home, kept):
    good, bad = kept[""], [*kept["long"], *kept["poison"]]
    for rows, named, marked in (
        (Visit, "pk", good),
        (RefusedVisit, "sent_id", bad),
        (SafetyAlert, "pk", kept[AFRAID]),
    ):
        received = rows.objects.values_list(named, flat=True)
        assert sorted(map(str, received)) == sorted(key for key, _ in marked)
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


def test_one_visit_that_the_house_cannot_read_holds_back_none_of_the_others(home):
    phone = Phone(home, timedelta())
    records = [home.record(sequence=None) for _ in range(49)]
    records.insert(17, home.record(sequence=None, words=POISON))
    assert all(phone.mark(one) for one in records)
    assert phone.flush()
    assert phone.waiting() == []
    assert Visit.objects.count() == 49
    assert POISON in RefusedVisit.objects.get().content
    phone.close()


def test_a_house_that_fails_is_given_three_chances_before_a_visit_is_put_aside(home):
    phone = Phone(home, timedelta())
    bad, good = home.record(sequence=None, words=POISON), home.record(sequence=None)
    assert phone.mark(bad)
    assert phone.mark(good)
    for _ in range(2):
        assert phone.flush(poison=500)
        assert phone.waiting() == [bad["id"]]
        assert not RefusedVisit.objects.exists()
    assert phone.flush(poison=500)
    assert (phone.waiting(), RefusedVisit.objects.count()) == ([], 1)
    phone.close()


def test_a_house_that_fails_whole_is_not_flooded_and_loses_nothing(home):
    phone = Phone(home, timedelta())
    records = [home.record(sequence=None, words=POISON) for _ in range(50)]
    assert all(phone.mark(one) for one in records)
    assert not phone.flush(poison=500)
    assert phone.sendings < 15
    assert not phone.flush(line="page")
    assert phone.waiting() == [one["id"] for one in records]
    phone.close()


DAY = """
import { markedOf, onceOf, partsOf } from "./frontend/src/visits/day.js";
const [today, night] = ["2026-11-24T09:00:00Z", "2026-11-23T22:30:00Z"];
const [a, b] = [{ id: "a", person: "p", starts: today }, { id: "b", person: "p", starts: night }];
const ids = (some) => some.map(({ id }) => id).join("");
const parts = (...said) => Object.values(partsOf(...said)).map(ids);
const marked = (...said) => [...markedOf(...said).keys()].join("");
const once = onceOf(a);
const [first, second] = [{ ...once({ words: "1" }) }, { ...once({ words: "2" }) }];
console.log(JSON.stringify({
  sound: parts([a, b], new Map(), Date.parse(today)),
  ahead: parts([a, b], new Map(), Date.parse("2026-11-26T09:00:00Z")),
  done: parts([a, b], new Map([["b", {}]]), Date.parse(today)),
  elsewhere: marked([{ ...a, marked_at: today }], [], []),
  waiting: marked([a], [{ record: { id: "1", planned: "a", at: today } }], []),
  need: marked([a], [{ record: { id: "1", planned: "a", kind: "need" } }], []),
  same: [first.id === second.id, first.at === second.at, first.seconds === second.seconds],
  other: once({}, "pain").id === first.id,
}));
"""


def test_the_phone_shows_every_visit_and_marks_each_once_whatever_its_clock_says():
    asked = [NODE, "--input-type=module", "--eval", DAY]
    ran = subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    said = json.loads(ran.stdout)
    assert said["sound"] == ["a", "b", "", ""]
    assert said["ahead"] == ["", "ab", "", ""]
    assert said["done"] == ["a", "", "b", ""]
    assert (said["elsewhere"], said["waiting"], said["need"]) == ("a", "a", "")
    assert (said["same"], said["other"]) == ([True, True, True], False)

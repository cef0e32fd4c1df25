"""Between a page and its first stream, a moment: what happens in it is told as the stream opens."""

import re
import threading

import pytest
from django.conf import settings
from django.db import connection, transaction

from cordee.web import live
from cordee.web.reached import opened, sealed
from tests.factories.people import PersonFactory
from tests.web.test_live import (
    PAST,
    MembershipFactory,
    data,
    events,
    nurse_of,
    something_happens_to,
)

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = re.compile(r'<body[^>]* data-reached="([^"]+)"')


@pytest.fixture
def person():
    return PersonFactory()


@pytest.fixture
def page(client, person):
    """What somebody's page says of up to where it was read."""
    client.force_login(nurse_of(person))
    return lambda: PLACE.search(client.get("/", follow=True).text)[1]


def first_told(client, place):
    """What the first stream of a page is told as it opens."""
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return live.begun(live.Reader(key, opened(place), live.recognised(key)))


class Elsewhere:
    """A transaction of somebody else, which stays under way until `end`."""

    def __init__(self, deed):
        self.begun, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, args=[deed])

    def _run(self, deed):
        try:
            with transaction.atomic():
                deed()
                self.begun.set()
                self.over.wait(60)
        finally:
            connection.close()

    def __enter__(self):
        self.thread.start()
        assert self.begun.wait(60)
        return self

    def __exit__(self, *error):
        self.end()

    def end(self):
        self.over.set()
        self.thread.join()


def takes_a_number():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def test_what_came_between_a_page_and_its_stream_is_told_at_once(client, page, person):
    place = page()
    something_happens_to(person)
    told = first_told(client, place)
    assert events(told) == ["event: thread:people"]
    assert data(told) == [f"data: {person.pk}"]


def test_what_the_page_has_seen_is_not_told_again(client, page, person):
    something_happens_to(person)
    assert events(first_told(client, page())) == []


def test_a_long_deed_elsewhere_makes_nothing_that_was_seen_be_told_again(client, page, person):
    with Elsewhere(takes_a_number):
        something_happens_to(person)
        assert events(first_told(client, page())) == []


def test_what_was_under_way_as_the_page_was_read_is_told_once_it_is_over(client, page, person):
    with Elsewhere(lambda: something_happens_to(person)) as deed:
        place = page()
        assert events(first_told(client, place)) == []
        deed.end()
    assert events(first_told(client, place)) == ["event: thread:people"]


def test_a_stranger_is_told_nothing(client, person):
    client.force_login(MembershipFactory(since=PAST, role="coordinator").account)
    place = PLACE.search(client.get("/a-faire").text)[1]
    something_happens_to(person)
    assert events(first_told(client, place)) == []


def test_until_it_has_heard_all_a_stream_keeps_the_place_it_came_with(client, page, person):
    place = page()
    something_happens_to(person)
    *told, last = first_told(client, place)
    for one in told:
        assert opened(re.search("id: (.*)", one)[1]) == opened(place)
    assert events(first_told(client, re.search("id: (.*)", last)[1])) == []


@pytest.mark.parametrize("word", ["", "1:1:", "anything"])
def test_a_place_that_is_not_ours_is_no_place(client, page, person, word):
    cut = page()[:-2]
    something_happens_to(person)
    assert opened(word) == opened(cut) == ""
    assert events(first_told(client, word)) == []


def test_what_is_sealed_by_us_for_something_else_is_no_place():
    assert opened(sealed("un secret")) == ""


def test_a_screen_of_before_the_update_resumes_from_the_number_it_was_told(client, page, person):
    page()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        number = cursor.fetchone()[0]
    something_happens_to(person)
    assert events(first_told(client, sealed(number))) == ["event: thread:people"]


def test_of_what_is_told_together_the_oldest_place_goes_first(client, page, person):
    page()
    with connection.cursor() as cursor:
        something_happens_to(person)
        cursor.execute("SELECT max(id) FROM kernel_fact")
        fact_id = cursor.fetchone()[0]
    knots = [
        live.Knot(fact_id, horizon, room, person.pk)
        for room, horizon in (("intake", 10), ("pathways", 20), ("intake", 30))
    ]
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert [one.horizon for one in live.heard(key, knots)] == [20, 30]

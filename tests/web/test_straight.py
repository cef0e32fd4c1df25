"""The straight way of a Patient that a machine reads: the same answer as the ordinary way, to the
byte, or none at all."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings as house
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import straight
from config.straight import Straight
from cordee.access import sight
from cordee.access.actor import ANONYMOUS, Role
from cordee.access.models import Trace
from cordee.partners import flow
from cordee.partners.models import Call
from cordee.partners.services import suspend
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.partners import PAST, SystemFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, Browser, actor, arranging, coordinator_of
from tests.web.straightly import (
    ORDINARY,
    answer,
    both,
    counted,
    environ,
    is_left,
    nowhere,
    token_of,
)

pytestmark = pytest.mark.django_db
DOOR = "fhir:instance"


@pytest.fixture(autouse=True)
def _the_session_stays_open(monkeypatch):
    """That of the test, which neither way may give back."""
    monkeypatch.setattr(straight, "close_old_connections", lambda: None)


@pytest.fixture
def desk(db):
    return OrganizationFactory(kind="dac")


@pytest.fixture
def system(desk):
    """A software that acts as a coordinator of that desk."""
    post = MembershipFactory(organization=desk, role="coordinator", since=PAST)
    return SystemFactory(membership=post)


@pytest.fixture
def followed(desk):
    """A person whom the desk follows."""
    person = PersonFactory(birth_name="Grandidier", territory=desk.territory)
    joins_circle(person, organization=desk, since=NOW.replace(month=1))
    return person


# --- the same answer ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ACCEPT": "*/*"},
        {"HTTP_ACCEPT": "text/html, application/json;q=0.9"},
        {"HTTP_ACCEPT_ENCODING": "gzip, deflate"},
        {"HTTP_USER_AGENT": "essai", "HTTP_CONNECTION": "keep-alive", "HTTP_VIA": "1.1 relais"},
        {"HTTP_AUTHORIZATION": "bearer "},
    ],
    ids=str,
)
def test_it_answers_as_the_ordinary_way_to_the_byte(system, followed, headers):
    if "HTTP_AUTHORIZATION" in headers:
        headers = {"HTTP_AUTHORIZATION": headers["HTTP_AUTHORIZATION"] + token_of(system)}
    straightly, ordinarily = both(environ(token_of(system), followed.pk, **headers))
    assert straightly == ordinarily
    assert straightly[0] == "200 OK"


def test_a_long_answer_leaves_as_small_as_by_the_ordinary_way(system, followed):
    machine = Browser(headers={"Authorization": f"Bearer {token_of(system)}"})
    where = f"/fhir/Patient/{followed.pk}"
    told = machine.get(where).json() | {"contact": [{"name": {"text": "n" * 2_000}}]}
    got = machine.put(where, told, content_type="application/fhir+json")
    assert got.status_code == 200, got.content
    asked = environ(token_of(system), followed.pk, HTTP_ACCEPT_ENCODING="gzip")
    straightly, ordinarily = both(asked)
    assert straightly == ordinarily
    assert ("Content-Encoding", "gzip") in straightly[1]


def _forget_hosts():
    straight._headers.cache_clear()
    straight._base.cache_clear()


def test_over_https_it_says_to_stay_there(system, followed, settings):
    asked = environ(token_of(system), followed.pk)
    _forget_hosts()
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    assert is_left(asked)
    over = asked | {"wsgi.url_scheme": "https"}
    straightly, ordinarily = answer(Straight(nowhere), over), answer(WSGIHandler(), over)
    _forget_hosts()
    assert straightly == ordinarily
    assert "Strict-Transport-Security" in dict(straightly[1])


@pytest.mark.parametrize("role", ["orienteuse", "practitioner", "home_help", "hospital", "partner"])
def test_it_hides_what_the_ordinary_way_hides(desk, followed, role):
    post = MembershipFactory(organization=desk, role=role, since=PAST)
    asked = environ(token_of(SystemFactory(membership=post)), followed.pk)
    ordinarily = answer(ORDINARY, asked)
    if ordinarily[0] == "200 OK":
        assert answer(Straight(nowhere), asked) == ordinarily
    else:
        assert is_left(asked)
        assert answer(Straight(ORDINARY), asked) == ordinarily


def test_of_an_absorbed_record_it_says_by_whom(system, followed, desk):
    with arranging():
        other = PersonFactory(birth_name="Grandidiet", territory=desk.territory)
        joins_circle(other, organization=desk, since=NOW.replace(month=1))
        other.merged_into = followed
        other.save()
    straightly, ordinarily = both(environ(token_of(system), other.pk))
    assert straightly == ordinarily
    assert b"replaced-by" in straightly[2]


# --- the same traces ---------------------------------------------------------------------------


def test_it_writes_one_line_of_trace_and_one_of_the_journal_like_the_ordinary_way(system, followed):
    asked = environ(token_of(system), followed.pk)
    lines, calls = [], []
    for way in (Straight(nowhere), ORDINARY):
        before = set(Trace.objects.values_list("pk", flat=True))
        known = set(Call.objects.values_list("pk", flat=True))
        answer(way, asked)
        (line,) = Trace.objects.exclude(pk__in=before).values()
        (call,) = Call.objects.exclude(pk__in=known).values()
        moves = ("id", "at", "shard", "transaction_id")
        lines.append({name: one for name, one in line.items() if name not in moves})
        calls.append(
            {name: one for name, one in call.items() if name not in ("id", "milliseconds")}
        )
    assert lines[0] == lines[1]
    assert lines[0]["persons"] == [followed.pk]
    assert calls[0] == calls[1]


def test_both_ways_count_the_answer_at_the_same_door(system, followed):
    assert counted(environ(token_of(system), followed.pk), DOOR) == [1, 1]


# --- what goes the ordinary way ----------------------------------------------------------------


@pytest.mark.parametrize(
    "unusual",
    [
        {"REQUEST_METHOD": "HEAD"},
        {"REQUEST_METHOD": "DELETE"},
        {"QUERY_STRING": "_pretty=true"},
        {"PATH_INFO": "/fhir/Patient/inconnu"},
        {"PATH_INFO": "/fhir/Task/0192f0c1-0000-7000-8000-000000000000"},
        {"HTTP_IF_NONE_MATCH": 'W/"1"'},
        {"HTTP_ORIGIN": "https://ailleurs.exemple.fr"},
        {"HTTP_COOKIE": "sessionid=x"},
        {"HTTP_PREFER": "handling=strict"},
        {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
        {"HTTP_ACCEPT": "application/fhir+xml"},
        {"HTTP_AUTHORIZATION": "Basic YTpi"},
        {"HTTP_AUTHORIZATION": "Bearer rien"},
    ],
    ids=str,
)
def test_what_is_unusual_goes_the_ordinary_way_and_nothing_was_looked_at(system, followed, unusual):
    asked = environ(token_of(system), followed.pk, **unusual)
    before = Trace.objects.count()
    assert is_left(asked)
    assert Trace.objects.count() == before
    assert answer(Straight(ORDINARY), asked) == answer(ORDINARY, asked)


def test_another_host_is_refused_by_the_ordinary_way(system, followed):
    asked = environ(token_of(system), followed.pk, HTTP_HOST="ailleurs.exemple.fr")
    assert is_left(asked)
    assert answer(Straight(ORDINARY), asked)[0] == "400 Bad Request"


@pytest.mark.parametrize(
    "scope", ["system/Task.rs", "system/Patient.s", "system/Patient.rs?gender=female"]
)
def test_what_a_scope_narrows_goes_the_ordinary_way(system, followed, scope):
    asked = environ(token_of(system, scope), followed.pk)
    assert is_left(asked)
    assert answer(Straight(ORDINARY), asked) == answer(ORDINARY, asked)


def test_who_is_out_is_out_at_once(system, followed):
    asked = environ(token_of(system), followed.pk)
    assert not is_left(asked)
    assert is_left(asked | {"cordee.now": NOW + timedelta(minutes=6)})
    suspend(actor=actor(Role.ADMINISTRATOR), client=system, why="", now=NOW)
    assert is_left(asked)
    assert answer(Straight(ORDINARY), asked)[0] == "401 Unauthorized"


def test_what_hides_is_refused_as_what_is_not_there_and_costs_one_call(system):
    with arranging():
        system.per_minute = 12  # six a process: two at once
        system.save()
    hidden = PersonFactory(birth_name="Ailleurs")
    secret = token_of(system)
    flow.forget()
    for key in (hidden.pk, uuid4()):
        asked = environ(secret, key)
        status, _, body = answer(Straight(ORDINARY), asked)
        assert (status, b"resourceType" in body) == ("404 Not Found", True)
    assert answer(Straight(ORDINARY), environ(secret, uuid4()))[0] == "429 Too Many Requests"
    lines = Trace.objects.filter(kind="refused", verb="people.person.read")
    assert lines.count() == 2


def test_who_asks_too_fast_is_told_so_by_the_ordinary_way(system, followed):
    with arranging():
        system.per_minute = 12
        system.save()
    flow.forget()
    asked = environ(token_of(system), followed.pk)
    assert [answer(Straight(ORDINARY), asked)[0] for _ in range(3)] == [
        "200 OK",
        "200 OK",
        "429 Too Many Requests",
    ]


def test_what_is_not_found_waits_from_when_it_was_first_looked_for(system, settings, monkeypatch):
    settings.NOT_FOUND_STEP = 0.05
    began = []

    def pages(environ, start):
        began.append(environ["cordee.began"])
        return nowhere(environ, start)

    answer(Straight(pages), environ(token_of(system), uuid4()))
    slept = []
    monkeypatch.setattr("cordee.web.middleware.time.sleep", slept.append)
    monkeypatch.setattr("cordee.web.middleware.time.perf_counter", lambda: began[0] + 0.06)
    answer(ORDINARY, environ(token_of(system), uuid4(), **{"cordee.began": began[0]}))
    assert slept == [pytest.approx(0.04)]


def test_a_fault_of_the_straight_way_is_logged_and_costs_nobody_an_answer(
    system, followed, monkeypatch, caplog
):
    def fails(*_):
        raise RuntimeError("essai")

    monkeypatch.setattr(straight.straight, "read", fails)
    asked = environ(token_of(system), followed.pk)
    assert answer(Straight(ORDINARY), asked)[0] == "200 OK"
    assert "a fault of the straight way" in caplog.text


def test_no_protection_of_the_door_is_left_out_of_it():
    """What `MACHINES_CROSS` holds is the same around each answer, or is done here for each call."""
    assert set(house.MACHINES_CROSS) - straight.FOR_EACH == {
        "cordee.web.middleware.EvenNotFound",  # nothing is refused here
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "cordee.web.middleware.Moment",
        "cordee.web.room.EnoughRoom",  # lets looks through
        "cordee.kernel.http.LooksDoNotWrite",  # the straight way says it itself
    }


# --- the second lock ---------------------------------------------------------------------------

EVERYBODY = "SELECT id FROM people_person"
STATEMENT = "WITH {reader} seen AS MATERIALIZED ({seen}) TABLE seen"


def is_nobodys():
    """Whether the session shows nobody's eyes."""
    told = ", ".join(f"coalesce(current_setting('{one}', true), '')" for one in sight.SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {told}")
        return set(cursor.fetchone()) <= {"", "{}"}


@pytest.mark.django_db(transaction=True)
def test_it_asks_two_statements_and_leaves_the_session_to_nobody(system, followed, monkeypatch):
    monkeypatch.setattr(straight, "keep_call", lambda *_, **__: None)  # it is written behind
    asked = environ(token_of(system), followed.pk)
    with sight.seen_by(ANONYMOUS), CaptureQueriesContext(connection) as seen:
        assert answer(Straight(nowhere), asked)[0] == "200 OK"
        told = [one["sql"].split()[:2] for one in seen.captured_queries]
        assert told == [["WITH", "reader"], ["WITH", "reader"]]
        assert is_nobodys()


@pytest.mark.django_db(transaction=True)
def test_the_ordinary_way_tells_the_session_once_who_came_in(system, followed):
    """The token says itself, in its own statement, that the house looks for it."""
    asked = environ(token_of(system), followed.pk, HTTP_PREFER="handling=lenient")
    with sight.seen_by(ANONYMOUS):
        answer(ORDINARY, asked)  # what is written once is
        with CaptureQueriesContext(connection) as seen:
            assert answer(ORDINARY, asked)[0] == "200 OK"
        told = [one["sql"] for one in seen.captured_queries if "partners_call" not in one["sql"]]
        assert [one.split()[0] for one in told] == ["WITH", "SELECT", "WITH", "SELECT"]
        assert [one.startswith("SELECT set_config") for one in told] == [False, True] * 2
        assert is_nobodys()


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_says_who_reads_is_shown_what_they_know_and_no_more(desk, followed):
    hidden = PersonFactory(birth_name="Ailleurs")
    readers = (coordinator_of(desk), ANONYMOUS, sight.HOUSE, coordinator_of(desk), ANONYMOUS)
    with sight.seen_by(ANONYMOUS):
        found = [sight.run_for(one, STATEMENT, EVERYBODY, []) for one in readers]
        assert is_nobodys()
    shown = [{key for (key,) in rows} for rows in found]
    assert shown == [{followed.pk}, set(), {followed.pk, hidden.pk}, {followed.pk}, set()]


def test_where_others_run_in_the_same_transaction_the_session_says_it(desk, followed):
    PersonFactory(birth_name="Ailleurs")
    with sight.seen_by(ANONYMOUS):
        shown = sight.run_for(coordinator_of(desk), STATEMENT, EVERYBODY, [])
        assert is_nobodys()
    assert {key for (key,) in shown} == {followed.pk}

"""The straight way of a page of Patients that a machine searches: the same answer as the ordinary
way, or none at all; and whoever is on the page is told that they were."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import straight
from config.straight import Straight
from cordee.access import sight
from cordee.access.actor import ANONYMOUS
from cordee.access.models import Trace
from cordee.fhir import straight as telling
from cordee.fhir.search import answering
from cordee.partners.models import Call
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.partners import PAST, SystemFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, Browser, arranging
from tests.web.straightly import (
    FORM,
    ORDINARY,
    answer,
    both,
    counted,
    environ,
    is_left,
    nowhere,
    searching,
    token_of,
)

pytestmark = pytest.mark.django_db
TOLD = "urn:partenaire:essai"


@pytest.fixture(autouse=True)
def _the_session_stays_open(monkeypatch):
    """That of the test, which neither way may give back."""
    monkeypatch.setattr(straight, "close_old_connections", lambda: None)


@pytest.fixture
def sealed_alike(monkeypatch):
    """The address of a page is sealed anew each time: here it says the same both times."""

    def said(place, caller, type_name):
        key = "".join(map(str, place.after))
        return f"{type_name}-{len(place.query)}-{key}-{caller.client_id}"

    monkeypatch.setattr(answering, "sealed", said)


@pytest.fixture
def desk(db):
    return OrganizationFactory(kind="dac")


@pytest.fixture
def system(desk):
    """A software that acts as a coordinator of that desk."""
    post = MembershipFactory(organization=desk, role="coordinator", since=PAST)
    return SystemFactory(membership=post)


def somebody(desk, name, **more):
    """A person whom the desk follows."""
    person = PersonFactory(birth_name=name, territory=desk.territory, **more)
    joins_circle(person, organization=desk, since=NOW.replace(month=1))
    return person


@pytest.fixture
def found(desk):
    """Three persons of near names, and one of the same name whom the desk does not know."""
    PersonFactory(birth_name="Grandidier", territory=desk.territory)
    names = ("Grandidier", "Grandin", "Lagrange-Grandet")
    return [somebody(desk, name, birth_date=f"194{at}-03-07") for at, name in enumerate(names)]


def told_of(bundle):
    """The identifiers on a page, in their order."""
    return [one["resource"]["id"] for one in json.loads(bundle).get("entry", [])]


# --- the same answer ---------------------------------------------------------------------------


@pytest.mark.usefixtures("sealed_alike")
@pytest.mark.parametrize(
    ("words", "pages"),
    [
        ({"name": "grand"}, 3),
        ({"family": "GRANDI"}, 2),
        ({"given": "grand"}, 0),
        ({"name": "grand", "_count": 2}, 2),
        ({"name": "grand", "_count": 3}, 3),
        ({"family": "grand", "birthdate": "1941-03-07"}, 1),
        ({"family": "grand", "birthdate": "eq1941-03-08"}, 0),
        ({"family": "grandet", "name": "lagrange"}, 1),
        ({"name": "introuvable"}, 0),
    ],
    ids=str,
)
def test_it_answers_as_the_ordinary_way_to_the_byte(system, found, words, pages):
    straightly, ordinarily = both(searching(token_of(system), words))
    assert straightly == ordinarily
    assert straightly[0] == "200 OK"
    assert len(told_of(straightly[2])) == pages
    said = "&".join(f"{name}={value}" for name, value in words.items())
    asked = environ(token_of(system), "", QUERY_STRING=said, PATH_INFO="/fhir/Patient")
    assert both(asked) == (straightly, straightly)


@pytest.mark.usefixtures("sealed_alike")
def test_a_long_page_leaves_as_small_as_by_the_ordinary_way(system, desk):
    for number in range(8):
        somebody(desk, f"Grand{number}")
    asked = searching(token_of(system), {"name": "grand"}, HTTP_ACCEPT_ENCODING="gzip")
    straightly, ordinarily = both(asked)
    assert straightly == ordinarily
    assert ("Content-Encoding", "gzip") in straightly[1]


def test_its_pages_follow_one_another_by_either_way(system, found):
    secret, seen = token_of(system), []
    asked = searching(secret, {"name": "grand", "_count": 1})
    for way in (Straight(nowhere), ORDINARY, Straight(nowhere)):
        status, _, body = answer(way, asked)
        assert status == "200 OK"
        seen += told_of(body)
        links = {one["relation"]: one["url"] for one in json.loads(body)["link"]}
        onward = links.get("next", "").partition("?")[2]
        asked = environ(secret, "", QUERY_STRING=onward, PATH_INFO="/fhir/Patient")
    assert seen == sorted(str(one.pk) for one in found)
    assert not onward


@pytest.mark.usefixtures("sealed_alike")
@pytest.mark.parametrize("role", ["orienteuse", "practitioner", "home_help", "hospital", "partner"])
def test_it_hides_what_the_ordinary_way_hides(desk, found, role):
    post = MembershipFactory(organization=desk, role=role, since=PAST)
    straightly, ordinarily = both(
        searching(token_of(SystemFactory(membership=post)), {"name": "grand"})
    )
    assert straightly == ordinarily


@pytest.mark.usefixtures("sealed_alike")
def test_what_a_partner_sent_around_her_is_told_by_both(system, desk):
    sent = {
        "resourceType": "Patient",
        "identifier": [{"system": TOLD, "value": "8812"}],
        "name": [{"use": "official", "family": "Zylberstein", "given": ["Odile"]}],
        "maritalStatus": {"text": "veuve"},
    }
    machine = Browser(headers={"Authorization": f"Bearer {token_of(system)}"})
    got = machine.post("/fhir/Patient", sent, content_type="application/fhir+json")
    assert got.status_code == 201, got.content
    straightly, ordinarily = both(searching(token_of(system), {"family": "zylber"}))
    assert straightly == ordinarily
    assert b"veuve" in straightly[2]


def test_what_changes_is_told_at_once(system, found):
    asked = searching(token_of(system), {"name": "grandin"})
    assert b"0601020304" not in answer(Straight(nowhere), asked)[2]
    with arranging():
        found[1].address = "3 rue des Fleurs"
        found[1].save()
    assert b"3 rue des Fleurs" in answer(Straight(nowhere), asked)[2]
    assert (
        b"3 rue des Fleurs" in answer(Straight(nowhere), environ(token_of(system), found[1].pk))[2]
    )


def test_what_one_reader_is_told_is_not_told_to_another_who_may_know_less(desk, system, found):
    with arranging():
        found[1].email = "essai@exemple.fr"
        found[1].save()
    post = MembershipFactory(organization=desk, role="orienteuse", since=PAST)
    readers = system, SystemFactory(membership=post), system
    told = [answer(ORDINARY, searching(token_of(one), {"name": "grandin"}))[2] for one in readers]
    again = [
        answer(Straight(nowhere), searching(token_of(one), {"name": "grandin"}))[2]
        for one in readers
    ]
    assert [b"essai@" in one for one in again] == [b"essai@" in one for one in told]


# --- the same traces ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ({"name": "grand"}, (0, 1, 2)),
        ({"name": "grand", "_count": 2}, (0, 1)),
        ({"name": "introuvable"}, ()),
    ],
    ids=str,
)
def test_it_writes_one_line_of_trace_with_who_is_on_the_page(system, found, words, places):
    asked = searching(token_of(system), words)
    lines, calls = [], []
    for way in (Straight(nowhere), ORDINARY):
        before = set(Trace.objects.values_list("pk", flat=True))
        known = set(Call.objects.values_list("pk", flat=True))
        answer(way, asked)
        moves = ("id", "at", "shard", "transaction_id")
        lines.append(
            [
                {name: one for name, one in line.items() if name not in moves}
                for line in Trace.objects.exclude(pk__in=before).values()
            ]
        )
        (call,) = Call.objects.exclude(pk__in=known).values()
        calls.append(
            {name: one for name, one in call.items() if name not in ("id", "milliseconds")}
        )
    assert lines[0] == lines[1]
    assert calls[0] == calls[1]
    assert [one["persons"] for one in lines[0]] == [[found[at].pk for at in places]][: len(places)]


@pytest.mark.django_db(transaction=True)
def test_it_asks_two_statements_whoever_hides_and_shows_the_session_nobody(
    system, found, monkeypatch
):
    monkeypatch.setattr(straight, "keep_call", lambda *_, **__: None)  # it is written behind
    secret = token_of(system)
    asked = [searching(secret, {"name": one}) for one in ("grand", "introuvable")]
    with sight.seen_by(ANONYMOUS):
        for one in asked:
            with CaptureQueriesContext(connection) as seen:
                assert answer(Straight(nowhere), one)[0] == "200 OK"
            told = [one["sql"].split()[:2] for one in seen.captured_queries]
            assert told == [["WITH", "reader"], ["WITH", "reader"]]


def test_both_ways_count_the_answer_at_the_same_door(system, found):
    secret = token_of(system)
    by_address = environ(secret, "", QUERY_STRING="name=grand", PATH_INFO="/fhir/Patient")
    assert counted(searching(secret, {"name": "grand"}), "fhir:search") == [1, 1]
    assert counted(by_address, "fhir:kind") == [1, 1]


# --- what goes the ordinary way ----------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"gender": "female"},
        {"name:exact": "Grandidier"},
        {"name": "grand,petit"},
        {"name": "’"},
        {"name": "grand", "birthdate": "1941"},
        {"name": "grand", "birthdate": "ge1941-03-07"},
        {"name": "grand", "_sort": "birthdate"},
        {"name": "grand", "_total": "accurate"},
        {"name": "grand", "_summary": "true"},
        {"name": "grand", "_elements": "name"},
        {"name": "grand", "_count": "0"},
        {"name": "grand", "_count": "beaucoup"},
        {"name": "grand", "_revinclude": "RelatedPerson:patient"},
        {"name": "grand", "inconnu": "x"},
        {"name": "g" * 3_000},
        {"_cursor": "forgé"},
    ],
    ids=lambda words: str(words)[:40],
)
@pytest.mark.usefixtures("sealed_alike")
def test_what_is_unusual_goes_the_ordinary_way_and_nobody_was_looked_at(system, found, words):
    asked = searching(token_of(system), words)
    before = Trace.objects.count()
    assert is_left(asked)
    assert Trace.objects.count() == before
    assert answer(Straight(ORDINARY), asked) == answer(ORDINARY, asked)


@pytest.mark.parametrize(
    "unusual",
    [
        {"CONTENT_TYPE": "text/plain"},
        {"CONTENT_TYPE": f"{FORM}; charset=latin1"},
        {"QUERY_STRING": "_pretty=true"},
        {"HTTP_PREFER": "handling=strict"},
        {"HTTP_AUTHORIZATION": "Bearer rien"},
        {"PATH_INFO": "/fhir/Practitioner/_search"},
    ],
    ids=str,
)
@pytest.mark.usefixtures("sealed_alike")
def test_how_it_is_asked_unusually_goes_the_ordinary_way(system, found, unusual):
    asked = searching(token_of(system), {"name": "grand"}, **unusual)
    assert is_left(asked)
    assert answer(Straight(ORDINARY), asked) == answer(ORDINARY, asked)


def test_how_an_answer_is_written_is_for_the_ordinary_way(system, found):
    words = "name=grand&_format=xml"
    asked = environ(token_of(system), "", QUERY_STRING=words, PATH_INFO="/fhir/Patient")
    assert is_left(asked)
    assert answer(Straight(ORDINARY), asked)[0] == "406 Not Acceptable"


@pytest.mark.parametrize(
    "scope", ["system/Task.rs", "system/Patient.r", "system/Patient.rs?gender=female"]
)
@pytest.mark.usefixtures("sealed_alike")
def test_what_a_scope_narrows_goes_the_ordinary_way(system, found, scope):
    asked = searching(token_of(system, scope), {"name": "grand"})
    assert is_left(asked)
    assert answer(Straight(ORDINARY), asked) == answer(ORDINARY, asked)


def test_a_text_is_worked_out_once_for_the_same_values(system, found, monkeypatch):
    written = []

    def write(told):
        written.append(told[0])
        return telling._write(told)

    monkeypatch.setattr(telling._text, "function", write)
    asked = searching(token_of(system), {"name": "grand"})
    first, second = (answer(Straight(nowhere), asked)[2] for _ in range(2))
    assert told_of(first) == told_of(second)
    assert sorted(written) == sorted(one.pk for one in found)

"""What is hidden costs what is absent: the same statements, in the same order, on every page.

No time is asserted: what could make one differ is what the database is asked, and that is compared.
"""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cordee.access.actor import Role
from cordee.people import services
from cordee.people.models import ProtectedNote
from cordee.people.services import Told
from tests.factories.broker import SolicitationFactory
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, actor, arranging, coordinator_of, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db
PERSON_PAGES = (
    *("people:edit", "people:circle", "people:choices", "people:thread"),
    *("people:identity_panel", "people:circle_panel", "people:choices_panel"),
    *("people:notes_panel", "people:thread_panel", "people:traces_panel"),
    *("web:person", "web:spaces_panel", "web:offer_space"),
    *("intake:person_panel", "broker:person_panel", "pathways:person_panel"),
    *("assessments:list", "assessments:person_panel"),
)
VALUE = re.compile(r"\"s\d+_x\d+\"|'(?:[^']|'')*'(?:::\w+(?:\[\])?)?|\b\d+\b|ARRAY\[[^]]*\]")


def asked(gesture):
    """The statements of a gesture without their values, and what it answered."""
    with CaptureQueriesContext(connection) as told:
        answer = gesture()
    return [VALUE.sub("?", one["sql"]) for one in told.captured_queries], answer


def alike(hidden, absent):
    """Both gestures ask the database the same, and answer the same."""
    absent()  # what is remembered from a first time is remembered for both
    shown, first = asked(hidden)
    expected, second = asked(absent)
    assert shown == expected
    assert first.status_code == second.status_code
    return first, second


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def hidden():
    """Somebody of another territory, with a whole history."""
    person = PersonFactory(birth_name="Zorglub", phone="+33639987777")
    other = OrganizationFactory()
    joins_circle(person, organization=other)
    InformationFactory(person=person)
    CareRequestFactory(person=person, organization=other)
    return person


@pytest.fixture
def outsider(desk):
    return coordinator_of(desk, account_id=AccountFactory().pk)


@pytest.mark.parametrize("name", PERSON_PAGES)
def test_a_hidden_person_asks_the_database_what_an_absent_one_does(client, hidden, outsider, name):
    speaking = client.as_(outsider)
    alike(
        lambda: speaking.get(reverse(name, args=[hidden.pk])),
        lambda: speaking.get(reverse(name, args=[uuid4()])),
    )


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("intake:request", CareRequestFactory),
        ("intake:retriage", CareRequestFactory),
        ("broker:search", SolicitationFactory),
        ("pathways:task", TaskFactory),
    ],
)
def test_a_hidden_thing_asks_what_an_absent_one_does(client, outsider, name, make):
    thing = make(organization=OrganizationFactory())
    speaking = client.as_(outsider)
    alike(
        lambda: speaking.get(reverse(name, args=[thing.pk])),
        lambda: speaking.get(reverse(name, args=[uuid4()])),
    )


@pytest.mark.parametrize(
    ("here", "nowhere"),
    [("zorglub", "zorglob"), ("7/3/1941", "8/3/1941"), ("06 39 98 77 77", "06 39 98 77 78")],
)
@pytest.mark.parametrize("field", ["people:search", "people:duplicates"])
def test_a_search_asks_the_same_for_the_hidden_and_the_absent(
    client, desk, hidden, field, here, nowhere
):
    speaking = client.as_(orienteuse_of(desk, account_id=AccountFactory().pk))

    def typed(text):
        if field == "people:search":
            return {"texte": text}
        name = text if text.isalpha() else "inconnue"
        return {"birth_name": name, "first_names": "Berthe", "phone": "" if name == text else text}

    alike(
        lambda: speaking.post(reverse(field), typed(here)),
        lambda: speaking.post(reverse(field), typed(nowhere)),
    )


def test_the_list_of_requests_asks_the_same_with_and_without_what_is_hidden(client, outsider):
    speaking = client.as_(outsider)
    pages = ["intake:queue", "broker:board", "web:home", "people:list"]
    before = {page: asked(lambda page=page: speaking.get(reverse(page)))[0] for page in pages * 2}
    other = OrganizationFactory()
    for make in (CareRequestFactory, SolicitationFactory, TaskFactory):
        make(organization=other)
    for page in pages:
        assert asked(lambda page=page: speaking.get(reverse(page)))[0] == before[page], page


def test_a_hidden_note_asks_what_no_note_does(client, desk):
    """In the circle, without the consent that opens it: the panel, the thread, the page."""
    noted, plain = PersonFactory(territory=desk.territory), PersonFactory(territory=desk.territory)
    for person in (noted, plain):
        joins_circle(person, organization=desk)
    with arranging():
        ProtectedNote.objects.create(
            person=noted,
            category="mental_health",
            body="Triste.",
            author=AccountFactory(),
            written_at=NOW,
        )
    speaking = client.as_(coordinator_of(desk, account_id=AccountFactory().pk))
    for name in ("people:notes_panel", "people:thread_panel", "people:thread"):
        shown, nothing = alike(
            lambda name=name: speaking.get(reverse(name, args=[noted.pk])),
            lambda name=name: speaking.get(reverse(name, args=[plain.pk])),
        )
        assert "Triste" not in shown.text


def test_an_emergency_refused_asks_what_an_unknown_person_does(client, hidden):
    herself = actor(Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({hidden.pk}))
    services.choose_emergency(actor=herself, person=hidden, opposed=True, told=Told(), now=NOW)
    PersonFactory(birth_name="Inconnu")  # born the same day: as many to compare
    doctor = speaking_as(PractitionerFactory(profession="10"), account_id=AccountFactory().pk)
    speaking = client.as_(doctor)

    def claims(name):
        typed = {"birth_name": name, "first_name": "berthe", "birth_date": "07/03/1941"}
        typed |= {"motive": "confused", "words": "Au sol.", "cannot_speak": "on"}
        return speaking.post(reverse("people:emergency"), {**typed, "immediate_risk": "on"})

    refused, unknown = alike(lambda: claims("zorglub"), lambda: claims("personne"))
    assert refused.status_code == 409
    assert refused.text.replace("zorglub", "personne").count("Aucun accès") == unknown.text.count(
        "Aucun accès"
    )


def test_the_status_of_an_ended_link_asks_what_an_invented_one_does(client):
    from cordee.intake.services.outside import new_secret

    request = CareRequestFactory()
    with arranging():
        secret = new_secret(request, NOW)
        request.links.update(revoked_at=NOW)
    alike(
        lambda: client.get(reverse("intake:status", args=[secret])),
        lambda: client.get(reverse("intake:status", args=["x" * len(secret)])),
    )

"""The page of a person: composed of rooms, opened once, shut to strangers."""

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext

from tests.factories.people import MemberFactory, PersonFactory
from tests.support import speaking_as, stranger, traces

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return PersonFactory(birth_name="Grandidier")


def test_the_nurse_of_the_circle_opens_it_and_leaves_one_line(client, person):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    page = client.as_(nurse).get(f"/personnes/{person.pk}/")
    assert "GRANDIDIER" in page.content.decode()
    lines = [line for line in traces() if line["persons"] == [person.pk]]
    assert [line["kind"] for line in lines] == ["read"]


def test_a_stranger_learns_nothing_and_is_written_down(client, person):
    refused = client.as_(stranger()).get(f"/personnes/{person.pk}/")
    assert refused.status_code == 404
    assert "GRANDIDIER" not in refused.content.decode()
    assert [line["kind"] for line in traces()] == ["refused"]


def test_somebody_who_does_not_exist_is_refused_in_the_same_words(client, person):
    client.as_(stranger())
    hidden = client.get(f"/personnes/{person.pk}/").content.decode()
    absent = client.get("/personnes/01a2027c-8a59-7e42-a5e3-0dc4b35281e9/").content.decode()
    assert hidden.split("<main")[1] == absent.split("<main")[1]


def test_no_name_stands_in_the_title_that_a_browser_keeps(client, person):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    page = client.as_(nurse).get(f"/personnes/{person.pk}/").content.decode()
    assert "GRANDIDIER" not in page.split("</title>")[0].upper()


def test_a_page_asked_again_is_not_written_anew(client, person, monkeypatch):
    nurse = speaking_as(MemberFactory(person=person).practitioner)
    address = f"/personnes/{person.pk}/"
    client.as_(nurse).get(address)  # its queries are written then
    written = []
    execute = SQLCompiler.execute_sql

    def noting(compiler, *args, **kwargs):
        written.append(compiler.query.model.__name__)
        return execute(compiler, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "execute_sql", noting)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert not written
    assert len(asked) <= 18

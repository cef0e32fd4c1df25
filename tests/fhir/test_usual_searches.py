"""Most searches are by one name: answered by statements planned once, they find what any finds."""

import pytest

from cordee.fhir import persons
from cordee.people.models import Person
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import matches
from tests.fhir.stage import set_stage
from tests.people.test_no_shadow import asked
from tests.support import arranging

pytestmark = pytest.mark.django_db
NAMES = (
    *("Lefèvre", "LEFEBVRE", "Le Fèvre", "Saint-Léger", "D’Agostino", "Bœuf", "Groß"),
    *("Martin", "Martin Léger", "Dupont", "N’Diaye", "Øster"),
)
ASKED = (
    *(
        "lef",
        "LEFÈVRE",
        "le",
        "le fe",
        "leger",
        "saint leger",
        "d'ago",
        "agostino",
        "boeu",
        "gross",
    ),
    *("gro", "martin", "martin leger", "léger martin", "x", "o", "ost", "’", "n diaye", "mar tin"),
)


@pytest.fixture
def stage():
    """A desk that follows people of every spelling, and others of the same names that hide."""
    stage = set_stage()
    elsewhere = OrganizationFactory()
    for rank, name in enumerate(NAMES):
        given = ("Odile", "Jean-Marie", "Zoé")[rank % 3]
        for desk in (stage.desk, elsewhere):
            used = "Martin" if rank % 4 == 0 else ""
            one = PersonFactory(birth_name=name, first_names=given, used_name=used)
            joins_circle(one, organization=desk)
    return stage


def every_page(machine, **words):
    """The identifiers of all pages, in their order."""
    found, answer = [], machine.search("Patient", **words)
    while True:
        assert answer.status_code == 200, answer.content
        bundle = answer.json()
        found += matches(bundle)
        onward = [one["url"] for one in bundle["link"] if one["relation"] == "next"]
        if not onward:
            return found
        answer = machine.get(onward[0].partition("/fhir/")[2])


@pytest.mark.parametrize("name", ["name", "family", "given"])
def test_a_search_by_one_name_finds_what_the_search_of_any_words_finds(stage, name, monkeypatch):
    monkeypatch.setattr(persons, "MET", 3)
    found = 0
    for text in ASKED:
        usual = every_page(stage.machine, **{name: text, "_count": 2})
        assert usual == every_page(stage.machine, **{name: text, "_total": "accurate"}), text
        found += len(usual)
    assert found or name == "given"


def test_a_record_that_another_absorbed_is_not_found_by_its_name(stage):
    one, other = Person.objects.filter(birth_name="Dupont").order_by("pk")[:2]
    with arranging():
        Person.objects.filter(pk=one.pk).update(merged_into=other)
    assert str(one.pk) not in stage.machine.found("Patient", name="dupont")


def test_a_search_by_one_name_asks_as_much_for_twelve_as_for_one(stage):
    told = []
    for text in ("dupont", "martin"):
        stage.machine.found("Patient", name=text)
        statements, answer = asked(lambda: stage.machine.search("Patient", name=text))  # noqa: B023
        told.append([one for one in statements if "set_config" not in one])
    assert [len(one) for one in told] == [3, 3], told  # their keys, what is told, the trace


def test_who_was_kept_a_body_is_found_with_what_was_sent_of_her(stage):
    sent = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": "Zylberstein"}],
        "maritalStatus": {"text": "veuve"},
    }
    assert stage.machine.post("Patient", sent).status_code == 201
    (entry,) = stage.machine.search("Patient", name="zylber").json()["entry"]
    assert entry["resource"]["maritalStatus"] == {"text": "veuve"}

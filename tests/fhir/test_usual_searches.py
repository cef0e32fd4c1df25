"""Most searches are by one name: answered by statements planned once, they find what any finds."""

import pytest

from cordee.people.models import Person
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import Machine, matches
from tests.fhir.stage import set_stage
from tests.people.test_no_shadow import asked
from tests.support import arranging, coordinator_of

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
def test_a_search_by_one_name_finds_what_the_search_of_any_words_finds(stage, name):
    found = 0
    for text in ASKED:
        usual = every_page(stage.machine, **{name: text, "_count": 2})
        assert usual == every_page(stage.machine, **{name: text, "_total": "accurate"}), text
        found += len(usual)
    assert found or name == "given"


@pytest.mark.parametrize(
    "words",
    [
        {"family": "mart", "given": "odile"},
        {"name": "martin", "family": "leger"},
        {"family": "lef", "birthdate": "1941-03-07"},
        {"family": "lef", "birthdate": "eq1941-03-08"},
        {"given": "jean", "birthdate": "1941-03-07"},
    ],
    ids=str,
)
def test_a_search_by_names_and_a_day_of_birth_finds_what_the_search_of_any_words_finds(
    stage, words
):
    with arranging():
        rows = Person.objects.order_by("birth_name", "pk")
        for rank, pk in enumerate(list(rows.values_list("pk", flat=True))):
            Person.objects.filter(pk=pk).update(birth_date=f"1941-03-0{7 + rank % 2}")
    usual = every_page(stage.machine, **words, _count=1)
    assert usual == every_page(stage.machine, **words, _total="accurate")


IPP = "urn:partenaire:ipp"


@pytest.fixture
def numbered(stage):
    """Somebody of whom a partner told its own number, and somebody of a qualified INS."""
    sent = {
        "resourceType": "Patient",
        "identifier": [{"system": IPP, "value": "8812"}],
        "name": [{"use": "official", "family": "Zylberstein"}],
    }
    answer = stage.machine.post("Patient", sent)
    assert answer.status_code == 201, answer.content
    return stage


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        (f"{IPP}|8812", True),
        ("8812", True),
        ("|8812", False),
        (f"{IPP}|", False),
        ("urn:ailleurs|8812", False),
        ("8813", False),
        ("{registry}|{ins}", True),
        ("{ins}", True),
        ("|{ins}", False),
        (f"{IPP}|{{ins}}", False),
    ],
)
def test_a_search_by_one_identifier_finds_what_the_search_of_any_words_finds(
    numbered, asked, is_found
):
    held = numbered.person
    text = asked.format(registry=f"urn:oid:{held.ins_oid}", ins=held.ins)
    strangers = Machine(coordinator_of(OrganizationFactory()))
    for machine, finds in ((numbered.machine, is_found), (strangers, False)):
        usual = machine.search("Patient", identifier=text)
        any_words = machine.search("Patient", identifier=text, _total="accurate")
        assert usual.status_code == any_words.status_code
        if usual.status_code == 200:
            assert matches(usual.json()) == matches(any_words.json())
            assert bool(matches(usual.json())) == finds


def test_a_number_that_is_not_qualified_is_not_found_by(numbered):
    held = numbered.person
    with arranging():
        Person.objects.filter(pk=held.pk).update(ins_status="recuperee")
    assert numbered.machine.found("Patient", identifier=held.ins) == []


def test_a_search_by_one_identifier_is_one_statement_whoever_hides(numbered):
    hidden = PersonFactory(birth_name="Ailleurs", qualified=True)
    told = []
    for text in (numbered.person.ins, hidden.ins, "190000000000000", numbered.person.ins):
        statements, _ = asked(lambda: numbered.machine.search("Patient", identifier=text))  # noqa: B023
        told.append([one for one in statements if "set_config" not in one])
    assert told[1] == told[2] == told[3]
    assert len(told[1]) == 1


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
    assert [len(one) for one in told] == [1, 1], told  # who is met, what is told, and its trace


def test_who_was_kept_a_body_is_found_with_what_was_sent_of_her(stage):
    sent = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": "Zylberstein"}],
        "maritalStatus": {"text": "veuve"},
    }
    assert stage.machine.post("Patient", sent).status_code == 201
    (entry,) = stage.machine.search("Patient", name="zylber").json()["entry"]
    assert entry["resource"]["maritalStatus"] == {"text": "veuve"}

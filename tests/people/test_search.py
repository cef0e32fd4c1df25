"""Finding somebody from what a tired voice says on the phone."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from cordee.access import stencil
from cordee.people import selectors
from cordee.people.rules.traits import Traits
from cordee.people.selectors import finding
from tests.factories.directory import OrganizationFactory
from tests.factories.people import BORN, OrganizationMemberFactory, PersonFactory, number_of
from tests.people import test_no_shadow
from tests.support import orienteuse_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory()


def names(desk, text):
    return [one.person.birth_name for one in selectors.search(orienteuse_of(desk), text)]


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Lefèvre", "lefevre"),
        ("Lefèvre", "LEFEBVRE"),
        ("Dupont", "dupond"),
        ("Gauthier", "gotier"),
        ("Dupont", "dupnot"),
        ("Dupont", "dupon"),
        ("Dupont", "duppont"),
        ("Dupont", "pupont"),
        ("Martin-Lacroix", "lacroix martin"),
        ("Martin-Lacroix", "martinlacroix berthe"),
        ("D’Almeida", "dalmeida"),
        ("Cœurdeloup", "coeurdelou"),
        ("Łukasiewicz", "lukasiewicz"),
        ("Rousseau", "berthe rouss"),
        ("Benzekri", "marie benzecri"),
    ],
)
def test_a_name_is_found_however_it_is_typed(desk, stored, typed):
    PersonFactory(birth_name="Zimmermann", first_names="Odile", territory=desk.territory)
    PersonFactory(birth_name=stored, territory=desk.territory)
    assert stored in names(desk, typed)


WORDS = ["jo", "leo", "mar", "mart", "marie", "martin", "lefevre", "dupnot", "zola2", "a", "1"]
NAMES = ["Jo", "Joël", "Léo", "Léonie", "Mar", "Marie", "Mariette", "Marie-Ange", "Martin", "Mrtin",
    "Martine", "Martinez", "Martin2", "Martinéz", "Martin Łuk", "Lefèvre", "Lefebvre", "Dupont",
    "Zola21", "", "Aa", "12 rue", "Œuvrard"]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_word_asked_apart_from_its_beginnings_meets_the_same_names(word):
    """The index reads much less of a usual one so; whom it meets may not change."""
    met = "SELECT name, people_keys(name) @@ {}(%s) FROM unnest(%s::text[]) AS name ORDER BY name"
    with connection.cursor() as cursor:
        found = []
        for asked in ("people_word_query", "people_word_apart"):
            cursor.execute(met.format(asked), [word, NAMES])
            found.append(cursor.fetchall())
    assert found[0] == found[1]
    assert len(found[0]) == len(NAMES)


def test_the_name_that_one_reads_comes_before_a_birth_or_third_name(desk, client):
    """All three are found at the same score: the alphabet would put whom nobody meant first."""
    near = {"territory": desk.territory, "first_name": ""}
    PersonFactory(birth_name="Lefèvre", used_name="Fabre", first_names="Josette", **near)
    PersonFactory(
        birth_name="Martin", first_names="Odile Louise Berthe", **(near | {"first_name": "Odile"})
    )
    PersonFactory(birth_name="Lefèvre", first_names="Yvonne", **near)
    PersonFactory(birth_name="Zola", first_names="Berthe", **near)

    def found(text):
        return [one.person.short_name for one in selectors.search(orienteuse_of(desk), text)]

    assert found("lefevre") == ["LEFÈVRE Yvonne", "FABRE Josette"]
    assert found("berthe") == ["ZOLA Berthe", "MARTIN Odile"]
    page = client.as_(orienteuse_of(desk)).post(reverse("people:search"), {"texte": "lefevre"})
    assert "née LEFÈVRE" in page.text


def test_who_bears_no_other_name_comes_before_a_crowd_that_does(desk, client):
    """Forty are judged: those whom the alphabet puts first hid whom was meant."""
    near = {"territory": desk.territory, "first_name": ""}
    for _ in range(41):
        PersonFactory(birth_name="Albert", used_name="Bernard", first_names="Monique", **near)
    PersonFactory(birth_name="Bernard", first_names="Monique", **near)
    found = selectors.search(orienteuse_of(desk), "Benrard Monique")
    assert found[0].person.born_as == ""
    assert len(found) == 20
    browser = client.as_(orienteuse_of(desk))
    page = browser.post(reverse("people:search"), {"texte": "Benrard Monique"}).text
    assert "il peut y en avoir d’autres" in page
    PersonFactory(birth_name="Zola", first_names="Odile", **near)
    alone = browser.post(reverse("people:search"), {"texte": "zola odile"}).text
    assert "1 personne trouvée, la plus proche d’abord." in alone


@pytest.mark.parametrize(
    "typed",
    ["07/03/1941", "7 mars 1941", "07031941", "lefèvre 7.3.1941", "06 39 98 12 34",
     "2 41 03 05 132 007", "2410305132007", "née le 07-03-1941"],
)  # fmt: skip
def test_birth_date_phone_and_number_find_too(desk, typed):
    PersonFactory(
        birth_name="Lefèvre",
        territory=desk.territory,
        phone="+33639981234",
        ins=number_of(7),
        ins_oid="1.2.250.1.213.1.4.10",
        ins_status="qualifiee",
    )
    PersonFactory(birth_name="Autre", birth_date="1950-01-01", territory=desk.territory)
    assert names(desk, typed) == ["Lefèvre"] or "née" in typed


def test_the_used_name_finds_and_the_nearest_comes_first(desk):
    PersonFactory(birth_name="Martinez", territory=desk.territory)
    PersonFactory(birth_name="Blanc", used_name="Martin", territory=desk.territory)
    assert names(desk, "martin") == ["Blanc", "Martinez"]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "a",
        "%",
        "';--",
        "🚑",
        "\x00",
        "٣٤٥",
        "a" * 10_000,
        "& | ! ( )",
        "''' : *",
        "x:dupont",
    ],
)
def test_nothing_typed_breaks_the_search(desk, typed):
    PersonFactory(birth_name="Dupont", territory=desk.territory)
    assert names(desk, typed) in ([], ["Dupont"])


@pytest.mark.parametrize("known", ["circle", "territory"])
def test_a_crowd_of_hidden_namesakes_does_not_push_out_whom_one_may_know(desk, known, monkeypatch):
    monkeypatch.setattr("cordee.people.selectors.finding.MET", 3)
    for _ in range(5):
        PersonFactory(birth_name="Dupont", first_names="Anne")
    ours = PersonFactory(
        birth_name="Dupond",
        first_names="Zoé",
        territory=desk.territory if known == "territory" else None,
    )
    if known == "circle":
        OrganizationMemberFactory(person=ours, organization=desk, practitioner=None)

    found = selectors.search(orienteuse_of(desk), "dupont")

    assert [one.person.pk for one in found] == [ours.pk]


@pytest.mark.parametrize("others", [0, 11])
def test_a_search_costs_three_queries_whatever_it_finds(desk, others, django_assert_num_queries):
    for _ in range(1 + others):
        PersonFactory(birth_name="Dupont", territory=desk.territory)
    actor = orienteuse_of(desk)
    with django_assert_num_queries(3):
        found = selectors.search(actor, "dupont berthe")
        assert [one.person.commune.name for one in found]
    assert len(found) == 1 + others


def met(desk, **typed):
    asked = Traits(**{"birth_name": "Lefèvre", "first_names": "Berthe"} | typed)
    return selectors.possible_duplicates(orienteuse_of(desk), asked)


@pytest.mark.parametrize(
    ("typed", "reason", "probable"),
    [
        ({"birth_name": "LEFEVRE", "first_names": "berthe", "birth_date": BORN}, "même nom", True),
        ({"birth_name": "Dupont", "birth_date": BORN}, "nom utilisé de l’autre", True),
        ({"birth_name": "Berthe", "first_names": "Lefèvre", "birth_date": BORN}, "inversés", False),
        ({"birth_name": "Lefevbre", "birth_date": BORN}, "nom proche", False),
        ({"birth_date": date(1941, 7, 3)}, "jour et mois de naissance inversés", False),
        ({}, "même prénom", False),
    ],
)
def test_a_possible_duplicate_is_weighed_as_in_a_batch_and_says_why(desk, typed, reason, probable):
    PersonFactory(birth_name="Lefèvre", used_name="Dupont", territory=desk.territory)
    (found,) = met(desk, **typed)
    assert found.probable is probable
    assert any(reason in told for told in found.reasons), found.reasons


def test_the_likeliest_is_shown_first(desk):
    namesake = PersonFactory(birth_name="Lefèvre", birth_date=None, territory=desk.territory)
    mistyped = PersonFactory(
        birth_name="Lefebvre", birth_date=date(1941, 7, 3), territory=desk.territory
    )
    herself = PersonFactory(birth_name="Lefèvre", birth_date=BORN, territory=desk.territory)
    found = [one.person.pk for one in met(desk, birth_date=BORN)]
    assert found[0] == herself.pk
    assert set(found) == {herself.pk, namesake.pk, mistyped.pk}


@pytest.mark.parametrize(
    "typed",
    [
        {"first_names": "Odette", "birth_date": BORN},  # her twin
        {"birth_date": date(1968, 5, 2)},  # her daughter, named after her
    ],
)
def test_a_twin_or_a_child_of_the_same_name_is_not_taken_for_her(desk, typed):
    PersonFactory(birth_name="Lefèvre", territory=desk.territory)
    assert met(desk, **typed) == []


def test_a_number_that_differs_says_nothing_to_who_may_not_read_it(desk):
    known = {"ins": number_of(1), "ins_oid": "1.2.250.1.213.1.4.10"}
    PersonFactory(birth_name="Lefèvre", territory=desk.territory, **known)
    (without,), (other,) = (met(desk, birth_date=BORN, ins=ins) for ins in ("", number_of(2)))
    assert (other.score, other.reasons) == (without.score, without.reasons)
    (same,) = met(desk, birth_date=BORN, ins=number_of(1))
    assert "même matricule INS" in same.reasons


def test_a_duplicate_hidden_from_the_desk_casts_no_shadow(desk):
    PersonFactory(birth_name="Lefèvre")  # of another territory
    asked = Traits(birth_name="Lefèvre", first_names="Berthe")
    assert selectors.possible_duplicates(orienteuse_of(desk), asked) == []
    assert names(desk, "Lefèvre") == []


def test_likely_doubles_are_met_by_a_plan_made_for_their_names(desk, monkeypatch):
    """A plan made once for all, as pages keep them, knows no name: it read everybody (41 ms for
    1.5 among twenty thousand)."""
    elder, prepared = PersonFactory(birth_name="Lefèvre", territory=desk.territory), []
    run = stencil.run
    for one in (stencil, finding):
        monkeypatch.setattr(one, "run", lambda sql, *more: prepared.append(sql) or run(sql, *more))
    asked = Traits(birth_name="Lefebvre", first_names=elder.first_names, birth_date=BORN)
    (found,) = selectors.possible_duplicates(orienteuse_of(desk), asked)
    assert found.person == elder
    assert prepared
    assert not any("search_keys" in one for one in prepared)


def test_likely_doubles_are_asked_by_three_statements_whoever_is_met(desk):
    PersonFactory(birth_name="Lefèvre", birth_date=BORN, territory=desk.territory)
    met(desk, birth_date=BORN)
    some, (found,) = test_no_shadow.asked(lambda: met(desk, birth_date=BORN))
    none, nobody = test_no_shadow.asked(lambda: met(desk, birth_name="Zylberstein"))
    assert found.person.commune.name
    assert (len(some), len(none), nobody) == (3, 3, [])

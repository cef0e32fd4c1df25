"""The made-up persons: plausible, marked, the same each time."""

import pytest

from cordee.directory.models import Territory
from cordee.people import demo
from cordee.people.models import CircleMember, Person
from cordee.people.rules import identity
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    OrganizationFactory,
    PracticeSiteFactory,
    PractitionerFactory,
    TerritoryFactory,
)
from tests.factories.people import PersonFactory
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db
TRAITS = ("birth_name", "first_names", "birth_date", "ins", "phone", "commune_id")


@pytest.fixture
def valley():
    territory = TerritoryFactory(name="Champsaur-Valgaudemar", kind="sio")
    commune = CommuneFactory()
    with arranging():
        territory.places.create(commune=commune)
    for kind in ("sio", "dac", "home_help"):
        OrganizationFactory(kind=kind, territory=territory)
    PracticeSiteFactory(commune=commune)
    PracticeSiteFactory(commune=commune, practitioner=PractitionerFactory(profession="10"))
    AccountFactory(email=demo.BERTHE)
    AccountFactory(email=demo.DAUGHTER)
    return territory


def test_every_person_is_made_up_plausible_and_of_the_test_registry(valley):
    demo.load(NOW)
    persons = list(Person.objects.all())
    assert len(persons) == demo.HOW_MANY
    for person in persons:
        assert person.is_demonstration
        assert 0 <= person.age_on(NOW.date()) < 100
        assert person.territory == valley
        if person.ins:
            assert person.ins_oid == identity.Registry.TEST
            assert identity.key_matches(person.ins)
            assert not identity.warnings(person.ins, sex=person.sex, birth_date=person.birth_date)
    assert len({person.ins for person in persons if person.ins}) == sum(
        bool(person.ins) for person in persons
    )


def test_running_it_again_changes_nothing(valley):
    demo.load(NOW)
    members = CircleMember.objects.count()
    demo.load(NOW)
    assert (Person.objects.count(), CircleMember.objects.count()) == (demo.HOW_MANY, members)


def test_a_region_that_is_already_there_does_not_keep_them_away(valley):
    PersonFactory(is_demonstration=True, territory=TerritoryFactory(name="Ain", kind="sio"))
    demo.load(NOW)
    assert demo.berthe()
    assert Person.objects.count() == demo.HOW_MANY + 1


def test_the_same_seed_gives_the_same_persons(valley):
    demo.load(NOW)
    first = list(Person.objects.order_by("phone").values_list(*TRAITS))
    drawn = demo.Random(demo.SEED)
    around = demo._around(Territory.objects.get())
    made = demo.Made()
    again = []
    for number in range(5):
        person = demo._person(valley, around, drawn, (0, number), NOW)
        demo._circle(made, around, person, drawn, NOW)
        demo._relatives(made, person, drawn, NOW)
        demo._choices(made, person, drawn, NOW)
        again.append(tuple(getattr(person, name) for name in TRAITS))
    assert again == first[:5]


def test_berthe_opens_her_own_space(valley):
    demo.load(NOW)
    berthe = Person.objects.get(first_names="Berthe", birth_name="Lefèvre", birth_date="1941-03-07")
    assert berthe.accounts.count() == 2


def test_without_a_territory_nobody_is_made_up(db):
    demo.load(NOW)
    assert not Person.objects.exists()

"""What an account may act in: all of it, in a lasting order, whoever else acts beside."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.access.actor import Role
from cordee.people.hats import hats_of
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
    TerritoryFactory,
)
from tests.factories.people import PersonAccountFactory, PersonFactory, RelativeFactory
from tests.support import arranging

pytestmark = pytest.mark.django_db
NOW = timezone.now()
AGO = NOW - timedelta(days=400)


@pytest.fixture
def account():
    """Somebody who also sees other accounts act beside them."""
    with arranging():
        for _ in range(2):
            other = AccountFactory()
            MembershipFactory(account=other, since=AGO.date())
            PractitionerFactory(account=other)
            PersonAccountFactory(account=other)
    return AccountFactory()


def space(account, since, person, **more):
    return PersonAccountFactory(account=account, since=since, person=person, **more)


def test_roles_come_by_structure_then_practice_then_own_spaces_by_age(account):
    with arranging():
        last = OrganizationFactory(name="Zénith", territory=TerritoryFactory())
        first = OrganizationFactory(name="Aubépine", territory=None)
        nurse = PractitionerFactory(account=account)
        wanted = [(last, "dpo"), (first, "orienteuse"), (first, "coordinator")]
        roles = [
            MembershipFactory(account=account, organization=where, role=role, since=AGO.date())
            for where, role in wanted
        ]
        over = (NOW - timedelta(days=3)).date()
        MembershipFactory(account=account, since=AGO.date(), until=over)
        helped, herself = PersonFactory(), PersonFactory()
        young = space(account, NOW - timedelta(days=1), herself)
        old = space(account, AGO, helped, relative=RelativeFactory(person=helped))
        space(account, AGO, PersonFactory(), until=NOW - timedelta(days=2))

    hats = hats_of(account, NOW)

    keys = [roles[2].pk, roles[1].pk, roles[0].pk, nurse.pk, old.pk, young.pk]
    assert [hat.key for hat in hats] == [str(key) for key in keys]
    assert [hat.role for hat in hats] == [
        Role.COORDINATOR, Role.ORIENTEUSE, Role.DPO, Role.PRACTITIONER, Role.RELATIVE, Role.PERSON
    ]  # fmt: skip
    assert [hat.organization_name for hat in hats] == ["Aubépine", "Aubépine", "Zénith", "", "", ""]
    assert [hat.organization_id for hat in hats[:3]] == [first.pk, first.pk, last.pk]
    assert [hat.territory_id for hat in hats] == [None, None, last.territory_id, None, None, None]
    assert [hat.practitioner_id for hat in hats] == [nurse.pk] * 4 + [None, None]
    assert {hat.profession for hat in hats[:4]} == {nurse.profession}
    assert [hat.person_id for hat in hats] == [None] * 4 + [helped.pk, herself.pk]


def test_who_practises_in_a_structure_has_no_second_practice(account):
    with arranging():
        nurse = PractitionerFactory(account=account)
        MembershipFactory(account=account, role="practitioner", since=AGO.date())
    (hat,) = hats_of(account, NOW)
    assert (hat.role, hat.practitioner_id) == (Role.PRACTITIONER, nurse.pk)


def test_a_practice_that_closed_and_an_account_without_anything_give_no_hat(account):
    with arranging():
        PractitionerFactory(account=account, closed_on=AGO.date())
    assert hats_of(account, NOW) == []


def test_all_hats_are_one_query(account, django_assert_num_queries):
    hats_of(account, NOW)  # the query is written
    with django_assert_num_queries(1):
        hats_of(account, NOW)

"""To judge one person, PostgreSQL looks for her: it does not list all whom a desk follows."""

import pytest
from django.db import connection

from cordee.fhir import persons
from cordee.people.policy import known
from cordee.people.rules.sharing import Category
from tests.factories.directory import OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import coordinator_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("category", [Category.IDENTITY, Category.COORDINATION, Category.CARE])
def test_nobody_else_is_listed_to_know_whether_one_person_is_known(category):
    desk, person = OrganizationFactory(), PersonFactory()
    joins_circle(person, organization=desk)
    actor = coordinator_of(desk)
    for stencil, asked in (
        (known._knows, {"category": category}),
        (persons._told, {}),
    ):
        plan = "\n".join(plan_of(stencil, actor=actor, pk=person.pk, **asked))
        assert "hashed SubPlan" not in plan, plan


def plan_of(stencil, **asked):
    sql, values = stencil.said(**asked)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", values)
        return [line for (line,) in cursor.fetchall()]


@pytest.mark.parametrize("category", [Category.COORDINATION, Category.CARE])
def test_many_are_met_by_their_keys_and_not_looked_for_among_all_of_a_desk(category):
    """Joined, each of a desk was looked for among all that were asked: the square of a thousand."""
    desk = OrganizationFactory()
    persons = [PersonFactory() for _ in range(30)]
    for one in persons:
        joins_circle(one, organization=desk)
        InformationFactory(person=one)
    asked = [one.pk for one in persons]
    actor = coordinator_of(desk)
    assert known.known_among(actor, [*asked, PersonFactory().pk], category) == set(asked)
    plan = plan_of(known._among, actor=actor, category=category, asked=asked)
    assert not [one for one in plan[:2] if "Join" in one or "Nested Loop" in one], plan

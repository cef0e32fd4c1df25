"""To judge one person, PostgreSQL looks for her: it does not list all whom a desk follows."""

import pytest
from django.db import connection

from cordee.fhir import persons
from cordee.people.policy import known
from cordee.people.rules.sharing import Category
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
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
        sql, values = stencil.said(actor=actor, pk=person.pk, **asked)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", values)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "hashed SubPlan" not in plan, plan

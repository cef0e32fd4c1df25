"""A row made of what was read is what Django makes of it, and nothing of ours wants more."""

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.signals import post_init, pre_init  # noqa: TID251 — that nobody listens
from django.test.utils import CaptureQueriesContext

from cordee.directory.models import Commune
from cordee.kernel.base import as_new, as_read
from tests.factories.people import PersonFactory

OURS = [one for one in apps.get_models() if one.__module__.startswith("cordee.")]


@pytest.mark.parametrize("model", OURS, ids=lambda one: one._meta.label)
def test_nobody_listens_to_the_making_of_a_row_nor_makes_it_otherwise(model):
    assert not pre_init.has_listeners(model)
    assert not post_init.has_listeners(model)
    assert model.__init__ is models.Model.__init__
    assert model.from_db.__func__ is models.Model.from_db.__func__


@pytest.mark.django_db
def test_a_row_is_what_django_makes_of_the_same_values():
    person = PersonFactory()
    names = [one.attname for one in type(person)._meta.concrete_fields]
    values = type(person).objects.values_list(*names).get(pk=person.pk)
    made, expected = (
        as_read(type(person), dict(zip(names, values, strict=True))),
        type(person).from_db("default", names, values),
    )
    assert made == expected
    assert vars(made).keys() == vars(expected).keys()
    assert [getattr(made, one) for one in names] == list(values)
    assert (made._state.adding, made._state.db) == (False, "default")
    assert made.territory == person.territory


@pytest.mark.django_db
def test_a_column_that_was_not_read_is_read_when_it_is_asked_for():
    code, name, region = Commune.objects.values_list("code", "name", "region_name")[0]
    commune = as_read(Commune, {"code": code, "name": name})
    with CaptureQueriesContext(connection) as asked:
        assert (commune.name, commune.region_name) == (name, region)
    assert len(asked) == 1


@pytest.mark.parametrize("model", OURS, ids=lambda one: one._meta.label)
def test_a_row_about_to_be_written_is_what_django_makes_of_the_same_values(model):
    names = [one.attname for one in model._meta.concrete_fields if not one.generated]
    made, expected = as_new(model, {names[-1]: "said"}), model(**{names[-1]: "said"})
    assert vars(made).keys() == vars(expected).keys()
    alike = [one for one in names if one != "id"]  # drawn anew for each
    assert [getattr(made, one) for one in alike] == [getattr(expected, one) for one in alike]
    assert (made._state.adding, made._state.db) == (True, None)

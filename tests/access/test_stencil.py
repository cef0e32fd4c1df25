"""A query kept by shape gives what the ORM would give, or refuses to be kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.access.actor import Actor, Role
from cordee.access.models import PreviousState
from cordee.access.stencil import Number, Stencil, Unsteady, Word, shape_of
from cordee.kernel.identifiers import uuid7
from cordee.pathways.models import Task
from tests.factories.directory import OrganizationFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import InformationFactory, OrganizationMemberFactory, PersonFactory
from tests.support import NOW, actor, arranging

pytestmark = pytest.mark.django_db
built = []


def lines(actor, before):
    built.append(actor.role)
    return (
        Task.objects.visible_to(actor).filter(since_at__lt=before).order_by("pk").values_list("pk")
    )


@pytest.fixture
def desk():
    desk = OrganizationFactory()
    person = PersonFactory()
    OrganizationMemberFactory(person=person, organization=desk, practitioner=None)
    InformationFactory(person=person)
    for task in ({}, {"person": person}, {"person": PersonFactory()}, {"role": "dpo"}):
        TaskFactory(organization=desk, **task)
    TaskFactory()
    return desk


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_shown_what_the_orm_would_show(role, desk):
    who, before = actor(role, desk), NOW + timedelta(days=1)

    assert Stencil(lines)(actor=who, before=before) == list(lines(who, before))
    assert Stencil(lines)(actor=who, before=NOW - timedelta(days=99)) == []


def test_the_same_shape_is_built_once_and_filled_with_each_ones_values(desk):
    kept, other = Stencil(lines), OrganizationFactory()
    before = NOW + timedelta(days=1)
    ours = kept(actor=actor(Role.ORIENTEUSE, desk), before=before)
    built.clear()

    assert kept(actor=actor(Role.ORIENTEUSE, other), before=before) == []
    assert kept(actor=actor(Role.ORIENTEUSE, desk), before=before) == ours != []
    assert built == []
    kept(actor=replace(actor(Role.ORIENTEUSE, desk), organizations=frozenset()), before=before)
    assert built == [Role.ORIENTEUSE]  # a length is part of the shape


def test_what_an_actor_remembers_is_of_these_words_alone():
    """Its hash and its shape are worked out once: another actor made of it has its own."""
    first = Actor(role=Role.COORDINATOR, account_id=uuid7(), territories=frozenset({uuid7()}))
    again = replace(first)
    for one in (first, again):
        assert (hash(one), shape_of(one, [])) == (hash(first), shape_of(first, []))
    assert first == again
    told = []
    shape_of(first, told)
    shape_of(first, told)
    assert told == [first.account_id, *first.territories] * 2
    other = replace(first, role=Role.DPO, account_id=uuid7())
    assert hash(other) != hash(first)
    assert shape_of(other, []) != shape_of(first, [])
    told.clear()
    shape_of(other, told)
    assert told[0] == other.account_id


def test_only_so_many_shapes_are_kept(desk):
    kept = Stencil(lines, shapes=2)
    for role in (Role.DPO, Role.ORIENTEUSE, Role.COORDINATOR):
        kept(actor=actor(role, desk), before=NOW)

    assert len(kept.kept) <= 2


def test_a_moment_that_was_not_given_is_refused():
    late = Stencil(lambda actor: Task.objects.filter(due_at__lt=timezone.now()).values_list("pk"))

    with pytest.raises(Unsteady, match="moment"):
        late(actor=Actor(role=Role.SYSTEM))


def test_a_query_asked_while_another_is_written_is_refused():
    def eager(actor):
        return Task.objects.filter(pk__in=list(Task.objects.values_list("pk", flat=True)))

    with pytest.raises(Unsteady, match="query"):
        Stencil(eager)(actor=Actor(role=Role.SYSTEM))


def test_an_identifier_hidden_in_a_text_is_refused():
    about = Stencil(lambda pk: Task.objects.filter(origin=f"intake/request/{pk}").values_list("pk"))

    with pytest.raises(Unsteady, match="identifier"):
        about(pk=uuid7())


def test_what_one_asked_for_by_name_is_not_given_to_the_next(desk):
    """A mapping took part in the shape by the kinds of its values, and kept the values."""
    about = Stencil(lambda wanted: Task.objects.filter(**wanted).values_list("pk"))
    one, other = Task.objects.order_by("pk")[:2]

    assert about(wanted={"pk": one.pk}) == [(one.pk,)]
    assert about(wanted={"pk": other.pk}) == [(other.pk,)]


def test_an_identifier_that_was_not_given_is_refused(desk):
    who = actor(Role.ORIENTEUSE, desk)
    of_somebody = Stencil(
        lambda role: Task.objects.filter(assignee=who.account_id).values_list("pk")
    )

    with pytest.raises(Unsteady, match="identifier"):
        of_somebody(role="orienteuse")


def test_a_number_that_identifies_is_a_value_and_another_part_of_the_shape(desk):
    asked = Stencil(
        lambda least, lines: PreviousState.objects.filter(
            version__gte=least, pk__in=lines
        ).values_list("pk")
    )
    with arranging():
        for name in ("un", "deux"):
            desk.name = name
            desk.save()
    first, second = PreviousState.objects.order_by("pk").values_list("pk", flat=True)[:2]

    for one in (first, second, first):
        assert asked(least=1, lines=[Number(one)]) == [(one,)]
    assert asked(least=10**6, lines=[Number(first)]) == []
    assert len(asked.kept) == 2


def test_a_word_is_a_value_and_a_text_is_a_part_of_the_shape(desk):
    one, other = (TaskFactory(organization=desk, origin=f"x/y/{n}") for n in "ab")
    asked = Stencil(
        lambda origin, kind: Task.objects.filter(origin=origin, kind=kind).values_list("pk")
    )
    assert asked(origin=Word(one.origin), kind="qualify") == [(one.pk,)]
    assert asked(origin=Word(other.origin), kind="qualify") == [(other.pk,)]
    assert asked(origin=Word("x' OR 1=1 --"), kind="qualify") == []
    assert asked(origin=Word(one.origin), kind="read_text") == []
    assert len(asked.kept) == 2


def test_a_word_within_another_text_is_refused():
    about = Stencil(lambda key: Task.objects.filter(origin=f"intake/{key}").values_list("pk"))

    with pytest.raises(Unsteady, match="identifier"):
        about(key=Word("request"))


def test_what_never_changes_is_written_in_the_text_and_the_rest_is_bound(desk):
    """A plan kept for all values is used only where it knows the lengths and the states."""
    task = TaskFactory(organization=desk, origin="100 % d'été \\ « %s »")
    asked = Stencil(
        lambda origin, pk: Task.objects.filter(origin=origin, pk__in=pk).values_list("pk")[:51]
    )
    assert asked(origin=task.origin, pk=[task.pk]) == [(task.pk,)]
    assert asked(origin="100 % d'été", pk=[task.pk]) == []
    (sql, bound), _ = asked.kept.values()
    assert "LIMIT 51" in sql
    assert sql.count("%s") - sql.count("%%s") == 1
    assert len(bound) == 1

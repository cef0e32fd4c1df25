"""A code is alone on its phone from when it is asked until it is let go, whoever writes it."""

from datetime import timedelta
from importlib import import_module

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, transaction

from cordee.broker.models import HeldCode, Invitation
from tests.factories.broker import InvitationFactory, SolicitationFactory
from tests.factories.directory import PractitionerFactory
from tests.support import NOW, arranging, simultaneously

ALONE = "broker_invitation_code_is_alone_on_its_phone"
MONTH = timedelta(days=30)
pytestmark = pytest.mark.django_db


def refused(make):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        make()
    assert error.value.__cause__.diag.constraint_name == ALONE
    assert ALONE in str(error.value)


def change(invitation, **values):
    with arranging():
        for name, value in values.items():
            setattr(invitation, name, value)
        invitation.save(update_fields=[*values, "updated_at"])


def same_as(first):
    return {"phone": first.phone, "code": first.code}


def from_(moment):
    return {"asked_at": moment, "code_until": moment + MONTH}


def test_a_code_is_free_again_at_the_very_moment_it_is_let_go():
    first = InvitationFactory()
    refused(
        lambda: InvitationFactory(**same_as(first), **from_(NOW + MONTH - timedelta(seconds=1)))
    )
    assert InvitationFactory(**same_as(first), **from_(NOW + MONTH)).pk


def test_two_questions_of_one_statement_never_share_a_code():
    first = InvitationFactory()
    search, other = SolicitationFactory(), PractitionerFactory()
    rows = [
        InvitationFactory.build(
            solicitation=search, practitioner=one, phone="+33612345678", code="4821"
        )
        for one in (first.practitioner, other)
    ]

    def write():
        with arranging():
            Invitation.objects.bulk_create(rows)

    refused(write)


def test_a_question_put_anew_keeps_its_code():
    first = InvitationFactory()
    change(first, **from_(NOW + timedelta(days=2)))
    refused(lambda: InvitationFactory(**same_as(first), **from_(NOW + MONTH)))


def test_a_question_does_not_move_to_a_phone_where_its_code_is_in_use():
    first = InvitationFactory()
    second = InvitationFactory(code=first.code)
    refused(lambda: change(second, phone=first.phone))


def test_a_code_left_by_its_question_is_free():
    first = InvitationFactory()
    left = same_as(first)
    change(first, phone="+33698765432")
    assert InvitationFactory(**left).pk
    refused(lambda: InvitationFactory(phone="+33698765432", code=first.code))


def test_a_code_goes_with_its_question():
    first = InvitationFactory()
    with arranging():
        Invitation.objects.filter(pk=first.pk).delete()
    assert not HeldCode.objects.exists()
    assert InvitationFactory(**same_as(first)).pk


def test_a_call_holds_no_code():
    InvitationFactory(channel="call", phone="", code="", code_until=None, link_hash=None)
    assert not HeldCode.objects.exists()


def test_the_application_may_not_let_a_code_go_by_itself():
    InvitationFactory()
    with pytest.raises(ProgrammingError), transaction.atomic():
        HeldCode.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_of_eight_questions_at_once_one_has_the_code():
    searches = [SolicitationFactory() for _ in range(8)]
    nurses = [PractitionerFactory() for _ in range(8)]

    def ask(search, nurse):
        def write():
            InvitationFactory(
                solicitation=search, practitioner=nurse, phone="+33612345678", code="4821"
            )

        return write

    results = simultaneously(*map(ask, searches, nurses))
    lost = [one for one in results if isinstance(one, IntegrityError)]
    assert len(lost) == 7
    assert {one.__cause__.diag.constraint_name for one in lost} == {ALONE}
    assert Invitation.objects.count() == HeldCode.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_migration_takes_over_the_codes_held_before():
    with arranging():
        held = InvitationFactory(**from_(NOW))
        over = InvitationFactory(**from_(NOW - 2 * MONTH))
    script = import_module("cordee.broker.migrations.0013_codes_alone").TAKE_OVER
    script = script.replace("now()", f"'{NOW.isoformat()}'::timestamptz")
    with psycopg.connect(settings.SERVER.owner_url(settings.TEST_DATABASE)) as owner:
        owner.execute("DELETE FROM broker_heldcode")
        owner.execute("SET row_security = off")
        owner.execute(script)
    assert [one.invitation for one in HeldCode.objects.all()] == [held.pk]
    refused(lambda: InvitationFactory(**same_as(held)))
    assert InvitationFactory(**same_as(over)).pk

"""What a base that has lived becomes, when what a search serves is first written down."""

import re
from pathlib import Path

import pytest
from django.db import connection

import cordee.broker
import cordee.pathways
from tests.factories.broker import InvitationFactory, SolicitationFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.people import joins_circle
from tests.support import NOW, owner

pytestmark = pytest.mark.django_db(transaction=True)


def updates_of(room):
    """What the migration of a room changes in rows, without the locks that it sets anew."""
    text = (Path(room.__file__).parent / "sql" / "carried.sql").read_text(encoding="utf-8")
    return re.split(r"\n-- A search says", text)[0]


def test_the_migrations_say_who_acts_and_follow_what_is_known():
    """Records are written by an action: without its name, a base that was used did not start."""
    closed, live = (
        CareRequestFactory(state="closed", told_at=NOW, ended_at=NOW, confirmed_at=NOW),
        CareRequestFactory(state="qualified"),
    )
    ended = {"ended_at": NOW, "end_reason": "nobody"}
    searches = [
        SolicitationFactory(person=one.person, origin=f"intake/request/{one.pk}", **more)
        for one, more in (
            (closed, {"state": "confirmed", "first_visit_at": NOW}),
            (live, {"state": "exhausted", **ended}),
            (live, {"state": "cancelled", **ended}),
        )
    ]
    standing = SolicitationFactory(state="filled")
    yes = InvitationFactory(solicitation=standing, answer="accepted", answered=True)
    stay = joins_circle(standing.person, practitioner=yes.practitioner, since=NOW)

    with owner() as database:
        for room in (cordee.broker, cordee.pathways):
            with database.transaction():
                database.execute(updates_of(room))

    for one in (yes, *searches):
        one.refresh_from_db()
    assert yes.stay == stay.pk
    assert [one.is_carried for one in searches] == [False, True, False]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_previous_state WHERE record_id = %s", [yes.pk])
        assert cursor.fetchone()[0] >= 1

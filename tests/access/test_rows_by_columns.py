"""Rows written by sets, few as they are, many column by column: as one by one, and refused so."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.access.records import insert_lines, insert_rows
from cordee.broker.models import Invitation, Solicitation
from cordee.kernel.identifiers import uuid7, uuid7s
from cordee.messaging.models import Message
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.support import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=[0, 4], ids=["columns", "rows"])
def few(request, monkeypatch):
    """All that is true of many rows is true of a few."""
    monkeypatch.setattr("cordee.access.records.FEW", request.param)


SET_BY_TRIGGERS = {"created_at", "updated_at", "version"}
SAID = ("id", "to", "text", "context", "expires_at")
SAME = {"channel": "sms", "template": "broker.ask", "next_attempt_at": NOW}


def columns_of(model):
    fields = model._meta.concrete_fields
    return [one.attname for one in fields if one.attname not in SET_BY_TRIGGERS]


def values(row, names):
    found = {name: getattr(row, name) for name in names}
    return {k: bytes(v) if isinstance(v, memoryview) else v for k, v in found.items()}


def writing():
    return gesture(actor=SYSTEM, verb="test.write", now=NOW)


def test_a_row_is_written_with_its_lists_its_decimals_its_bytes_and_what_it_lacks():
    search = SolicitationFactory(
        moments=["evening", "noon"],
        preferred=[uuid7()],
        visit_notes='« l’été »\n"\\x"',
        follows=None,
    )
    asked = InvitationFactory(solicitation=search, practitioner=nurse(), link_hash=b"\x00\xff" * 16)
    kept = [values(search, columns_of(Solicitation)), values(asked, columns_of(Invitation))]
    kept[1] |= {"chance": Decimal("0.125"), "reasons": [{"text": 'a, "b" et {c}'}, {"points": 1.5}]}
    with writing():
        asked.delete()
        search.delete()
    with writing():
        insert_rows(Solicitation, [kept[0]])
        insert_rows(Invitation, [kept[1]])
    assert values(Solicitation.objects.get(), columns_of(Solicitation)) == kept[0]
    assert values(Invitation.objects.get(), columns_of(Invitation)) == kept[1]


def lines(count, **more):
    usual = {"to": "+33199000001", "text": "Bonjour", "context": {"code": "1234"}}
    usual |= {"expires_at": None} | more
    return [tuple(({"id": key} | usual)[name] for name in SAID) for key in uuid7s(count)]


def test_what_every_row_holds_is_said_once_and_what_nobody_says_is_usual():
    with writing():
        insert_lines(Message, SAID, lines(3), same=SAME)
    for one in Message.objects.all():
        assert (one.channel, one.template, one.next_attempt_at) == tuple(SAME.values())
        assert (one.state, one.carrier_ids, one.expires_at) == ("queued", [], None)
        assert one.context == {"code": "1234"}
    assert Message.objects.values("reference").distinct().count() == 3  # drawn by the database


def test_rows_go_by_slices_in_their_order(monkeypatch):
    monkeypatch.setattr("cordee.access.records.SLICE", 2)
    said = lines(5)
    with writing():
        insert_lines(Message, SAID, iter(said), same=SAME)
    assert [*Message.objects.order_by("pk").values_list("pk", flat=True)] == [
        row[0] for row in said
    ]


def test_what_is_too_long_is_refused_and_never_cut():
    with pytest.raises(DataError, match="too long"), writing():
        insert_lines(Message, SAID, lines(1, to="+33199000001" * 30), same=SAME)


def test_constraints_and_the_gesture_are_asked_of_rows_written_by_sets():
    with pytest.raises(IntegrityError, match="goes_where"), writing():
        insert_lines(Message, SAID, lines(1, to="nobody"), same=SAME)
    with pytest.raises(Exception, match="only be written by an action"), transaction.atomic():
        insert_lines(Message, SAID, lines(1), same=SAME)


def test_no_row_asks_nothing():
    with writing(), CaptureQueriesContext(connection) as asked:
        assert insert_rows(Message, []).keys() == set()
        insert_lines(Message, SAID, [], same=SAME)
    assert not [one for one in asked if "INSERT" in one["sql"]]


def test_who_is_left_out_by_a_conflict_is_not_among_the_keys():
    search = SolicitationFactory()
    row = values(search, columns_of(Solicitation)) | {"id": uuid7(), "origin": "intake/request/9"}
    with writing():
        written = insert_rows(
            Solicitation,
            [row, row | {"id": search.pk, "launched_at": NOW + timedelta(days=1)}],
            unless="ON CONFLICT (id) DO NOTHING",
        )
    assert written.keys() == {row["id"]}

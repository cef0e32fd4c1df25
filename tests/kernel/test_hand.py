"""A hand that writes while the next rows are made ready."""

from threading import Event

import pytest
from django.db import DataError, connection, transaction

from cordee.kernel.hand import Hand, working

pytestmark = pytest.mark.django_db


def saying(word):
    return lambda cursor: cursor.execute("SELECT %s::text", [word]).fetchone()[0]


def failing(cursor):
    cursor.execute("SELECT %s::int", ["not a number"])


def test_works_are_done_in_their_order_in_the_transaction_under_way():
    with connection.cursor() as cursor:
        cursor.execute("SELECT txid_current()")
        (ours,) = cursor.fetchone()
    done = []
    with Hand() as hand:
        for number in range(5):
            hand.give(lambda cursor, number=number: done.append(number))
        theirs = hand.give(lambda cursor: cursor.execute("SELECT txid_current()").fetchone()[0])
    assert done == [0, 1, 2, 3, 4]
    assert theirs.result() == ours


def test_the_first_work_that_failed_is_the_error_told():
    def given():
        with transaction.atomic(), Hand() as hand:
            hand.give(failing)
            hand.give(saying("refused, as the transaction failed"))

    with pytest.raises(DataError, match="not a number"):
        given()


def test_a_failed_work_is_told_rather_than_what_followed_from_it():
    def given():
        with transaction.atomic(), Hand() as hand:
            hand.give(failing).exception()
            raise RuntimeError("what was read next met a failed transaction")

    with pytest.raises(DataError, match="not a number"):
        given()


def test_what_was_not_begun_is_left_when_whoever_gives_it_fails():
    go_on, given, done = Event(), [], []

    def failing_oneself():
        with Hand() as hand:
            given.append(hand.give(lambda cursor: go_on.wait(10)))
            given.append(hand.give(lambda cursor: done.append("begun")))
            given[1].add_done_callback(lambda _: go_on.set())
            raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        failing_oneself()
    assert given[0].result() is True
    assert given[1].cancelled()
    assert done == []


def test_without_a_hand_it_is_done_when_the_block_ends():
    with working(None) as hand:
        given = hand.give(saying("done"))
    assert given.done()
    with Hand() as ours, working(ours) as hand:
        assert hand is ours

"""The judge of `make test-ha`: it lets nothing pass, and accuses nobody wrongly."""

from dataclasses import replace

from bench.failover.history import Held, Kept, Told, judge

TOLD = [
    Told("asked", "a"),
    Told("asked", "b"),
    Told("answered", "a", "accepted"),
    Told("answered", "b", "too_late"),
]
HELD = Held(
    invitations={"a": Kept("s", "accepted"), "b": Kept("s", "too_late")},
    filled={"s": 1},
    joined={"s": 1},
)


def test_a_faithful_history_is_without_fault():
    assert judge(TOLD, HELD) == []


def test_what_was_never_told_may_be_there_or_not():
    unheard = HELD.invitations | {"c": Kept("t", "waiting")}
    assert judge(TOLD, replace(HELD, invitations=unheard)) == []


def test_a_word_given_and_lost_is_named():
    assert judge(TOLD, replace(HELD, invitations={"a": HELD.invitations["a"]})) == [
        "lost: invitation b, asked",
        "lost: invitation b, answered",
    ]


def test_a_yes_that_became_something_else_is_named():
    forgotten = HELD.invitations | {"a": Kept("s", "waiting")}
    faults = judge(TOLD, replace(HELD, invitations=forgotten))
    assert "lost: invitation a was told accepted, holds waiting" in faults


def test_two_winners_are_named():
    both = HELD.invitations | {"b": Kept("s", "accepted")}
    assert "two winners: solicitation s" in judge(TOLD, replace(HELD, invitations=both))


def test_a_deed_half_done_is_named():
    assert judge(TOLD, replace(HELD, filled={})) == ["half done: solicitation s, thread"]
    assert judge(TOLD, replace(HELD, joined={"s": 2})) == ["half done: solicitation s, circle"]

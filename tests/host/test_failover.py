"""The judge of `make test-ha`: it lets nothing pass, and accuses nobody wrongly."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.failover.blows import Blow
from bench.failover.history import Held, Kept, Told, judge
from bench.failover.layout import lock
from host import needs
from host.setup import ROOT

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


def of(timeline, server, at):
    return Told("asked", "a", timeline=timeline, server=server, at=at)


def test_primaries_who_follow_one_another_are_without_fault():
    reigns = [of(1, "nord", 1), of(1, "nord", 2), of(2, "sud", 3), of(3, "nord", 4)]
    assert judge(reversed(reigns), HELD) == []


def test_a_primary_who_speaks_once_another_has_spoken_is_named():
    reigns = [of(1, "nord", 1), of(2, "sud", 2), of(1, "nord", 3)]
    assert judge(reigns, HELD) == ["two primaries: nord spoke for 1 after 2"]


def test_two_servers_in_one_reign_are_named():
    assert judge([of(1, "nord", 1), of(1, "sud", 2)], HELD) == ["two primaries: sud and nord in 1"]


def test_the_longest_silence_counts_its_beginning_and_its_end():
    load = SimpleNamespace(told=[of(1, "nord", at) for at in (9.0, 11.0, 14.0, 30.0)])
    blow = Blow("primaire tué", "nord", at=10.0, served_at=20.0)
    assert blow.silence(load) == 6.0


def test_the_lock_is_kept_where_a_primary_that_comes_back_does_not_take_it():
    assert [lock(one) for one in ((3, 0, 2), (3, 0, 3), (4, 0, 6))] == ["etcd", "etcd3", "etcd3"]


def test_the_cluster_is_installed_only_for_those_who_ask_for_it():
    assert "failover" not in {need.name for need in needs.asked_for([])}
    assert [need.name for need in needs.asked_for(["failover"])] == ["failover"]


@pytest.mark.slow
def test_a_server_killed_again_and_again_under_load_loses_nothing():
    """Product operations, simultaneous yes, a durable server; the same judge."""
    folder = Path("/tmp") / f"cordee-killed-{os.getpid()}"  # noqa: S108
    folder.mkdir()
    try:
        outcome = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "bench.failover.alone", folder],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if "CORDEE" not in k and "DJANGO" not in k},
            capture_output=True,
            text=True,
        )
    finally:
        place = (folder / "postgres").resolve()
        shutil.rmtree(folder)
        shutil.rmtree(place, ignore_errors=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "4 coups" in outcome.stdout

"""Before a protocol is signed: what it would have flagged, and what changed since the last one."""

from dataclasses import replace
from random import Random

import pytest

from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.preview import ruptures
from cordee.protocols.rules.versions import How, differences
from tests.protocols import threads
from tests.protocols.shelf import ANSWER, CALL, NO_STEP, OUT, fact, library, paris, protocol, rule

ENTERED = paris("2026-11-01 08:00")
UTC = threads.UTC


def test_a_preview_tells_each_rupture_from_its_breach_to_its_repair():
    thread = [
        fact(1, OUT, "2026-11-02 10:00"),
        fact(2, CALL, "2026-11-03 10:00"),
        fact(3, OUT, "2026-11-10 10:00"),
        fact(4, CALL, "2026-11-13 10:00"),
        fact(5, OUT, "2026-11-20 10:00"),
    ]
    one = protocol(NO_STEP, ANSWER)
    first, second = ruptures(one, ENTERED, reversed(thread), paris("2026-11-30 10:00"))
    assert (first.because, first.until) == ((3,), paris("2026-11-13 10:00"))
    assert first.since == paris("2026-11-11 23:59:59.999999").astimezone(UTC)
    assert (second.because, second.until, second.who) == ((5,), None, "coordination")
    assert ruptures(one, ENTERED, thread[:2], paris("2026-11-30 10:00")) == ()


def test_what_is_forbidden_waits_to_the_end_of_the_preview():
    one = protocol(rule("regle: absence\ninterdit: liaison.contact_made"))
    (told,) = ruptures(one, ENTERED, [fact(1, CALL, "2026-11-02 10:00")], paris("2026-11-30 10:00"))
    assert (told.since, told.until) == (paris("2026-11-02 10:00").astimezone(UTC), None)


def test_a_preview_ends_on_the_ruptures_that_the_engine_says_are_open():
    told = 0
    for seed in range(60):
        random = Random(seed)
        one, entered_at = threads.protocol(random), random.choice(threads.ENTRIES)
        thread = threads.thread(random, one, entered_at)
        now = thread[-1].happened_at
        if now < entered_at:
            continue
        state = engine.replayed(one, entered_at, thread)
        verdicts = {verdict.of: verdict for verdict in engine.judged(one, state, now)}
        left_open = {
            rupture.of for rupture in ruptures(one, entered_at, thread, now) if not rupture.until
        }
        assert left_open == {of for of, verdict in verdicts.items() if verdict.is_open}, seed
        told += len(left_open)
    assert told > 50


def test_each_verdict_holds_until_the_moment_it_says():
    changed = 0
    for seed in range(60):
        random = Random(seed)
        one, entered_at = threads.protocol(random), random.choice(threads.ENTRIES)
        thread = threads.thread(random, one, entered_at)
        state, now = engine.replayed(one, entered_at, thread), thread[-1].happened_at
        for rank, verdict in enumerate(engine.judged(one, state, now)):
            if verdict.changes_at is not None and now >= entered_at:
                tick = threads.timedelta(microseconds=1)
                assert engine.judged(one, state, verdict.changes_at - tick)[rank] == verdict
                changed += engine.judged(one, state, verdict.changes_at)[rank] != verdict
    assert changed > 50


@pytest.mark.parametrize("id_", ["gestion-de-cas", "situation-complexe"])
def test_a_version_compared_with_itself_has_no_difference(id_):
    assert differences(library()[id_], library()[id_]) == ()


def test_versions_are_compared_part_by_part():
    one = library()["sortie-personne-agee"]
    first, second, *rest = one.constraints
    later = replace(
        one,
        version="2",
        authors=(*one.authors, "Dr Exemple"),
        steps=one.steps[:-1],
        constraints=(second, replace(first, title="Appeler", unless=()), *rest),
    )
    told = {(difference.path, difference.how) for difference in differences(one, later)}
    assert told == {
        (("version",), How.CHANGED),
        (("auteurs",), How.ADDED),
        (("etapes", "bilan"), How.REMOVED),
        (("contraintes", "appel-apres-sortie", "titre"), How.CHANGED),
        (("contraintes", "appel-apres-sortie", "sauf"), How.REMOVED),
        (("contraintes",), How.MOVED),
    }
    backwards = {(one.path, one.how) for one in differences(later, one)}
    assert (("etapes", "bilan"), How.ADDED) in backwards

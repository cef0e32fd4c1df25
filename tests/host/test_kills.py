"""The judge of `make test-kills`, and a short run of it."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from bench.kills.history import Held, History, Message, Request, Search, assembled, judge
from bench.kills.reading import Eye
from host.setup import ROOT
from tests.host.test_run import environ
from tests.support import NOW

REQUEST = Request(
    state="found",
    told=1,
    acknowledged=1,
    is_told=True,
    received=1,
    open_tasks=(),
    searches=("s",),
)
SEARCH = Search(state="filled", winners=1, held=0, filled=1, joined=1)
ASK = Message("broker/invitation/i broker.ask", "+33600000001", 7, 2, "delivered", "")
HELD = Held(
    requests={"r": REQUEST},
    drafts={"page": "r"},
    searches={"s": SEARCH},
    answers={"link": "accepted", "other": "declined"},
    alike={"link": ["link"], "other": ["other"]},
    asked={"broker/invitation/i": "link"},
    messages=(ASK,),
    texts={("+33600000001", "OUI 4821"): 1},
    jobs={},
)
JOURNAL = [("+33600000001", 7, 1), ("+33600000001", 7, 2)]


def history(**more):
    told = History(requests={"page": "r"}, told=Counter(r=1), yes={"link"}, no={"other"})
    told.texts["+33600000001", "OUI 4821"] = 1
    for name, value in more.items():
        setattr(told, name, value)
    return told


def broken(held=HELD, journal=JOURNAL, **told):
    return judge(history(**told), held, journal)


def with_request(**changes):
    return replace(HELD, requests={"r": replace(REQUEST, **changes)})


def with_search(**changes):
    return replace(HELD, searches={"s": replace(SEARCH, **changes)})


def test_a_faithful_run_is_without_fault():
    assert broken() == []


@pytest.mark.parametrize(
    ("held", "word"),
    [
        (replace(HELD, requests={}), "lost: request r"),
        (replace(HELD, drafts={"page": "other"}), "made other"),
        (replace(HELD, requests=HELD.requests | {"q": REQUEST}), "doubled: request q"),
        (with_request(state="searching"), "stuck"),
        (with_request(state="qualified"), "half done: request"),
        (with_request(told=2), "2 kept, 1 acknowledged"),
        (with_request(acknowledged=2), "acknowledged 2"),
        (with_request(received=0), "received 0"),
        (with_request(open_tasks=("call_back",)), "owed"),
        (with_request(is_told=False), "owed"),
        (with_search(winners=2), "2 yes"),
        (with_search(held=1), "1 held"),
        (with_search(filled=2), "said filled 2 times"),
        (with_search(joined=0), "0 in the circle"),
        (replace(HELD, answers=HELD.answers | {"link": "waiting"}), "lost: a yes"),
        (replace(HELD, answers=HELD.answers | {"other": "waiting"}), "lost: a no"),
        (replace(HELD, texts={}), "lost: a text"),
        (replace(HELD, messages=()), "never asked"),
        (replace(HELD, messages=(ASK, replace(ASK, reference=8))), "written 2 times"),
        (replace(HELD, messages=(replace(ASK, state="queued"),)), "queued"),
        (replace(HELD, jobs={"failed": 1}), "1 job(s) failed"),
    ],
)
def test_each_promise_broken_is_named(held, word):
    assert any(word in fault for fault in broken(held)), broken(held)


@pytest.mark.parametrize("journal", [[], JOURNAL[:1], JOURNAL * 2])
def test_a_text_that_did_not_arrive_whole_and_once_is_named(journal):
    assert any("arrived" in fault for fault in broken(journal=journal))


def of_one_need(**answers):
    """Give what is held when the links are those of searches for one need to one professional."""
    return replace(HELD, answers=answers, alike=dict.fromkeys(answers, list(answers)))


def test_an_answer_counts_on_the_question_of_the_search_that_took_up_the_need():
    told = {"yes": {"link"}, "no": set()}
    assert broken(of_one_need(link="waiting", later="accepted"), **told) == []
    assert broken(of_one_need(link="waiting", later="declined"), **told) == []
    assert any("a yes" in one for one in broken(of_one_need(link="waiting"), **told))
    assert any("a yes" in one for one in broken(of_one_need(link="declined"), **told))
    assert any(
        "a yes" in one for one in broken(of_one_need(link="waiting", later="waiting"), **told)
    )


def test_a_withdrawal_lost_is_named():
    assert any("a withdrawal" in fault for fault in broken(withdrawn={"link"}))


def test_a_piece_that_comes_twice_before_the_last_is_shown_once():
    one, two = JOURNAL
    assert assembled([one, one, two], {one[:2]: 2}) == {one[:2]: 1}
    assert assembled([one, two, two], {one[:2]: 2}) == {one[:2]: 1}
    assert assembled([one, two, one, two], {one[:2]: 2}) == {one[:2]: 2}


@pytest.mark.django_db(transaction=True)
def test_a_job_that_became_due_as_the_house_stopped_is_not_lost():
    stopped = NOW
    eye = Eye(settings.SERVER.superuser_url(settings.TEST_DATABASE))
    with connection.cursor() as cursor:
        for due in (stopped - timedelta(seconds=20), stopped + timedelta(seconds=2), stopped):
            cursor.execute(
                """INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)
                VALUES ('broker', 'cordee.broker.jobs.close_wave', %s)""",
                [due],
            )
    assert eye.left(stopped) == {"todo": 1}


@pytest.mark.slow
def test_processes_killed_at_random_lose_and_double_nothing(tmp_path):
    """A short run: `make test-kills` is the long one. What it says is shown when it fails."""
    outcome = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.kills", "20", "--hurry"],
        cwd=ROOT,
        env=environ(tmp_path),
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "| pages |" in outcome.stdout

"""The number of a version tells its reader nothing of what is hidden; nor does a review."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.access.actor import Role
from cordee.kernel.errors import DomainError
from cordee.plans import services
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.versions import told_apart
from cordee.plans.services import EffectSaid, ReviewSaid
from tests.factories.directory import OrganizationFactory
from tests.factories.people import joins_circle
from tests.plans.scene import active, at, begin, said, set_around, write_goal, write_need
from tests.support import NOW, actor


@pytest.fixture
def around(db):
    return set_around()


@pytest.fixture
def helper(around):
    """Somebody of the home help of her circle, who reads coordination alone."""
    desk = OrganizationFactory(kind="home_help", territory=around.dac.territory)
    joins_circle(around.person, organization=desk, role="home_help")
    return actor(Role.HOME_HELP, desk)


def hidden_goal(around, plan):
    return write_goal(around, plan, write_need(around, plan, Domain.PSYCHIC))


def agreed_again(around, plan):
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)
    plan.refresh_from_db()
    begin(around, plan)


def versions(client, reader, plan):
    page = client.as_(reader).get(at("versions", plan.pk)).text.replace("\u00a0", " ")
    return [number for number in range(1, 9) if f'id="v{number}"' in page]


def test_what_is_hidden_makes_no_version_for_who_does_not_read_it(client, around, helper):
    plan, _ = active(around)
    hidden_goal(around, plan)
    agreed_again(around, plan)
    assert plan.in_force == 2
    assert versions(client, around.coordinator, plan) == [1, 2]
    assert versions(client, helper, plan) == [1]
    page = client.get(at("paper", plan.pk)).text.replace("\u00a0", " ")
    assert "version 1 en cours" in page
    assert client.get(at("version", plan.pk, 1)).status_code == 200
    assert client.get(at("version", plan.pk, 2)).status_code == 404
    write_need(around, plan)
    agreed_again(around, plan)
    assert plan.in_force == 3
    assert versions(client, helper, plan) == [1, 2]
    assert "Version 2 du plan" in client.get(at("version", plan.pk, 2)).text
    assert versions(client, around.coordinator, plan) == [1, 2, 3]


def test_the_page_of_a_version_tells_what_its_line_in_the_history_does(client, around, helper):
    """Since when, and every word: those that were said of a version that its reader sees alike."""
    plan, _ = active(around)
    hidden_goal(around, plan)
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW + timedelta(days=40))
    plan.refresh_from_db()
    said(around, plan, Decision.DISCUSSED, words="Elle veut y penser")
    client.as_(helper)
    pages = [client.get(at("versions", plan.pk)).text, client.get(at("version", plan.pk, 1)).text]
    proposed = [re.findall(r"Proposée.*? par ", page) for page in pages]
    assert proposed[0] == proposed[1] != []
    assert ["Elle veut y penser" in page for page in pages] == [True, True]


def test_a_review_that_judged_hidden_objectives_alone_is_not_told(client, around, helper):
    plan, _ = active(around)
    goal = hidden_goal(around, plan)
    agreed_again(around, plan)
    judged = ReviewSaid(
        held_on=NOW.date(),
        next_on=date(2027, 2, 1),
        effects=[EffectSaid(goal, team_effect="worse")],
    )
    services.review(actor=around.coordinator, plan=plan, said=judged, now=NOW)
    assert "Révision du" in client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert "Révision du" not in client.as_(helper).get(at("plan", plan.pk)).text


def test_a_review_may_hold_words_alone_so_that_one_without_effect_tells_nothing(around):
    plan, _ = active(around)
    empty = ReviewSaid(held_on=NOW.date(), next_on=date(2027, 2, 1))
    with pytest.raises(DomainError, match="plans.effects"):
        services.review(actor=around.coordinator, plan=plan, said=empty, now=NOW)
    words = ReviewSaid(held_on=NOW.date(), next_on=date(2027, 2, 1), words="Tout va bien.")
    assert services.review(actor=around.coordinator, plan=plan, said=words, now=NOW).words


PARTS = st.frozensets(st.sampled_from("abc"))


@given(st.dictionaries(st.integers(1, 30), PARTS, max_size=12), st.integers(1, 30))
def test_a_version_that_changes_nothing_of_what_is_read_changes_no_number(said_to_reader, hidden):
    """Taking away a version that its reader cannot tell from the one before changes no other."""
    numbers = told_apart(said_to_reader)
    assert list(numbers.values()) == sorted(numbers.values())
    assert set(numbers.values()) == set(range(1, max(numbers.values(), default=0) + 1))
    earlier = [one for one in said_to_reader if one < hidden]
    same = hidden in said_to_reader and earlier
    if same and said_to_reader[hidden] == said_to_reader[max(earlier)]:
        left = {one: parts for one, parts in said_to_reader.items() if one != hidden}
        assert told_apart(left) == {one: numbers[one] for one in left}

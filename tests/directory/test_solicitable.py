"""Who may be asked: the query and the rules say the same."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cordee.directory import rules, selectors
from cordee.directory.models import Practice
from tests.factories.directory import (
    AbsenceFactory,
    AccountFactory,
    PracticeFactory,
    PracticeSiteFactory,
    PractitionerFactory,
    WeeklyHoursFactory,
)
from tests.support import NOW


def asked(kind="injection", commune="05132", at=NOW):
    return selectors.solicitable("60", [kind], commune, then(at))


def then(at):
    """The quarter of an hour that begins at a moment."""
    return rules.Window(at, at + timedelta(minutes=15))


@pytest.mark.django_db
def test_a_proved_tied_and_open_practice_may_be_asked():
    practice = PracticeFactory(solicitable=True)

    assert asked() == [practice.practitioner]
    assert asked(commune="34301") == []
    assert asked(kind="unknown") == []


@pytest.mark.django_db
def test_a_holiday_hides_until_its_end():
    practice = PracticeFactory(solicitable=True)
    AbsenceFactory(practice=practice, begins_at=NOW, ends_at=NOW + timedelta(hours=1))

    assert asked() == []
    assert asked(at=NOW + timedelta(hours=1)) == [practice.practitioner]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 12])
def test_asking_costs_three_queries_whatever_the_number(rows, django_assert_num_queries):
    for _ in range(rows):
        PracticeSiteFactory(practitioner=PracticeFactory(solicitable=True).practitioner)

    with django_assert_num_queries(3):
        found = asked()
        for one in found:
            selectors.declared(one.practice)

    assert len(found) == rows


@pytest.mark.django_db
def test_colleagues_share_a_place_and_a_trade():
    site = PracticeSiteFactory()
    nurse = PracticeSiteFactory(structure=site.structure).practitioner
    PracticeSiteFactory(structure=site.structure, practitioner__profession="70")
    PracticeSiteFactory(structure=site.structure, closed_on=NOW.date())
    PractitionerFactory()

    assert list(selectors.colleagues_of(site.practitioner)) == [nurse]


class TheQueryAndTheRulesAgree(TestCase):
    """Histories of a practice, tried widely: SQL and Python never differ."""

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.fixed_dictionaries(
            {
                "proved": st.booleans(),
                "tied": st.booleans(),
                "stopped": st.booleans(),
                "closed": st.booleans(),
                "kinds": st.lists(st.sampled_from(["injection", "dressing"]), unique=True),
                "communes": st.lists(st.sampled_from(["05132", "34301"]), unique=True),
            }
        ),
        st.lists(
            st.tuples(st.integers(0, 6), st.times(), st.times()).filter(lambda h: h[1] < h[2]),
            max_size=3,
            unique_by=lambda h: h[:2],
        ),
        st.lists(st.tuples(st.integers(-72, 72), st.integers(1, 72) | st.none()), max_size=2),
        st.integers(-72, 72),
    )
    def test_they_agree(self, traits, week, absences, hours_from_now):
        at = NOW + timedelta(hours=hours_from_now)
        closed = NOW.date() if traits["closed"] else None
        practice = PracticeFactory(
            practitioner=PractitionerFactory(closed_on=closed),
            mobile="+33612345678",
            mobile_proved_at=NOW if traits["proved"] else None,
            stopped_at=NOW if traits["stopped"] else None,
            kinds=traits["kinds"],
            communes=traits["communes"],
            **_tie(traits["tied"]),
        )
        for weekday, starts, ends in week:
            WeeklyHoursFactory(practice=practice, weekday=weekday, starts=starts, ends=ends)
        for begins, lasts in absences:
            begins_at = NOW + timedelta(hours=begins)
            ends_at = None if lasts is None else begins_at + timedelta(hours=lasts)
            AbsenceFactory(practice=practice, begins_at=begins_at, ends_at=ends_at)

        held = selectors.declared(Practice.objects.get(pk=practice.pk))
        said = rules.obstacles_to(held, kinds=["injection"], commune="05132", window=then(at))

        assert bool(asked(at=at)) == (not said)


def _tie(tied):
    if not tied:
        return {}
    return {"tie_confirmed_at": NOW, "tie_confirmed_by": AccountFactory(), "tie_how": "call"}

"""A hospital holds its meetings as long as the own stay of the doctor who called them."""

import pytest

from cordee.access.actor import SYSTEM
from cordee.meetings.models import Meeting
from cordee.people import services as people
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.meetings import meeting_planned
from tests.factories.people import joins_circle
from tests.plans.scene import set_around
from tests.support import NOW, run_jobs

pytestmark = pytest.mark.django_db


def test_a_meeting_stands_by_the_own_stay_of_who_called_it_and_ends_with_it():
    around = set_around()
    hospital = OrganizationFactory(kind="hospital")
    doctor = PractitionerFactory(profession="10", account=AccountFactory())
    MembershipFactory(account=doctor.account, organization=hospital, role="hospital")
    stay = joins_circle(around.person, practitioner=doctor, role="doctor")
    meeting_planned(around.person, hospital, doctor.account)
    other = joins_circle(around.person, practitioner=PractitionerFactory(), role="nurse")
    people.leave_circle(actor=SYSTEM, member=other, now=NOW)
    run_jobs()
    assert Meeting.objects.get().state == "planned"
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert Meeting.objects.get().state == "cancelled"

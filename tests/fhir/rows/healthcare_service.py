"""What a nurse declares: care, zone, hours and holidays."""

from datetime import time, timedelta

from tests.factories.directory import (
    AbsenceFactory,
    CommuneFactory,
    PracticeFactory,
    PracticeSiteFactory,
    PractitionerFactory,
    WeeklyHoursFactory,
)
from tests.support import NOW


def make(stage):
    """One row of the type."""
    nurse = PractitionerFactory(last_name="Faure")
    PracticeSiteFactory(practitioner=nurse, name="Cabinet du Drac")
    commune = CommuneFactory()
    practice = PracticeFactory(
        practitioner=nurse, communes=[commune.pk], kinds=["injection", "dressing"]
    )
    WeeklyHoursFactory(practice=practice, weekday=0, starts=time(8), ends=time(0))
    WeeklyHoursFactory(practice=practice, weekday=1)
    AbsenceFactory(practice=practice, ends_at=NOW + timedelta(days=7))
    AbsenceFactory(practice=practice, begins_at=NOW - timedelta(days=9), ends_at=NOW)
    return practice


def before_sent(stage):
    """The place by which a partner says whose practice it is."""
    PracticeSiteFactory(pk="0192f0c8-7a00-7000-8000-000000000001", name="Cabinet du Drac")

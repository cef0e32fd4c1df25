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

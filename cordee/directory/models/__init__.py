"""The tables of the directory, by noun."""

from cordee.directory.models.moments import MomentSetting
from cordee.directory.models.organizations import (
    Contact,
    Membership,
    Organization,
)
from cordee.directory.models.places import (
    Commune,
    OtherCode,
    Outline,
    PostalCode,
    Territory,
    TerritoryCommune,
)
from cordee.directory.models.practitioners import (
    Absence,
    Extraction,
    PhoneTie,
    Practice,
    PracticeSite,
    Practitioner,
    WeeklyHours,
)
from cordee.directory.models.rosters import (
    CallMobile,
    Cover,
    Handover,
    Pole,
    Sector,
    SectorCommune,
    Shift,
)

__all__ = [
    "Absence",
    "CallMobile",
    "Commune",
    "Contact",
    "Cover",
    "Extraction",
    "Handover",
    "Membership",
    "MomentSetting",
    "Organization",
    "OtherCode",
    "Outline",
    "PhoneTie",
    "Pole",
    "PostalCode",
    "Practice",
    "PracticeSite",
    "Practitioner",
    "Sector",
    "SectorCommune",
    "Shift",
    "Territory",
    "TerritoryCommune",
    "WeeklyHours",
]

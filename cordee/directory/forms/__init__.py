"""What people type about the directory: checked, never saved here."""

from cordee.directory.forms.closing import CloseForm, NameForm
from cordee.directory.forms.inputs import WITHIN_SIGHT, PlaceForm
from cordee.directory.forms.moments import MomentsForm
from cordee.directory.forms.practice import (
    AbsenceForm,
    KindsForm,
    MobileForm,
    PreferencesForm,
    TieForm,
    WeekForm,
)
from cordee.directory.forms.search import CoverageForm, SearchForm
from cordee.directory.forms.setup import (
    ContactForm,
    CoordinatorForm,
    CoverForm,
    HandoverForm,
    OrganizationForm,
    PoleForm,
    SectorForm,
    ShiftForm,
    TerritoryForm,
)

__all__ = [
    "WITHIN_SIGHT",
    "AbsenceForm",
    "CloseForm",
    "ContactForm",
    "CoordinatorForm",
    "CoverForm",
    "CoverageForm",
    "HandoverForm",
    "KindsForm",
    "MobileForm",
    "MomentsForm",
    "NameForm",
    "OrganizationForm",
    "PlaceForm",
    "PoleForm",
    "PreferencesForm",
    "SearchForm",
    "SectorForm",
    "ShiftForm",
    "TerritoryForm",
    "TieForm",
    "WeekForm",
]

"""What is typed or brought: a text, a file, a period."""

from cordee.protocols.forms.bringing import MOST_BYTES, Brought, read_file
from cordee.protocols.forms.period import PeriodForm

__all__ = ["MOST_BYTES", "Brought", "PeriodForm", "read_file"]

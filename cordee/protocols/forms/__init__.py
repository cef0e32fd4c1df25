"""What is typed or brought: a text, a file, a period, an entry."""

from cordee.protocols.forms.bringing import MOST_BYTES, Brought, read_file
from cordee.protocols.forms.pathways import EnterForm, LeaveForm, RemarkForm, SettleForm
from cordee.protocols.forms.period import PeriodForm

__all__ = [
    "Brought",
    "EnterForm",
    "LeaveForm",
    "MOST_BYTES",
    "PeriodForm",
    "RemarkForm",
    "SettleForm",
    "read_file",
]

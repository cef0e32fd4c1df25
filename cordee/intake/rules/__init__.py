"""Every decision of the intake room, pure: no database, no clock, no screen."""

from cordee.intake.rules.clocks import Clock, Moments, clock_of, median
from cordee.intake.rules.duty import Keeping, Kept, Orphan, next_opening, orphans
from cordee.intake.rules.states import (
    CONDUCTOR,
    DESK,
    LIVE,
    OUTCOMES,
    Facts,
    MoveError,
    State,
    Telling,
    conducted,
    is_settled,
    move,
    offered,
    requester_told,
)
from cordee.intake.rules.status import PublicLine, public_line
from cordee.intake.rules.triage import Delay, Grid, GridError, Verdict, due_at, judge, read_grid
from cordee.intake.rules.uploads import Judged, UploadError, judge_upload

__all__ = [
    "CONDUCTOR",
    "DESK",
    "LIVE",
    "OUTCOMES",
    "Clock",
    "Delay",
    "Facts",
    "Grid",
    "GridError",
    "Judged",
    "Keeping",
    "Kept",
    "Moments",
    "Orphan",
    "PublicLine",
    "MoveError",
    "State",
    "Telling",
    "UploadError",
    "Verdict",
    "clock_of",
    "conducted",
    "due_at",
    "is_settled",
    "judge",
    "judge_upload",
    "median",
    "move",
    "next_opening",
    "offered",
    "orphans",
    "public_line",
    "read_grid",
    "requester_told",
]

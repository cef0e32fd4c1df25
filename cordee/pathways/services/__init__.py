"""What is done with what waits: one task by its own, or many that change hands together."""

from cordee.pathways.services.handing import Handing, reassign
from cordee.pathways.services.tasks import (
    Ask,
    drop,
    give_back,
    give_line,
    hand_over,
    open_task,
    pass_on,
    reopen,
    settle,
    snooze,
)

__all__ = [
    "Ask",
    "Handing",
    "drop",
    "give_back",
    "give_line",
    "hand_over",
    "open_task",
    "pass_on",
    "reassign",
    "reopen",
    "settle",
    "snooze",
]

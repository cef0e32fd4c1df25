"""Changes of the room: questionnaires published, evaluations begun, kept, completed, corrected."""

from cordee.assessments.services.questionnaires import (
    import_questionnaire,
    publish_questionnaire,
    retire_questionnaire,
)
from cordee.assessments.services.reminding import remind, wait_for_its_day
from cordee.assessments.services.responses import (
    Written,
    begin,
    complete,
    correct,
    discard,
    keep,
    withdraw,
)
from cordee.assessments.services.settling import settle

__all__ = [
    "Written",
    "begin",
    "complete",
    "correct",
    "discard",
    "import_questionnaire",
    "keep",
    "publish_questionnaire",
    "remind",
    "retire_questionnaire",
    "settle",
    "wait_for_its_day",
    "withdraw",
]

"""Changes of the room: questionnaires published, evaluations begun, kept, completed, corrected."""

from cordee.assessments.services.editions import compare_editions, part_editions
from cordee.assessments.services.parts import ask_part, end_part, say_late
from cordee.assessments.services.questionnaires import (
    import_questionnaire,
    publish_questionnaire,
    retire_questionnaire,
)
from cordee.assessments.services.reading_as import read_as
from cordee.assessments.services.reminding import remind, wait_for_its_day
from cordee.assessments.services.responses import (
    Written,
    begin,
    complete,
    complete_part,
    correct,
    discard,
    follow_home,
    keep,
    withdraw,
)
from cordee.assessments.services.settling import settle

__all__ = [
    "Written",
    "ask_part",
    "begin",
    "compare_editions",
    "complete",
    "complete_part",
    "correct",
    "discard",
    "follow_home",
    "end_part",
    "import_questionnaire",
    "keep",
    "part_editions",
    "publish_questionnaire",
    "read_as",
    "remind",
    "retire_questionnaire",
    "say_late",
    "settle",
    "wait_for_its_day",
    "withdraw",
]

"""What the room does: visits are recorded, seen and answered; phones enrolled and revoked."""

from cordee.vigilance.services.answering import answer, answer_refused, see
from cordee.vigilance.services.budgets import learn, set_budget
from cordee.vigilance.services.devices import (
    count_wrong_secret,
    end_silent_phones,
    enrol,
    give_key,
    revoke,
    wiped,
)
from cordee.vigilance.services.equipment import (
    Step,
    Tried,
    Wanted,
    ask_equipment,
    move_equipment,
    review_trial,
    try_action,
)
from cordee.vigilance.services.feedback import ANSWERED_SINCE
from cordee.vigilance.services.following import (
    NOTED_SINCE,
    Done,
    Ended,
    act_on_alert,
    close_alert,
    escalate,
    see_alert,
)
from cordee.vigilance.services.judging import judge_again, watch_again
from cordee.vigilance.services.leanings import estimate_leanings
from cordee.vigilance.services.planning import Planned, plan
from cordee.vigilance.services.raising import route
from cordee.vigilance.services.recording import Ack, keep_aside, raise_need, record_visits
from cordee.vigilance.services.reinforced import end_reinforced, reinforce, review
from cordee.vigilance.services.safety import answer_unsafe, hear_unsafe, say_unsafe
from cordee.vigilance.services.telling import tell_on_call, tell_team

__all__ = [
    "ANSWERED_SINCE",
    "NOTED_SINCE",
    "Ack",
    "Planned",
    "Done",
    "Ended",
    "Step",
    "Tried",
    "Wanted",
    "act_on_alert",
    "answer",
    "ask_equipment",
    "answer_refused",
    "answer_unsafe",
    "say_unsafe",
    "close_alert",
    "count_wrong_secret",
    "end_reinforced",
    "end_silent_phones",
    "enrol",
    "escalate",
    "give_key",
    "hear_unsafe",
    "estimate_leanings",
    "judge_again",
    "keep_aside",
    "move_equipment",
    "plan",
    "learn",
    "raise_need",
    "record_visits",
    "reinforce",
    "review",
    "review_trial",
    "revoke",
    "route",
    "see",
    "see_alert",
    "set_budget",
    "tell_on_call",
    "tell_team",
    "try_action",
    "watch_again",
    "wiped",
]

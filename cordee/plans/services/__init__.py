"""What is done with plans, by noun."""

from cordee.plans.services.agreeing import Word, activate, propose, say
from cordee.plans.services.doing import (
    ActionSaid,
    answer,
    do_action,
    follow_stay,
    give,
    stop_action,
    take_back,
)
from cordee.plans.services.lines import (
    AlertSaid,
    DeedSaid,
    GoalSaid,
    NeedSaid,
    Words,
    take_away,
    write_action,
    write_alert,
    write_goal,
    write_need,
    write_words,
)
from cordee.plans.services.plans import close, end, hand_over, open_plan
from cordee.plans.services.reviewing import EffectSaid, ReviewSaid, Settled, review, settle_goal
from cordee.plans.services.taking_up import take_up_need

__all__ = [
    "ActionSaid",
    "AlertSaid",
    "DeedSaid",
    "EffectSaid",
    "GoalSaid",
    "NeedSaid",
    "ReviewSaid",
    "Settled",
    "Word",
    "Words",
    "activate",
    "answer",
    "close",
    "do_action",
    "end",
    "follow_stay",
    "give",
    "hand_over",
    "open_plan",
    "propose",
    "review",
    "say",
    "settle_goal",
    "stop_action",
    "take_away",
    "take_back",
    "take_up_need",
    "write_action",
    "write_alert",
    "write_goal",
    "write_need",
    "write_words",
]

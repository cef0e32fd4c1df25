"""Every gesture of the broker, by moment: launching, answering, after the yes, calls, settings."""

from cordee.broker.services.answers import (
    accept,
    answer_by_link,
    ask_which,
    confirm_identity,
    decline,
    hold,
    later_offer,
    offer_by_text,
    point_to_the_link,
)
from cordee.broker.services.calls import CallMade, record_call, send_link
from cordee.broker.services.care import (
    change_need,
    confirm_care,
    decline_winner,
    flag_late,
    note_confirmed,
    note_untold,
    withdraw,
)
from cordee.broker.services.circle import follow_parted
from cordee.broker.services.ending import note_end_untold, note_visit_untold
from cordee.broker.services.launching import (
    advance,
    cancel,
    launch,
    launch_next_wave,
    note_delivered,
    note_undelivered,
    set_urgency,
    try_again,
    widen,
)
from cordee.broker.services.many import launch_many
from cordee.broker.services.notes import carry, set_notes
from cordee.broker.services.settings import change_settings
from cordee.broker.services.wishes import follow_wishes

__all__ = [
    "CallMade",
    "accept",
    "advance",
    "answer_by_link",
    "ask_which",
    "cancel",
    "change_need",
    "change_settings",
    "confirm_care",
    "confirm_identity",
    "decline",
    "decline_winner",
    "flag_late",
    "follow_parted",
    "follow_wishes",
    "hold",
    "later_offer",
    "offer_by_text",
    "launch",
    "launch_many",
    "launch_next_wave",
    "carry",
    "set_notes",
    "set_urgency",
    "note_confirmed",
    "note_delivered",
    "note_end_untold",
    "note_undelivered",
    "note_untold",
    "note_visit_untold",
    "point_to_the_link",
    "record_call",
    "send_link",
    "try_again",
    "widen",
    "withdraw",
]

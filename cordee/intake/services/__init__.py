"""What is done with requests, by noun."""

from cordee.intake.services.calls import (
    add_document,
    attach,
    discard_draft,
    receive,
    restore_draft,
    save_draft,
    take_draft,
)
from cordee.intake.services.duty import (
    Keeper,
    end_duty,
    keep,
    keep_all,
    leave_to_on_call,
    next_look,
)
from cordee.intake.services.editing import Edited, edit
from cordee.intake.services.grids import propose_grid, retire_grid, sign_grid
from cordee.intake.services.handing import HandOn, hand_on
from cordee.intake.services.holds import hold_call, hold_for_samu, release
from cordee.intake.services.life import (
    ask_search,
    cancel,
    close,
    confirm,
    leave_to_team,
    qualify,
    refuse,
    set_delay,
    stop,
    take,
)
from cordee.intake.services.marks import (
    mark_confirmed,
    mark_found,
    mark_not_launched,
    mark_searching,
    mark_unconfirmed,
    mark_unfilled,
    reopen,
)
from cordee.intake.services.online import Asked, Proof, receive_from_system, receive_online
from cordee.intake.services.outside import (
    Told,
    acknowledge,
    knock,
    owe_a_word,
    read_status,
    renew_link,
    tell,
    tell_stopped,
)
from cordee.intake.services.requester import Requester, correct_caller
from cordee.intake.services.retriage import retriage
from cordee.intake.services.single import meet

__all__ = [
    "Asked",
    "Edited",
    "HandOn",
    "Keeper",
    "Proof",
    "Requester",
    "Told",
    "acknowledge",
    "add_document",
    "ask_search",
    "attach",
    "cancel",
    "close",
    "confirm",
    "correct_caller",
    "discard_draft",
    "take_draft",
    "edit",
    "end_duty",
    "hand_on",
    "hold_call",
    "hold_for_samu",
    "keep",
    "keep_all",
    "knock",
    "mark_confirmed",
    "mark_found",
    "mark_not_launched",
    "mark_unconfirmed",
    "mark_searching",
    "mark_unfilled",
    "meet",
    "propose_grid",
    "qualify",
    "receive",
    "receive_from_system",
    "receive_online",
    "refuse",
    "release",
    "renew_link",
    "restore_draft",
    "retriage",
    "read_status",
    "reopen",
    "retire_grid",
    "save_draft",
    "set_delay",
    "sign_grid",
    "stop",
    "leave_to_on_call",
    "next_look",
    "leave_to_team",
    "take",
    "tell",
    "owe_a_word",
    "tell_stopped",
]

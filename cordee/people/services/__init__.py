"""What changes a person, their circle and their choices, by noun."""

from cordee.people.rules.writing import Identity
from cordee.people.services.choices import (
    Chosen,
    Told,
    agree,
    ask_agreement,
    choose_emergency,
    choose_hint,
    choose_processing,
    choose_sharing,
    hold_the_basis,
    inform,
    set_basis,
)
from cordee.people.services.circle import (
    Joining,
    close_own_space,
    end_stranger,
    enter_circle,
    join_circle,
    leave_circle,
    open_own_space,
    record_gp,
    welcome,
)
from cordee.people.services.emergency import (
    Claim,
    count_attempt,
    end_emergency,
    open_emergency,
    review_emergency,
    tell_emergency,
)
from cordee.people.services.matching import refresh_candidates
from cordee.people.services.merging import (
    judge_again,
    merge_persons,
    propose_pair,
    tell_apart,
    undo_merge,
)
from cordee.people.services.notes import write_note
from cordee.people.services.persons import (
    check_identity,
    create_person,
    create_persons,
    declare_death,
    deny_death,
    move_person,
    update_person,
)
from cordee.people.services.relatives import (
    RelativeSaid,
    end_relative,
    note_relative,
    note_relatives,
)
from cordee.people.services.stays import admit_person, discharge_person
from cordee.people.services.turns import take_turns
from cordee.people.services.unattended import (
    Measured,
    keep_evaluation,
    merge_unattended,
    switch_off,
    switch_on,
)

__all__ = [
    "Chosen",
    "Claim",
    "Identity",
    "Joining",
    "Measured",
    "keep_evaluation",
    "merge_unattended",
    "switch_off",
    "switch_on",
    "RelativeSaid",
    "Told",
    "admit_person",
    "discharge_person",
    "agree",
    "ask_agreement",
    "check_identity",
    "choose_emergency",
    "choose_hint",
    "choose_processing",
    "choose_sharing",
    "close_own_space",
    "count_attempt",
    "create_person",
    "create_persons",
    "declare_death",
    "deny_death",
    "end_emergency",
    "end_relative",
    "end_stranger",
    "enter_circle",
    "hold_the_basis",
    "record_gp",
    "inform",
    "join_circle",
    "leave_circle",
    "move_person",
    "note_relative",
    "note_relatives",
    "open_emergency",
    "open_own_space",
    "review_emergency",
    "set_basis",
    "take_turns",
    "tell_emergency",
    "update_person",
    "welcome",
    "judge_again",
    "merge_persons",
    "propose_pair",
    "tell_apart",
    "undo_merge",
    "refresh_candidates",
    "write_note",
]

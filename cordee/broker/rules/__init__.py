"""Every decision of the broker, pure: who may be asked, in what order, how many, until when."""

from cordee.broker.rules.alternatives import (
    NO_TEXTS,
    Asked,
    Proposal,
    Refusal,
    proposals,
    still_refused,
)
from cordee.broker.rules.crowd import Crowd
from cordee.broker.rules.filters import NEVER_CALLED, Barrier, Need, Standing, barriers
from cordee.broker.rules.order import (
    SearchOrder,
    Urgency,
    is_later_than_asked,
    raised,
    window_of,
)
from cordee.broker.rules.ranking import (
    Candidate,
    History,
    Ranked,
    Tier,
    chance_of_yes,
    expected_solicitations,
    fairness_share,
    ranked,
    within_tolerance,
)
from cordee.broker.rules.secrets import (
    WRONG_CODES_WITHIN,
    draw_code,
    draw_secret,
    hash_of,
    tries_codes,
)
from cordee.broker.rules.settings import DEFAULTS, EXPLAINED, Explained, SearchSettings, problems
from cordee.broker.rules.waves import (
    Exhaust,
    Search,
    Send,
    Unheard,
    Wait,
    next_step,
    wave_size,
    without_texts,
)
from cordee.messaging.quiet import is_quiet, quiet_ends_at

__all__ = [
    "DEFAULTS",
    "EXPLAINED",
    "WRONG_CODES_WITHIN",
    "NEVER_CALLED",
    "NO_TEXTS",
    "without_texts",
    "Asked",
    "Barrier",
    "Candidate",
    "Crowd",
    "Exhaust",
    "Explained",
    "History",
    "Need",
    "Proposal",
    "Ranked",
    "Refusal",
    "Search",
    "SearchOrder",
    "SearchSettings",
    "Send",
    "Standing",
    "Tier",
    "Unheard",
    "Urgency",
    "Wait",
    "barriers",
    "chance_of_yes",
    "draw_code",
    "draw_secret",
    "expected_solicitations",
    "fairness_share",
    "hash_of",
    "is_later_than_asked",
    "is_quiet",
    "next_step",
    "problems",
    "proposals",
    "quiet_ends_at",
    "raised",
    "ranked",
    "still_refused",
    "tries_codes",
    "wave_size",
    "window_of",
    "within_tolerance",
]

"""What the room lets be read."""

from cordee.protocols.selectors.shown import Change, Readable, changes, readable
from cordee.protocols.selectors.trials import Period, Trial, trial_of
from cordee.protocols.selectors.versions import (
    digest_of,
    get_public_version,
    get_source,
    get_version,
    in_use,
    others_of,
    protocol_of,
    protocol_of_text,
    sections,
    taken_editions,
    troubles_of,
    versions,
)

__all__ = [
    "Change",
    "Period",
    "Readable",
    "Trial",
    "changes",
    "digest_of",
    "get_public_version",
    "get_source",
    "get_version",
    "in_use",
    "others_of",
    "protocol_of",
    "protocol_of_text",
    "readable",
    "sections",
    "taken_editions",
    "trial_of",
    "troubles_of",
    "versions",
]

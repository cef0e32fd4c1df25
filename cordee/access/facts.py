"""What the frame says of itself, in its own thread. Codes and numbers only."""

from cordee.kernel.facts import Fact


class SealsReached(Fact, kind="access.seals_reached"):
    """Les derniers sceaux de la trace ont été notés : une fin coupée se verrait."""

    seals: list[str]  # month/slice/number/hash, of the months that may still grow


class RetentionAnnounced(Fact, kind="access.retention_announced"):
    """Une règle de conservation a été annoncée : ce qu’elle vise s’effacera."""

    category: str
    rule: str
    count: int

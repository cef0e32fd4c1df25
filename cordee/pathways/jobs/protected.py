"""Protected lines of a plan, as the conductor hears of them: nothing is told of what they say."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import planned


@listens("plans.line_to_follow")
def on_line(*, fact: StoredFact) -> None:
    """Something protected begins, moves or stops: who may read it is asked, without a word."""
    planned.follow(SYSTEM, fact, timezone.now())

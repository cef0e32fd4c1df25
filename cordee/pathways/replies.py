"""Which texts a search takes by itself; a human reads the others."""

from uuid import UUID

from cordee.broker import selectors as searches
from cordee.broker.models import Invitation
from cordee.kernel.facts import StoredFact

Answer = Invitation.Answer


def is_taken(fact: StoredFact) -> bool:
    """Say whether the broker knows what to do with it, before or after it has done it."""
    if not fact.data.get("practitioner_id"):
        return False
    if searches.are_codes_tried(UUID(fact.data["practitioner_id"]), fact.happened_at):
        return False
    codes = set(fact.data["codes"])
    found = searches.invitations_for_reply(
        UUID(fact.data["practitioner_id"]), codes, fact.happened_at
    )
    if fact.data["clear"]:
        words = dict(answer.split(":")[::-1] for answer in fact.data["answers"])
        taken = [
            one for one in found if one.takes_by_text(words.get(one.code) or words.get("", ""))
        ]
        return len(taken) == max(len(codes), 1) == len(found)
    shown = {Answer.WAITING, Answer.LATER}  # « oui, mais » becomes an offer to decide on
    return len(found) == len(codes) and all(one.answer in shown for one in found)

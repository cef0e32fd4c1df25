"""The person’s free choice, said while somebody is sought (CSP, art. L.1110-8)."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import rules, selectors
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.care import decline_winner
from cordee.broker.services.launching import asked_by, taught
from cordee.broker.services.steps import decided, look_again, offer_to_the_next, take_up
from cordee.broker.services.texts import tell, withdraw_questions

Answer = Invitation.Answer
State = Solicitation.State
CHOSEN = ("usual_practitioner_id", "preferred", "excluded", "declined")


@action("broker.follow_wishes", on="solicitation")
def follow_wishes(
    *, actor: Actor, solicitation: Solicitation, order: rules.SearchOrder, now: datetime
) -> Solicitation:
    """Ask whom the person chooses now, from the next wave, and no more whom she does not want.

    Whoever is set aside wins no more: what she was asked is taken back, and asked again in its
    turn if the person changes her mind. Idempotent.
    """
    wanted = asked_by(order, None, 0, now)
    lessons = selectors.lessons_of(solicitation.origin)
    chosen = taught(Solicitation(launched_at=solicitation.launched_at, **wanted), lessons)
    was = solicitation.set_aside
    gone = chosen.set_aside - was
    columns = {name: getattr(chosen, name) for name in CHOSEN}
    if any(getattr(solicitation, name) != value for name, value in columns.items()):
        solicitation.keep(**columns)
    asked = solicitation.invitations.exclude(Invitation.TAKEN_BACK)
    asked_of = list(asked.filter(practitioner__in=gone).order_by("pk"))
    for invitation in asked_of:
        invitation.solicitation = solicitation
    for invitation in withdraw_questions(actor, asked_of, now):
        _set_aside(actor, invitation, now)
    for invitation in asked_of:
        if invitation.answer in Invitation.SILENT:
            invitation.taken_back_at = now
            invitation.save(update_fields=["taken_back_at", "updated_at"])
    if chosen.set_aside != was and (solicitation.is_open or _may_go_on(solicitation, now)):
        look_again(solicitation, now, now)
    return solicitation


def _may_go_on(solicitation: Solicitation, now: datetime) -> bool:
    """Open again a search that ran out of phones, in its time, when somebody may be asked now."""
    if not selectors.is_wanted(solicitation, now):
        return False
    _, step = decided(solicitation, now)
    return not isinstance(step, rules.Exhaust) and take_up(solicitation, now)


def _set_aside(actor: Actor, invitation: Invitation, now: datetime) -> None:
    """Take a question back. A yes given while the desk was writing is declined by the person.

    Who did not answer yet has said nothing, and that is kept: a yes that comes takes nothing.
    """
    solicitation, was = invitation.solicitation, invitation.answer
    if was == Answer.ACCEPTED:
        decline_winner(actor=actor, invitation=invitation, now=now)
    if was in (Answer.HELD, Answer.STANDBY, Answer.LATER):
        invitation.settle(Answer.NOT_NEEDED, now)
    if was == Answer.HELD:
        solicitation.keep(state=State.OPEN, held_until=None)
        offer_to_the_next(actor, solicitation, now)
    if was in (Answer.WAITING, Answer.HELD, Answer.STANDBY, Answer.LATER) and solicitation.is_open:
        tell(actor, invitation, "broker.not_needed", now)

"""The mobile of who is on call: given, proved and taken away by its owner."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory.models import CallMobile
from cordee.directory.phones import parse_mobile
from cordee.kernel.errors import DomainError


@action("directory.give_call_mobile", on=None)
def give_call_mobile(*, actor: Actor, mobile: str, now: datetime) -> CallMobile:
    """Keep the number that a code is to prove; one that was proved serves until then.

    Raises DomainError (directory.not_a_mobile).
    """
    number = parse_mobile(mobile)
    if not number:
        raise DomainError(
            "directory.not_a_mobile",
            "Ce numéro n’est pas celui d’un mobile. Rien n’a changé\u00a0: donnez un numéro qui "
            "reçoit des SMS, par exemple 06\u00a012\u00a034\u00a056\u00a078.",
        )
    found, _ = CallMobile.objects.update_or_create(
        account_id=actor.account_id,  # type: ignore[misc]  # the rule wants somebody
        defaults={"asked": number},
    )
    return found


@action("directory.prove_call_mobile", on="mobile")
def prove_call_mobile(
    *, actor: Actor, mobile: CallMobile, number: str, now: datetime
) -> CallMobile:
    """Note that the code sent to a number came back. Messaging issues and checks the code.

    Raises DomainError (directory.mobile_changed_meanwhile).
    """
    if not number or mobile.asked != number:
        raise DomainError(
            "directory.mobile_changed_meanwhile",
            "Le numéro a changé depuis l’envoi du code. Demandez un nouveau code.",
        )
    mobile.number, mobile.proved_at, mobile.asked, mobile.stopped_at = number, now, "", None
    mobile.save()
    return mobile


@action("directory.give_call_mobile", on=None)
def take_call_mobile_away(*, actor: Actor, now: datetime) -> None:
    """Forget one's own number, proved or not. Again does nothing."""
    CallMobile.objects.filter(account=actor.account_id).delete()


@action("directory.give_call_mobile", on=None)
def give_up_asked_mobile(*, actor: Actor, now: datetime) -> None:
    """Forget the number that waits for its code; the one in use stays. Again does nothing."""
    own = CallMobile.objects.select_for_update(of=("self",)).filter(account=actor.account_id)
    mobile = own.first()
    if mobile is None:
        return
    if mobile.number or mobile.stopped_at:
        mobile.asked = ""
        mobile.save()
    else:
        mobile.delete()


@action("directory.forget_call_mobile", on="account")
def forget_call_mobile(*, actor: Actor, account: Account, now: datetime) -> None:
    """Forget the number of an account that is closed. Again does nothing."""
    CallMobile.objects.filter(account=account).delete()


@action("directory.stop_call_mobiles", on=None)
def stop_call_mobiles(*, actor: Actor, number: str, now: datetime) -> None:
    """Honour STOP from a number: nobody on call is texted there until it is proved again.

    When it was stopped is kept, for its owner alone to be told; the number is not. Another number
    that waits for its code is kept: it is another phone.
    """
    stopped = CallMobile.objects.filter(number=number)
    stopped.filter(asked=number).update(asked="")
    stopped.update(number="", proved_at=None, stopped_at=now)

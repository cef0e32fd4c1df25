"""One-time codes: ten minutes, five tries, one purpose, and a phone proved."""

from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.kernel.errors import DomainError
from cordee.messaging import services
from cordee.messaging.models import Message, PhoneCode
from cordee.messaging.postman import outgoing
from cordee.messaging.services import Verdict
from tests.factories.directory import PracticeFactory
from tests.support import NOW, simultaneously, speaking_as

pytestmark = pytest.mark.django_db
TO, ORIGIN = "+33612345678", "broker/invitation/1"


def issue(now=NOW, to=TO, origin=ORIGIN):
    services.issue_phone_code(actor=SYSTEM, to=to, origin=origin, now=now)
    return digits()


def digits():
    last = Message.objects.filter(template="messaging.phone_code").order_by("-pk").first()
    return next(w for w in outgoing(last).text.replace(",", " ").split() if w.strip(".").isdigit())[
        :6
    ]


def check(code, now=NOW, to=TO, origin=ORIGIN):
    return services.check_phone_code(actor=SYSTEM, to=to, origin=origin, code=code, now=now)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_opens_once():
    code = issue()
    assert check(code) is Verdict.RIGHT
    assert check(code) is Verdict.NONE_OPEN


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}{1} ", "{0}-{1}", "{0}.{1}"])
def test_a_code_may_be_typed_with_spaces(typed):
    code = issue()
    assert check(typed.format(code[:3], code[3:])) is Verdict.RIGHT


def test_a_code_is_hidden_in_the_outbox_and_kept_as_a_hash():
    code = issue()
    row = PhoneCode.objects.get()
    message = Message.objects.get()
    assert code not in message.text
    assert code not in str(message.context)
    assert code.encode() not in bytes(row.hash)
    assert len(row.hash) == 32


def test_five_wrong_tries_close_a_code():
    code = issue()
    assert [check(wrong(code)) for _ in range(5)] == [Verdict.WRONG] * 5
    assert check(code) is Verdict.NONE_OPEN


@pytest.mark.django_db(transaction=True)
def test_simultaneous_tries_are_all_counted():
    code = issue()
    verdicts = simultaneously(*[lambda: check(wrong(code)) for _ in range(12)])
    assert sorted(verdicts) == [Verdict.NONE_OPEN] * 7 + [Verdict.WRONG] * 5


def test_a_code_dies_after_ten_minutes():
    code = issue()
    assert check(code, NOW + timedelta(minutes=10, seconds=1)) is Verdict.NONE_OPEN


def test_a_new_code_replaces_the_old_one():
    first, second = issue(), issue(NOW + timedelta(minutes=1))
    if first != second:
        assert check(first, NOW + timedelta(minutes=1)) is Verdict.WRONG
    assert check(second, NOW + timedelta(minutes=1)) is Verdict.RIGHT


@pytest.mark.parametrize("other", [{"to": "+33699999999"}, {"origin": "broker/invitation/2"}])
def test_a_code_is_good_for_its_number_and_purpose_only(other):
    code = issue()
    assert check(code, **other) is Verdict.NONE_OPEN


@pytest.mark.parametrize("typed", ["", "abc", "٤٨٢١", "1" * 5000, "'; --", "💥"])
def test_nonsense_is_a_wrong_code(typed):
    issue()
    assert check(typed) is Verdict.WRONG


def test_codes_are_not_asked_for_without_end():
    for minute in range(3):
        issue(NOW + timedelta(minutes=minute))
    with pytest.raises(DomainError, match="too_many_codes"):
        issue(NOW + timedelta(minutes=3))
    assert issue(NOW + timedelta(minutes=31))


def test_a_number_is_not_flooded_by_changing_the_purpose():
    for purpose in range(6):
        issue(origin=f"x/{purpose}")
    with pytest.raises(DomainError, match="too_many_codes"):
        issue(origin="x/7")


def test_a_code_by_mail_works_the_same():
    services.issue_phone_code(actor=SYSTEM, to="Cabinet@Exemple.fr", origin=ORIGIN, now=NOW)
    assert check(digits(), to="cabinet@exemple.fr") is Verdict.RIGHT


def test_the_right_code_proves_the_mobile_in_the_directory():
    practice = PracticeFactory(mobile=TO)
    nurse = speaking_as(practice.practitioner)
    services.send_mobile_code(actor=nurse, practice=practice, now=NOW)
    code = digits()

    verdict = services.prove_mobile(actor=nurse, practice=practice, code=wrong(code), now=NOW)
    practice.refresh_from_db()
    assert (verdict, practice.mobile_proved_at) == (Verdict.WRONG, None)

    assert (
        services.prove_mobile(actor=nurse, practice=practice, code=code, now=NOW) is Verdict.RIGHT
    )
    practice.refresh_from_db()
    assert practice.mobile_proved_at == NOW

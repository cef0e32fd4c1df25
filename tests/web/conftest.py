"""Somebody who has an account, a password and a role."""

from datetime import date

import pytest

from tests.factories.directory import AccountFactory, MembershipFactory

PASSWORD = "corde neuve en montagne"  # noqa: S105
PAST = date(2026, 1, 1)  # the door reads the clock


@pytest.fixture
def account():
    account = AccountFactory(email="ines@exemple.fr", name="Inès Arnaud")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, since=PAST, role="orienteuse")
    return account

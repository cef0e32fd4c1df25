"""The demonstration is whole: everybody who is printed can sign in, and it loads twice."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import Count

from cordee.access.models import Account
from cordee.directory.models import Membership, Practitioner
from cordee.directory.rules import Window
from cordee.directory.selectors import organization_by_request_code, solicitable
from cordee.people.models import CircleMember, PersonAccount
from cordee.web import demo
from tests.support import NOW, Browser

pytestmark = pytest.mark.django_db


def test_everybody_who_is_printed_has_something_to_do_and_a_second_load_adds_nothing(
    capsys, tmp_path
):
    call_command("demo")
    before = Account.objects.count()
    kept = tmp_path / "accounts.txt"
    call_command("demo", kept=kept)
    assert Account.objects.count() == before

    capsys.readouterr()
    call_command("demo", accounts=True)
    printed = capsys.readouterr().out
    assert kept.read_text() == printed.rstrip("\n")
    assert kept.stat().st_mode & 0o777 == 0o600
    idle = [
        one.email
        for one in demo.CHARACTERS
        if one.email not in printed
        or not (
            Membership.objects.filter(account__email=one.email).exists()
            or Practitioner.objects.filter(account__email=one.email).exists()
            or PersonAccount.objects.filter(account__email=one.email).exists()
        )
    ]
    assert not idle

    usual = CircleMember.objects.get(
        person__birth_name="Lefèvre", person__first_name="Berthe", is_usual_nurse=True
    )
    assert usual.practitioner.account.email == "infirmiere1@exemple.fr"
    asked = solicitable("60", ["injection"], "05132", Window(NOW, NOW + timedelta(days=2)))
    lent = {one.account.email for one in asked if one.account}
    assert lent == set(demo.NURSES)

    codes = re.findall(r"^  (DEMO\d+) +(.+)$", printed, re.MULTILINE)
    assert ("DEMO00003", "Hôpital des Vallées") in codes
    assert all(organization_by_request_code(code).name == name for code, name in codes)

    browser = Browser()
    browser.post("/compte/login/", {"login": "claire@exemple.fr", "password": demo.PASSWORD})
    assert browser.get("/", follow=True).request["PATH_INFO"] == "/a-faire"
    assert not Account.objects.values("email").annotate(n=Count("pk")).filter(n__gt=1)

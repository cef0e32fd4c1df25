"""At every address, what is hidden costs what does not exist: as many statements, the same ones,
in the same order, and the same answer. The time they take at the size of a region is in the bench.
"""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from tests.access.scene import set_scene
from tests.access.test_permission_matrix import addresses, identifiers, statuses
from tests.people.test_no_shadow import asked
from tests.support import Browser

pytestmark = pytest.mark.django_db
OUTSIDE = ("stranger", "former", "elsewhere", "admin", "dpo")
IN_QUESTION = ("pk", "other", "document", "member", "relative", "space", "offer")
KNOWN_OF = ("200", "302", "303", "403", "409", "422")


def opened(scene, column, method, address):
    """What an address asks of the database and answers; nothing of it stays."""
    cache.clear()
    browser = scene.read_by(column)
    with transaction.atomic():
        statements, answer = asked(lambda: getattr(browser, method)(address))
        transaction.set_rollback(True)
    return statements, answer.status_code, len(answer.content)


def perhaps_hidden(column):
    """The addresses about something, and the ways to ask, that are not open to a reader: what is
    there, and theirs to know of, is in the table of permissions, which has its own test."""
    table = statuses()
    for name, wanted in sorted(set(addresses())):
        for method in ("get", "post"):
            status = table.get((name, method.upper()), {}).get(column, "405")
            if "pk" in wanted and status not in (*KNOWN_OF, "405"):
                yield name, wanted, method


@pytest.mark.parametrize("column", OUTSIDE)
def test_at_every_address_the_hidden_asks_and_answers_what_the_absent_does(column):
    scene, compared, wrong = set_scene(), 0, []
    for name, wanted, method in perhaps_hidden(column):
        here = identifiers(name, wanted, scene, column)
        nowhere = {key: uuid4() if key in IN_QUESTION else value for key, value in here.items()}
        absent = opened(scene, column, method, reverse(name, kwargs=nowhere))
        if absent[1] != 404:
            continue  # shut to this reader, whatever the identifier
        hidden = opened(scene, column, method, reverse(name, kwargs=here))
        compared += 1
        if hidden != absent:
            wrong.append(f"{method} {name}: {hidden[1:]} against {absent[1:]}")
    assert compared > 150
    assert not wrong, "\n".join(wrong)


def person_page(scene, column, pk):
    page = reverse("web:person", kwargs={"pk": pk})
    return Browser().as_(scene.actors[column]).get(page).status_code


@pytest.mark.parametrize("took", [0.0092, 0.0113, 0.0612])
def test_what_is_not_there_is_answered_at_a_full_step_whatever_looking_took(
    took, monkeypatch, settings
):
    scene, slept, moments = set_scene(), [], iter((100.0, 100.0 + took))
    clock = SimpleNamespace(perf_counter=lambda: next(moments), sleep=slept.append)
    monkeypatch.setattr("cordee.web.middleware.time", clock)
    settings.NOT_FOUND_STEP = 0.05

    assert person_page(scene, "elsewhere", scene.person.pk) == 404
    assert [round((took + one) % 0.05, 6) for one in slept] in ([0], [0.05])


def test_a_page_that_is_there_waits_for_nothing(monkeypatch, settings):
    scene, slept = set_scene(), []
    monkeypatch.setattr("cordee.web.middleware.time.sleep", slept.append)
    settings.NOT_FOUND_STEP = 0.05

    assert person_page(scene, "coordinator", scene.person.pk) == 200
    assert slept == []

"""At every address, what is hidden costs what does not exist: as many statements, the same ones,
in the same order, and the same answer. The time they take at the size of a region is in the bench.
"""

from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from tests.access.scene import set_scene
from tests.access.test_permission_matrix import addresses, identifiers
from tests.people.test_no_shadow import asked
from tests.support import Browser

pytestmark = pytest.mark.django_db
OUTSIDE = ("stranger", "former", "elsewhere", "admin", "dpo")
IN_QUESTION = ("pk", "other", "document", "member", "relative", "space", "offer")


def opened(scene, column, method, address):
    """What an address asks of the database and answers; nothing of it stays."""
    cache.clear()
    browser = Browser(raise_request_exception=False).as_(scene.actors[column])
    with transaction.atomic():
        statements, answer = asked(lambda: getattr(browser, method)(address))
        transaction.set_rollback(True)
    return statements, answer.status_code, len(answer.content)


@pytest.mark.parametrize("column", OUTSIDE)
def test_at_every_address_the_hidden_asks_and_answers_what_the_absent_does(column):
    scene, compared, wrong = set_scene(), 0, []
    for name, wanted in sorted(set(addresses())):
        if "pk" not in wanted:
            continue
        here = identifiers(name, wanted, scene, column)
        nowhere = {key: uuid4() if key in IN_QUESTION else value for key, value in here.items()}
        for method in ("get", "post"):
            absent = opened(scene, column, method, reverse(name, kwargs=nowhere))
            if absent[1] != 404:
                continue  # shut to this reader, whatever the identifier
            hidden = opened(scene, column, method, reverse(name, kwargs=here))
            if hidden[1] not in (200, 302, 303, 403, 409, 422):  # there, and theirs to know of
                compared += 1
                if hidden != absent:
                    wrong.append(f"{method} {name}: {hidden[1:]} against {absent[1:]}")
    assert compared > 20
    assert not wrong, "\n".join(wrong)

"""Every look at somebody leaves a line that names her: she sees who looked, at whatever address.

Each address is asked by those who get it: as a page, as a panel, as a form that comes back to be
corrected. Whoever is named by the answer, or whom the address is about, a line must name.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from cordee.people.models import Person
from tests.access.scene import Scene, set_scene
from tests.access.test_permission_matrix import addresses, identifiers, statuses
from tests.factories.intake import CareRequestFactory
from tests.factories.pathways import TaskFactory
from tests.support import traces

READERS = ("coordinator", "person", "guest")
SHOWN = {"GET": {"200"}, "POST": {"200", "422"}}
MANY = 150
"""Looks that told of somebody, at least: with fewer, this test would be looking elsewhere."""
SILENT = dict.fromkeys(
    ("liaison:save_draft", "liaison:save_answer"),
    "says at what hour what is being typed was kept, and nothing of anybody",
)
"""What is asked about somebody and leaves no line, and why."""

pytestmark = pytest.mark.django_db


def asked() -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    """Each address, how it is asked and by whom: those of `READERS` who get it, else anybody."""
    table = statuses()
    for name, wanted in sorted(set(addresses())):
        for method, pages in SHOWN.items():
            row = table.get((name, method), {})
            getting = [column for column, status in row.items() if status in pages]
            for column in [one for one in READERS if one in getting] or getting[:1]:
                yield name, wanted, method, column


def answered(
    scene: Scene, name: str, wanted: tuple[str, ...], method: str, column: str
) -> tuple[str, set[UUID], set[UUID]]:
    """What an address says, what it was asked about, and whom the trace names; nothing stays."""
    cache.clear()
    given = identifiers(name, wanted, scene, column)
    ask = getattr(scene.read_by(column), method.lower())
    with transaction.atomic():
        before = len(traces())
        got = ask(reverse(name, kwargs=given))
        content = b"".join(got.streaming_content) if got.streaming else got.content
        looks = [line for line in traces()[before:] if line["kind"] in ("read", "list")]
        transaction.set_rollback(True)
    about = {one for one in given.values() if isinstance(one, UUID)}
    return (
        content.decode(errors="replace").strip(),
        about,
        {pk for line in looks for pk in line["persons"]},
    )


def hers_in(scene: Scene) -> set[UUID]:
    """The person, and the things of the scene that are about her."""
    things = (one for one in scene.things.values() if hasattr(one, "concerned"))
    return {scene.person.pk} | {one.pk for one in things if one.concerned() == scene.person.pk}


def names() -> dict[str, set[UUID]]:
    """Who bears each name."""
    found = defaultdict(set)
    for person in Person.objects.all():
        found[person.birth_name.casefold()].add(person.pk)
    return found


def test_whatever_shows_somebody_leaves_a_line_that_names_her():
    scene = set_scene()
    beside = {"organization": scene.sio, "person": scene.double}
    request = CareRequestFactory(**beside)
    TaskFactory(origin=f"intake/request/{request.pk}", **beside)
    hers, bearing = hers_in(scene), names()
    any_name = re.compile(rf"\b({'|'.join(map(re.escape, bearing))})\b", re.I)
    told, silent = 0, set()
    for one in asked():
        text, about, named = answered(scene, *one)
        shown = [bearing[name.casefold()] for name in set(any_name.findall(text))]
        shown += [{scene.person.pk}] if text and about & hers else []
        told += bool(shown)
        if any(not who & named for who in shown):
            silent.add(one[0])
    assert silent == set(SILENT)
    assert told > MANY, told

"""Every field of every form of every room, filled with what nobody should type.

Each is stored as it was typed and shown as such, or refused with a sentence; nothing breaks.
"""

from collections.abc import Iterator
from itertools import product
from urllib.parse import urlsplit

import pytest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from cordee.access.actor import ANONYMOUS
from cordee.directory.kinds import CareKind
from tests.access.scene import set_scene
from tests.access.test_permission_matrix import addresses, identifiers, statuses
from tests.factories.intake import CareRequestFactory
from tests.support import NOW, Browser
from tests.web.forms_on_pages import Form, forms_in
from tests.web.naughty import STRINGS, Deal, faults

READERS = ("orienteuse", "coordinator", "circle", "home_help", "person", "dpo", "admin", "guest")

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def pages(scene) -> Iterator[tuple[str, str, str]]:
    """Every page and fragment that some reader opens: reader, address, text.

    Who opens what is the table of permissions, which has its own test; a request at another step
    may open what that of the table does not: everything is asked of it.
    """
    table, asked = statuses(), set()
    for reader in READERS:
        gives = {name for (name, how), by in table.items() if how == "GET" and by[reader] == "200"}
        opened = {name for name in gives if not name.startswith("fhir:")}  # for machines: no page
        yield from pages_of(scene, reader, opened, asked)
    desk = {name for name, _ in addresses() if name.startswith("intake:")}
    for request in scene.under_way:
        scene.things["request"] = request
        yield from pages_of(scene, "orienteuse", desk, asked)


def pages_of(scene, reader, names, asked) -> Iterator[tuple[str, str, str]]:
    client = browser_of(scene, reader)
    for name, wanted in sorted(set(addresses())):
        if name not in names:
            continue
        try:
            address = reverse(name, kwargs=identifiers(name, wanted, scene, reader))
        except NoReverseMatch:
            continue
        if (reader, address) in asked:
            continue
        asked.add((reader, address))
        answer = client.get(address)
        if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
            yield reader, address, answer.content.decode()


def forms(scene) -> Iterator[tuple[str, str, Form]]:
    """Each form once, with a reader who may open its page."""
    seen = set()
    for reader, address, text in pages(scene):
        for form in forms_in(text):
            target = urlsplit(form.action or address).path
            try:
                where = resolve(target).view_name
            except Resolver404:
                raise AssertionError(f"{address} has a form to nowhere: {target}") from None
            what = (where, form.method, *sorted({*form.typed, *form.rest}))
            if form.typed and what not in seen:
                seen.add(what)
                yield reader, target, form


def stage():
    """The scene of the permissions, with a practice to describe and requests at every step."""
    scene = set_scene()
    found = {"practitioner": scene.nurse}
    seen = found | {"first_visit_on": NOW.date()}
    steps = {"qualified": {}, "searching": {}, "found": found, "confirmed": seen}
    scene.things["under_way"] = [
        CareRequestFactory(
            organization=scene.sio, person=scene.person, state=state, kind=kind, **more
        )
        for kind, (state, more) in zip(list(CareKind)[2:], steps.items(), strict=False)
    ]
    return scene


def browser_of(scene, reader):
    """The browser of a reader; what breaks is an answer, not an error of the test."""
    browser = Browser(raise_request_exception=False)
    return browser if scene.actors[reader] is ANONYMOUS else browser.as_(scene.actors[reader])


def test_no_field_of_any_form_breaks_or_twists_what_is_typed():
    scene = stage()
    found, tried, wrong, met = [*forms(scene)], 0, [], set()
    deal = Deal(form for _, _, form in found)
    for reader, target, form in found:
        client = browser_of(scene, reader)
        for trial in deal.trials(form):
            tried += 1
            naughty = {name: STRINGS[kind] for name, kind in trial.items()}
            met |= {(form.widgets.get(name), kind) for name, kind in trial.items()}
            wrong += [
                f"{form.method} {resolve(target).view_name} ({reader}), {trial}: {fault}"
                for fault in faults(client, target, form, naughty)
            ]
    assert len(found) > 100
    assert met >= set(product(deal.turns, STRINGS))
    assert not wrong, f"{len(wrong)} of {tried}\n" + "\n".join(wrong)

"""The whole policy on one page: every address of ours, for every kind of reader.

`permissions.txt` is the page. An address missing there fails; so does a status that changed.
When a change is meant: `PERMISSIONS=write pytest tests/access/test_permission_matrix.py`, then read
the difference line by line: it is a change of who may do what.
"""

import os
from inspect import getclosurevars
from pathlib import Path
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.views.decorators.http import require_GET

from tests.access.scene import SECRET, Scene, set_scene

TABLE = Path(__file__).with_name("permissions.txt")
COLUMNS = {
    "out": "logged out; a guess of a link's secret",
    "stranger": "a professional who has nothing to do with the person",
    "circle": "the nurse of the circle of care",
    "former": "a nurse who left the circle",
    "orienteuse": "the desk of the person's territory",
    "coordinator": "a coordinator of that service",
    "cover": "who stands in for the coordinator",
    "elsewhere": "a coordinator of another territory",
    "home_help": "the home help of the circle",
    "person": "the person herself",
    "relative": "a relative with an own space, without her consent",
    "dpo": "the data protection officer",
    "admin": "an administrator",
    "emergency": "a stranger with an open emergency access, looking through it",
    "guest": "who holds the link that was sent",
}
HEAD = """# Who gets what, at each address. Written by test_permission_matrix.py; read it like law.
# 200 page · 302 to the sign-in, or elsewhere · 303 done · 403 forbidden
# 404 does not exist for them · 409 refused by a rule · 400 unreadable
# 422 to correct: gestures are tried with an empty form
# The machine's door (fhir:) answers anybody in FHIR: 401 to nobody, 415 to what is not JSON.
# A system of a partner opens no page: tests/partners and tests/fhir say what it gets.
"""
LIAISON_OF_A_PERSON = (
    *("liaison:person_panel", "liaison:notebook", "liaison:write_for_person"),
    *("liaison:save_draft", "liaison:mark_all_read", "liaison:contact_with_person"),
)
VISITS_OF_A_PERSON = (
    *("vigilance:visits_of_person", "vigilance:mark_for_person", "vigilance:need_for_person"),
)
ALERT_PAGES = (
    *("vigilance:alert", "vigilance:see_alert"),
    *("vigilance:act_on_alert", "vigilance:close_alert"),
)
CLOSELY_PAGES = (
    *("vigilance:reinforced", "vigilance:review_reinforced", "vigilance:end_reinforced"),
)

pytestmark = pytest.mark.django_db


def addresses(resolver=None, namespace=""):
    """Every address of ours: its name, and what it needs to be built."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, pattern.namespace or namespace)
        elif isinstance(pattern, URLPattern) and _ours(pattern):
            name = f"{namespace}:{pattern.name}" if namespace else pattern.name
            named = pattern.pattern.converters or pattern.pattern.regex.groupindex
            yield name, tuple(sorted(named))


def _ours(pattern):
    return getattr(pattern.callback, "__module__", "").startswith("cordee.")


def identifiers(name: str, wanted: tuple[str, ...], scene: Scene, column: str) -> dict[str, object]:
    """What to put in an address so that it speaks of the scene."""
    known: dict[str, object] = {
        "pk": subject_of(name, scene),
        "secret": SECRET if column == "guest" else "G" * 43,
        "gesture": "prendre",
        "before": "aucune",
        "slug": "lisez-moi",
        "urgency": "24h",
        "code": "broker.ask",
        "channel": "sms",
        "version": "2026-11",
        "member": getattr(scene.things.get("member"), "pk", UUID(int=7)),
        "relative": getattr(scene.things.get("relative"), "pk", UUID(int=7)),
    }
    lines = {
        "plans:settle": scene.goal,
        "meetings:settle": scene.decision,
        "meetings:uninvite": scene.seat,
    }
    line = lines.get(name, scene.action)
    known |= {"kind": "action", "line": line.pk, "number": 1}
    known["key"] = "0" * 32 + "-cw1234-0123456789abcdef"
    known["other"] = scene.double.pk
    if name == "protocols:compare":
        known["other"] = scene.protocol.pk
    known["questionnaire"] = scene.instrument.pk
    known["space"] = scene.own_space.pk
    known["offer"] = scene.offered_space.pk
    known["organization"] = scene.sio.pk
    known["who"] = "equipe"
    known["type_name"] = "Patient"
    if name == "fhir:document":
        known["document"] = scene.letter.pk
    if name == "fhir:version":
        known["code"] = "1"
    if name == "fhir:operation":
        known["name"] = "everything"
    return {key: known.get(key, UUID(int=7)) for key in wanted}


def subject_of(name: str, scene: Scene) -> UUID:
    """The thing of the scene that an address is about."""
    special = {
        "people:compare": "pair",
        "people:merge": "pair",
        "people:tell_apart": "pair",
        "people:judge_again": "pair",
        "people:merged": "merge",
        "people:undo_merge": "merge",
        "intake:document": "document",
        "broker:first_visit": "invitation",
        "broker:take_offer": "invitation",
        "broker:withdrawal": "invitation",
        "broker:dismiss": "invitation",
        "broker:reply": "invitation",
        "broker:won": "invitation",
        "broker:own_visit": "invitation",
        "broker:give_up": "invitation",
        "broker:send_link": "invitation",
        "web:own_documents": "invitation",
        "web:own_document": "invitation",
        "pathways:handed_over": "hand_over",
        "pathways:dose_of_person": "person",
        "liaison:take_back_contact": "contact",
        "plans:open_for_person": "person",
        "plans:begin_action": "person",
        "plans:begun": "action",
        **dict.fromkeys(LIAISON_OF_A_PERSON, "person"),
        **dict.fromkeys(VISITS_OF_A_PERSON, "person"),
        "vigilance:revoke": "phone",
        **dict.fromkeys(ALERT_PAGES, "alert"),
        **dict.fromkeys(CLOSELY_PAGES, "reinforced"),
        "vigilance:reinforce": "person",
        "vigilance:ask_equipment": "person",
        "vigilance:try_action": "person",
        "vigilance:equipment": "equipment",
        "vigilance:move_equipment": "equipment",
        "vigilance:answer_safety": "safety",
        "vigilance:trial": "trial",
        "vigilance:review_trial": "trial",
        "vigilance:answer_aside": "refused_visit",
        "plans:action": "action",
        "protocols:enter": "person",
        "protocols:rupture": "rupture",
        "meetings:call_for_person": "person",
        "meetings:reflect_on_person": "person",
        "meetings:decision": "decision",
        "meetings:dilemma": "dilemma",
        "meetings:rewrite_dilemma": "dilemma",
        "meetings:write": "meeting",
        "meetings:decide": "meeting",
        "meetings:settle": "meeting",
        "meetings:minutes": "meeting",
        "web:person": "person",
        "web:spaces_panel": "person",
        "web:offer_space": "person",
        "web:withdraw_space": "person",
        "web:close_space": "person",
        "web:account": "account_orienteuse",
        "web:give_role": "account_orienteuse",
        "web:revoke": "account_orienteuse",
        "web:close_sessions": "account_orienteuse",
        "web:ask_reset": "account_orienteuse",
        "partners:take_back": "grant",
        "partners:open_beside": "person",
        "partners:retry": "undelivered",
        "partners:give_up": "undelivered",
        "directory:organization": "sio",
        "directory:organization_roster": "sio",
        "directory:organization_sectors": "sio",
        "directory:add_contact": "sio",
        "directory:change_organization": "sio",
        "directory:create_pole": "sio",
        "directory:cover": "sio",
        "directory:territory": "territory",
        "directory:rename_territory": "territory",
        "directory:close_territory": "territory",
        "directory:pole": "pole",
        "directory:close_pole": "pole",
        "directory:sector": "sector",
        "directory:withdraw_moments": "hours",
        "directory:hand_sector": "sector",
        "directory:rename_sector": "sector",
        "directory:close_sector": "sector",
    }
    usual = {
        "people": "person",
        "assessments": "person",
        "intake": "request",
        "broker": "search",
        "pathways": "task",
        "plans": "plan",
        "vigilance": "visit",
        "protocols": "protocol",
        "meetings": "planned",
        "liaison": "note",
        "fhir": "person",
        "directory": "nurse",
        "partners": "partner",
    }
    if name.endswith("person_panel"):
        return scene.person.pk
    thing = special.get(name) or next(
        (found for start, found in THINGS.items() if name.startswith(start)),
        usual.get(name.split(":")[0]),
    )
    return getattr(scene.things.get(thing), "pk", UUID(int=7))


# Addresses that speak of something else than what their room usually speaks of, by their beginning.
THINGS = {
    "assessments:questionnaire": "instrument",
    "assessments:publish": "proposed",
    "assessments:retire": "instrument",
    "assessments:compare": "instrument",
    "assessments:result": "evaluation",
    "assessments:correct": "evaluation",
    "assessments:withdraw": "evaluation",
    "assessments:team": "evaluation",
    "assessments:settle": "evaluation",
    "assessments:fill": "unfinished",
    "assessments:save": "unfinished",
    "assessments:complete": "unfinished",
    "assessments:discard": "unfinished",
    "assessments:part": "asked_part",
    "assessments:begin_part": "asked_part",
    "assessments:end_part": "asked_part",
    "protocols:edit": "unfinished_protocol",
    "protocols:propose": "unfinished_protocol",
    "protocols:discard": "unfinished_protocol",
    "protocols:approve": "proposed_protocol",
    "protocols:send_back": "proposed_protocol",
    "protocols:version": "proposed_protocol",
    "protocols:pathway": "pathway",
    "protocols:leave": "pathway",
    "protocols:migrate": "pathway",
    "intake:draft": "draft",
    "intake:begin": "draft",
    "intake:begun": "draft",
    "intake:save": "draft",
    "intake:summary": "draft",
    "intake:samu": "draft",
    "intake:attach": "draft",
    "intake:discard": "draft",
    "intake:take_draft": "draft",
    "intake:restore": "draft",
    "intake:sign_grid": "grid",
    "intake:retire_grid": "grid",
}


def answer(scene: Scene, column: str, method: str, name: str, wanted: tuple[str, ...]):
    """What one kind of reader gets; nothing of it stays."""
    cache.clear()
    browser = scene.read_by(column)
    address = reverse(name, kwargs=identifiers(name, wanted, scene, column))
    with transaction.atomic():
        got = getattr(browser, method.lower())(address)
        transaction.set_rollback(True)
    return got


def says_it_is_fictitious(got) -> bool:
    """A whole page warns, in a demonstration, that nobody in it exists."""
    is_page = got.status_code == 200 and got.get("Content-Type", "").startswith("text/html")
    return not is_page or "<html" not in got.text or "Données fictives" in got.text


def takes(address: str, method: str) -> bool:
    """Whether who asks may matter to a method: a view whose outermost door is that of Django for
    methods refuses the others to anybody, before it reads anything."""
    view = resolve(address).func
    door = view.__code__ is require_GET(view).__code__
    return not door or method in getclosurevars(view).nonlocals["request_method_list"]


def table_of(scene: Scene) -> tuple[list[str], list[str]]:
    """One line per address and method, and the pages that do not say that they are fictitious."""
    lines, silent = [], []
    for name, wanted in sorted(set(addresses())):
        address = reverse(name, kwargs=identifiers(name, wanted, scene, "stranger"))
        for method in ("GET", "POST"):
            if not takes(address, method):
                assert answer(scene, "stranger", method, name, wanted).status_code == 405, name
                continue
            answers = [answer(scene, column, method, name, wanted) for column in COLUMNS]
            silent += [f"{name} {method}" for one in answers if not says_it_is_fictitious(one)]
            row = [one.status_code for one in answers]
            signed_in = row[1:-1]
            if any(status != 405 for status in signed_in):
                cells = " ".join(f"{status:>11}" for status in row)
                lines.append(f"{name:<36} {method:<4} {cells}")
    return lines, silent


def written(lines: list[str]) -> str:
    """The page as it is kept."""
    explained = "\n".join(f"# {name:<12} {meaning}" for name, meaning in COLUMNS.items())
    names = " ".join(f"{name:>11}" for name in COLUMNS)
    return f"{HEAD}{explained}\n\n{'address':<36} how  {names}\n" + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def kept():
    """The page as it stands."""
    return TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""


def test_every_address_answers_each_reader_as_the_table_says(kept):
    lines, silent = table_of(set_scene())
    assert not silent, "\n".join(sorted(set(silent)))
    if os.environ.get("PERMISSIONS") == "write":
        TABLE.write_text(written(lines), encoding="utf-8")
        return
    expected = {tuple(line.split()[:2]): line.split()[2:] for line in _rows(kept)}
    found = {tuple(line.split()[:2]): line.split()[2:] for line in lines}
    wrong = [
        f"{' '.join(row)} · {column}: {is_} instead of {should}"
        for row, statuses in found.items()
        for column, is_, should in zip(
            COLUMNS, statuses, expected.get(row, ["missing"] * len(COLUMNS)), strict=True
        )
        if is_ != should
    ]
    wrong += [
        f"{' '.join(row)} is in the table and nowhere else" for row in expected if row not in found
    ]
    assert not wrong, "\n".join(wrong)


def test_no_address_breaks_for_anybody(kept):
    broken = [line for line in _rows(kept) if " 500" in line]
    assert not broken, "\n".join(broken)


def test_a_stranger_is_given_nothing_about_a_person(kept):
    """What the circle may open, a stranger and a former member may not even know of."""
    names = list(COLUMNS)
    about = [line.split() for line in _rows(kept) if "person" in line.split()[0]]
    assert about
    for row in about:
        statuses = dict(zip(names, row[2:], strict=True))
        assert {statuses[name] for name in ("stranger", "former", "elsewhere", "admin")} <= {
            "403",
            "404",
            "405",
        }, row[0]


def statuses() -> dict[tuple[str, str], dict[str, str]]:
    """What each reader gets at each address, by GET and by POST, as the page says."""
    lines = (line.split() for line in _rows(TABLE.read_text(encoding="utf-8")))
    return {(one[0], one[1]): dict(zip(COLUMNS, one[2:], strict=True)) for one in lines}


def _rows(kept):
    return [line for line in kept.splitlines() if line and not line.startswith(("#", "address "))]

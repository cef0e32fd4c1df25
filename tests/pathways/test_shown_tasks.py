"""The view that the worklist reads is under the second lock: what the tables hide, it hides."""

from dataclasses import replace

import pytest
from django.db import connection

from cordee.access.actor import ANONYMOUS, SYSTEM, Origin
from cordee.access.sight import seen_by
from cordee.pathways.models import GateTask, ShownTask, Task
from cordee.people import services
from cordee.people.models import CircleMember, Person
from cordee.people.policy import followed_in_silence
from cordee.people.rules.processing import Basis, Purpose, Will
from cordee.people.rules.sharing import Audience, Category, Choice, Medium
from cordee.people.services import Chosen, Told
from tests.access.scene import set_scene
from tests.factories.pathways import TaskFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db


def shares(category, choice, media=tuple(Medium)):
    def arrange(scene):
        services.inform(actor=SYSTEM, person=scene.person, told=Told(), now=NOW)
        chosen = Chosen(choice, category, Audience.COORDINATION, media)
        services.choose_sharing(
            actor=SYSTEM, person=scene.person, chosen=chosen, told=Told(), now=NOW
        )

    return arrange


def wills(will):
    def arrange(scene):
        services.choose_processing(
            actor=SYSTEM,
            person=scene.person,
            purpose=Purpose.COORDINATION,
            will=will,
            told=Told(),
            now=NOW,
        )

    return arrange


def asks_consent(scene):
    services.set_basis(
        actor=scene.actors["dpo"], purpose=Purpose.COORDINATION, basis=Basis.CONSENT, now=NOW
    )


def leaves_the_team(scene):
    with arranging():
        CircleMember.objects.filter(person=scene.person).update(until=NOW)


def is_in_the_circle_alone(scene):
    with arranging():
        CircleMember.objects.filter(person=scene.person).update(ground="")


def was_merged(scene):
    """Into somebody whom the team does not follow: the name is no longer theirs to read."""
    other = PersonFactory(birth_name="Ailleurs", territory=scene.there.territory)
    with arranging():
        Person.objects.filter(pk=scene.person.pk).update(merged_into=other)


LIVES = {
    "followed": lambda scene: None,
    "opposed to coordination": shares(Category.COORDINATION, Choice.OPPOSED),
    "opposed to her name": shares(Category.IDENTITY, Choice.OPPOSED),
    "opposed to software": shares(Category.COORDINATION, Choice.OPPOSED, (Medium.SYSTEM,)),
    "agreed": shares(Category.COORDINATION, Choice.CONSENTED),
    "refused": wills(Will.REFUSED),
    "accepted": wills(Will.ACCEPTED),
    "asked for consent": asks_consent,
    "left": leaves_the_team,
    "without a ground": is_in_the_circle_alone,
    "merged": was_merged,
}


def readers(scene):
    """Those of the scene, on their screens, and one read for by software."""
    coordinator = scene.actors["coordinator"]
    return scene.actors | {"software": replace(coordinator, origin=Origin.FHIR)}


def set_tasks(scene):
    """Every kind of task of two desks: about her, about somebody else, about nobody, reserved."""
    unknown = PersonFactory(birth_name="Inconnue", territory=scene.sio.territory)
    near = PersonFactory(birth_name="Voisine", territory=scene.sio.territory)
    joins_circle(near, organization=scene.sio, since=NOW)
    for desk in (scene.sio, scene.there, scene.help_service):
        for person in (scene.person, unknown, near, None):
            TaskFactory(organization=desk, person=person)
        TaskFactory(organization=desk, person=scene.person, role="dpo")


def shown_by_the_tables():
    return set(Task.objects.values_list("pk", "person_id", "person__birth_name", "person__sex"))


def shown_by_the_view():
    return set(ShownTask.objects.values_list("pk", "person", "birth_name", "sex"))


@pytest.mark.parametrize("life", LIVES)
def test_each_reader_is_shown_by_the_view_what_the_tables_show(life):
    scene = set_scene()
    set_tasks(scene)
    LIVES[life](scene)
    met = set()
    for name, one in (readers(scene) | {"nobody": ANONYMOUS}).items():
        with seen_by(one):
            tables, view = shown_by_the_tables(), shown_by_the_view()
        assert view == tables, name
        met |= {bool(tables), any(row[2] for row in tables)}
    assert met == {True, False}  # some are shown a name, some are shown nothing


@pytest.mark.parametrize("life", LIVES)
def test_each_reader_is_given_the_lines_of_the_tasks_they_may_see(life):
    scene = set_scene()
    set_tasks(scene)
    LIVES[life](scene)
    for name, one in readers(scene).items():
        tasks = set(Task.objects.visible_to(one).values_list("pk", flat=True))
        for lines in (GateTask, ShownTask):
            assert set(lines.objects.visible_to(one).values_list("pk", flat=True)) == tasks, name


@pytest.mark.parametrize(
    ("life", "is_silent"),
    [("followed", True), ("opposed to her name", False), ("agreed", False), ("accepted", False)]
    + [("asked for consent", False), ("left", False), ("without a ground", False)],
)
def test_whom_the_team_follows_in_silence_said_nothing(life, is_silent):
    """What is looked at first is a yes that nobody needs to look further into."""
    scene = set_scene()
    set_tasks(scene)
    LIVES[life](scene)
    of_silent = followed_in_silence("person")(scene.actors["coordinator"])
    assert GateTask.objects.filter(of_silent, person=scene.person.pk).exists() is is_silent
    assert not GateTask.objects.filter(
        followed_in_silence("person")(scene.actors["circle"])
    ).exists()


def test_what_her_choice_hides_is_hidden_by_the_view():
    """That both agree proves nothing if both show her."""
    scene = set_scene()
    set_tasks(scene)
    coordinator = scene.actors["coordinator"]
    with seen_by(coordinator):
        before = {row[2] for row in shown_by_the_view()}
    shares(Category.COORDINATION, Choice.OPPOSED)(scene)
    with seen_by(coordinator):
        after = {row[2] for row in shown_by_the_view()}
    assert before - after == {"Grandidier"}


def test_the_house_and_a_gesture_read_every_task():
    set_tasks(set_scene())
    assert len(shown_by_the_view()) == Task.objects.count()
    with seen_by(ANONYMOUS), arranging():
        assert len(shown_by_the_view()) == Task.objects.count()


def test_nothing_is_written_through_the_view():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('pathways_shown_task', 'INSERT, UPDATE, DELETE')"
        )
        assert cursor.fetchone() == (False,)

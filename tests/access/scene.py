"""One scene for the whole policy: a person, those around her, and those who are not."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from cordee.access import policy
from cordee.access.actor import ANONYMOUS, Actor, Purpose, Role
from cordee.directory.models import Cover
from cordee.people.models import Candidate, CircleMember, EmergencyGrant, Merge, MergeStep, Person
from cordee.web.models import SpaceInvitation
from tests.factories.assessments import AskedPartFactory, QuestionnaireFactory, ResponseFactory
from tests.factories.broker import InvitationFactory, SolicitationFactory
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    MomentSettingFactory,
    OrganizationFactory,
    PoleFactory,
    PracticeFactory,
    PractitionerFactory,
    SectorFactory,
)
from tests.factories.followed import pathway_followed
from tests.factories.intake import CareRequestFactory, DraftFactory, TriageVersionFactory
from tests.factories.kept import document_kept
from tests.factories.liaison import notebook_of
from tests.factories.meetings import dilemma_of, meeting_held, meeting_planned
from tests.factories.partners import allowed_by, not_delivered_to
from tests.factories.pathways import HandOverFactory, TaskFactory
from tests.factories.people import (
    InformationFactory,
    MemberFactory,
    PersonAccountFactory,
    PersonFactory,
    RelativeFactory,
    StayFactory,
    joins_circle,
)
from tests.factories.plans import plan_under_way
from tests.factories.protocols import ProtocolVersionFactory
from tests.factories.vigilance import safety_of, visits_at_home
from tests.support import PARIS, Browser, actor, arranging

SINCE = datetime(2026, 1, 5, 9, tzinfo=PARIS)
SECRET = "S" * 43


@dataclass
class Scene:
    """The person, the things that hang from her, and the actors by the name of their column."""

    things: dict[str, Any] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    def __getattr__(self, name: str) -> Any:
        return self.things[name]

    def read_by(self, column: str) -> Browser:
        """The browser of a reader, who has just opened it: made once, as the house is for all of
        them, since what each page crosses would else be made anew for each of thousands."""
        self.browser.cookies.clear()
        return self.browser.as_(self.actors[column])


def tables_of_the_house() -> list[type[Model]]:
    """Every table that has a scope; a test may have declared one more, which is not ours."""
    return [model for model in policy._scopes if model.__module__.startswith("cordee.")]


def set_scene() -> Scene:
    """Everybody of the matrix, once."""
    scene = Scene()
    _house(scene)
    _circle(scene)
    _team(scene)
    _own_space(scene)
    _under_way(scene)
    _evaluated(scene)
    _planned(scene)
    _written(scene)
    _watched(scene)
    _met(scene)
    _noted(scene)
    _visited(scene)
    _alike(scene)
    _by_machine(scene)
    return scene


def _house(scene: Scene) -> None:
    sio = OrganizationFactory(name="SIO du Champsaur")
    there = OrganizationFactory(name="SIO de Thau")
    help_service = OrganizationFactory(
        name="Aide du Champsaur", kind="home_help", territory=sio.territory
    )
    person = PersonFactory(birth_name="Grandidier", territory=sio.territory)
    joins_circle(person, organization=sio, since=SINCE)
    joins_circle(person, organization=help_service, role=CircleMember.Role.HOME_HELP, since=SINCE)
    scene.things |= {"sio": sio, "there": there, "help_service": help_service, "person": person}
    scene.things["hours"] = MomentSettingFactory()


def _circle(scene: Scene) -> None:
    nurse, former, stranger = (_practising() for _ in range(3))
    StayFactory(person=scene.person)
    scene.things["member"] = MemberFactory(
        person=scene.person, practitioner=nurse["practitioner"], since=SINCE
    )
    MemberFactory(
        person=scene.person,
        practitioner=former["practitioner"],
        since=SINCE,
        until=SINCE.replace(month=2),
    )
    scene.things["nurse"] = nurse["practitioner"]
    scene.actors |= {
        "out": ANONYMOUS,
        "stranger": _speaking(stranger),
        "circle": _speaking(nurse),
        "former": _speaking(former),
        "emergency": _speaking(stranger, purpose=Purpose.EMERGENCY),
    }
    now = timezone.now()
    with arranging(now):
        EmergencyGrant.objects.create(
            person=scene.person,
            account_id=scene.actors["emergency"].account_id,
            profession="60",
            motive="unconscious",
            words="Trouvée inconsciente",
            opened_at=now,
            expires_at=now + timedelta(hours=2),
        )


def _practising() -> dict[str, Any]:
    account = AccountFactory()
    return {"account": account, "practitioner": PractitionerFactory(account=account)}


def _speaking(somebody: dict[str, Any], purpose: Purpose = Purpose.CARE) -> Actor:
    practitioner = somebody["practitioner"]
    return Actor(
        role=Role.PRACTITIONER,
        account_id=somebody["account"].pk,
        name=somebody["account"].name,
        practitioner_id=practitioner.pk,
        profession=practitioner.profession,
        purpose=purpose,
    )


def _team(scene: Scene) -> None:
    def working(role: str, organization: Any) -> Actor:
        member = MembershipFactory(role=role, organization=organization, since=SINCE.date())
        scene.things.setdefault(f"account_{role}", member.account)
        return actor(
            Role(role), organization, account_id=member.account_id, name=member.account.name
        )

    scene.actors |= {
        "orienteuse": working("orienteuse", scene.sio),
        "coordinator": working("coordinator", scene.sio),
        "cover": working("coordinator", scene.sio),
        "elsewhere": working("coordinator", scene.there),
        "home_help": working("home_help", scene.help_service),
        "dpo": working("dpo", scene.sio),
        "admin": working("administrator", scene.sio),
    }
    with arranging(SINCE):
        Cover.objects.create(
            absent=scene.account_coordinator,
            cover_id=scene.actors["cover"].account_id,
            since=SINCE,
        )


def _own_space(scene: Scene) -> None:
    own = PersonAccountFactory(person=scene.person, since=SINCE)
    relative = RelativeFactory(person=scene.person)
    near = PersonAccountFactory(person=scene.person, relative=relative, since=SINCE)
    scene.things |= {"relative": relative, "own_space": near}
    with arranging():
        scene.things["offered_space"] = SpaceInvitation.objects.create(
            person=scene.person,
            relative=RelativeFactory(person=scene.person),
            email="proche@exemple.fr",
            proved_how="pièce vue au domicile",
            organization=scene.sio,
            invited_by=scene.account_orienteuse,
            invited_as="orienteuse",
            link_hash=hashlib.sha256(SECRET.encode()).digest(),
            expires_at=timezone.now() + timedelta(days=7),
        )
    for name, role, space in (("person", Role.PERSON, own), ("relative", Role.RELATIVE, near)):
        scene.actors[name] = Actor(
            role=role,
            account_id=space.account_id,
            person_ids=frozenset({scene.person.pk}),
            purpose=Purpose.OWN,
        )
    scene.actors["guest"] = ANONYMOUS


def _written(scene: Scene) -> None:
    """Protocols of the service, at each stage; the coordinator wrote them."""
    author = scene.account_coordinator
    about = {"organization": scene.sio, "author": author}
    scene.things |= {
        "protocol": ProtocolVersionFactory(**about),
        "unfinished_protocol": ProtocolVersionFactory(draft=True, **about),
        "proposed_protocol": ProtocolVersionFactory(proposed=True, **about),
    }


def _under_way(scene: Scene) -> None:
    request = CareRequestFactory(organization=scene.sio, person=scene.person)
    search = SolicitationFactory(
        origin=f"intake/request/{request.pk}", organization=scene.sio, person=scene.person
    )
    invitation = InvitationFactory(
        solicitation=search,
        practitioner=scene.nurse,
        phone=PracticeFactory(practitioner=scene.nurse, solicitable=True).mobile,
        link_hash=hashlib.sha256(SECRET.encode()).digest(),
    )
    task = TaskFactory(
        organization=scene.sio, person=scene.person, origin=f"intake/request/{request.pk}"
    )
    draft = DraftFactory(organization=scene.sio, account=scene.account_orienteuse)
    grid = TriageVersionFactory(organization=scene.sio)
    scene.things |= {
        "request": request,
        "search": search,
        "invitation": invitation,
        "task": task,
        "hand_over": HandOverFactory(organization=scene.sio),
        "draft": draft,
        "grid": grid,
        "territory": scene.sio.territory,
        "pole": PoleFactory(organization=scene.sio),
        "sector": SectorFactory(organization=scene.sio),
    }


def _evaluated(scene: Scene) -> None:
    """What the coordinator completed about her, and has under way; an edition still to publish."""
    author = scene.account_coordinator
    InformationFactory(person=scene.person, since=SINCE)  # care is read by who was told of it
    instrument = QuestionnaireFactory()
    about = {"person": scene.person, "questionnaire": instrument, "author": author}
    scene.things |= {
        "instrument": instrument,
        "proposed": QuestionnaireFactory(status="draft", published_at=None),
        "evaluation": ResponseFactory(organization=scene.sio, **about),
        "unfinished": ResponseFactory(draft=True, **about),
        "asked_part": AskedPartFactory(
            person=scene.person, questionnaire=instrument, guest=author, organization=scene.sio
        ),
    }


def _planned(scene: Scene) -> None:
    """A plan under way, with one of each line, and what is protected beside what is not."""
    account = scene.account_coordinator
    plan = plan_under_way(scene.person, scene.sio, account, scene.member)
    action = plan.activity_lines.get(category="coordination")
    scene.things |= {"plan": plan, "action": action, "goal": action.goal}


def _watched(scene: Scene) -> None:
    """A pathway under way, with something that is late on it."""
    pathway = pathway_followed(scene.person, scene.sio, scene.account_coordinator)
    scene.things |= {"pathway": pathway, "rupture": pathway.ruptures.get()}


def _met(scene: Scene) -> None:
    """A meeting that was held and one to come; a dilemma of the coordinator and of the nurse."""
    account = scene.account_coordinator
    held = meeting_held(scene.person, scene.sio, account, scene.member)
    planned = meeting_planned(scene.person, scene.sio, account)
    nurse = scene.nurse.account
    scene.things |= {
        "meeting": held,
        "planned": planned,
        "decision": held.decisions.get(category="coordination"),
        "seat": planned.seats.get(),
        "dilemma": dilemma_of(scene.person, account, nurse, organization=scene.sio),
    }


def _noted(scene: Scene) -> None:
    """A notebook, with what is protected beside what is not; the coordinator wrote it."""
    author, reader = scene.account_coordinator, scene.nurse.account
    scene.things["note"] = notebook_of(scene.person, author, scene.sio, reader)
    scene.things["contact"] = scene.person.contacts.get()


def _visited(scene: Scene) -> None:
    """A visit to come and one that was marked, by the home help of her circle."""
    helper = scene.account_home_help
    visit = visits_at_home(scene.person, scene.help_service, helper)
    scene.things |= {
        "visit": visit,
        "phone": visit.device,
        "refused_visit": visit.device.refused.get(),
        "alert": visit.alerts.get(),
        "reinforced": scene.person.reinforced.get(),
        "equipment": scene.person.equipment.get(),
        "trial": scene.person.trials.get(),
        "safety": safety_of(scene.help_service, helper),
    }


def _by_machine(scene: Scene) -> None:
    """An application that the coordinator lets act for her, about the person."""
    grant = allowed_by(scene.account_coordinator, scene.person)
    scene.things |= {"grant": grant, "partner": grant.client}
    scene.things["undelivered"] = not_delivered_to(grant)
    scene.things["letter"] = document_kept(scene.person, grant.client.contact)


def _alike(scene: Scene) -> None:
    """Somebody who may be the same person, and a record that hers has absorbed."""
    double, absorbed = (
        PersonFactory(birth_name="Grandidiet", territory=scene.sio.territory) for _ in range(2)
    )
    joins_circle(double, organization=scene.sio, since=SINCE)
    alike = {"weight": 3.0, "probability": 0.9, "reasons": ["nom proche"]}
    with arranging(SINCE):
        pair, judged = (
            Candidate.objects.create(one=scene.person, other=other, **alike)
            for other in (double, absorbed)
        )
        merge = Merge.objects.create(
            survivor=scene.person, absorbed=absorbed, candidate=judged, merged_at=SINCE
        )
        MergeStep.objects.create(
            merge=merge, order=0, table="people_person", row=absorbed.pk, before={}, after={}
        )
        Candidate.objects.filter(pk=judged.pk).update(state="merged")
        Person.objects.filter(pk=absorbed.pk).update(merged_into=scene.person)
    scene.things |= {"double": double, "pair": pair, "merge": merge}

"""Who reads what requests and searches say of care: reader by reader, row by row, by both locks.

The rows are every table of `intake` and `broker` that has a clinical column.
"""

import pytest
from django.apps import apps
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.policy import visible
from cordee.access.records import Record
from cordee.access.sight import seen_by
from cordee.broker.rules import hash_of
from cordee.directory.models import Organization
from cordee.intake.models import CareRequest, Document, Hold, Telling, TriageAnswer
from cordee.people.rules.sharing import Audience, Category, Medium
from tests.broker.test_link import SECRET, identified
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.intake import CareRequestFactory, DraftFactory, TriageVersionFactory
from tests.factories.people import InformationFactory, PersonFactory, SharingFactory, joins_circle
from tests.support import NOW, Browser, actor, arranging, coordinator_of, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db
CLINICAL = {
    model.__name__
    for model in apps.get_models()
    if model._meta.app_label in ("intake", "broker")
    if issubclass(model, Record) and model.privacy.clinical
}
OF_A_REQUEST = {"CareRequest", "Draft", "Hold", "Document", "Telling", "TriageAnswer"}
WON = {"CareRequest", "Document"}
SEARCH = {"Solicitation"}
EVERYTHING = OF_A_REQUEST | SEARCH
# What the person said → reader → what they read of what has ended. Whoever is not named reads
# nothing, ever.
ENDED = {
    "nothing": {"desk": EVERYTHING, "desk coordinator": EVERYTHING, "winner": WON},
    "informed": {
        "desk": EVERYTHING,
        "desk coordinator": EVERYTHING,
        "winner": WON,
        "other team": SEARCH,
    },
    "opposed to coordination": {"winner": WON},
    "opposed to health": {
        "desk": EVERYTHING,
        "desk coordinator": EVERYTHING,
        "other team": SEARCH,
    },
}
# While it is under way, its desk carries it whatever was said of care.
LIVE = {
    said: read | {"desk": EVERYTHING, "desk coordinator": EVERYTHING}
    for said, read in ENDED.items()
}


def test_each_clinical_table_of_the_two_rooms_is_decided_here():
    assert CLINICAL == EVERYTHING


@pytest.fixture
def scene():
    """Berthe, the desk that received her request, the nurse who came, and everybody around."""
    sio, other = OrganizationFactory(), OrganizationFactory()
    person = PersonFactory(territory=sio.territory)
    winner = nurse()
    joins_circle(person, practitioner=winner)
    joins_circle(person, organization=other)
    help_service, hospital = OrganizationFactory(kind="home_help"), OrganizationFactory()
    joins_circle(person, organization=help_service, role="home_help")
    joins_circle(person, organization=hospital, role="hospital")
    colleague, social_worker = PractitionerFactory(), PractitionerFactory(profession="41")
    for one in (colleague, social_worker):
        joins_circle(person, practitioner=one)
    stranger = OrganizationFactory(territory=sio.territory)
    mine = {"account_id": AccountFactory().pk, "person_ids": frozenset({person.pk})}
    return {
        "person": person,
        "sio": sio,
        "winner": winner,
        "readers": {
            "desk": orienteuse_of(sio),
            "desk coordinator": coordinator_of(sio),
            "other team": coordinator_of(other),
            "winner": speaking_as(winner),
            "colleague": speaking_as(colleague),
            "social worker": speaking_as(social_worker),
            "home help": actor(Role.HOME_HELP, help_service),
            "hospital": actor(Role.HOSPITAL, hospital, profession="10"),
            "desk of the same territory": orienteuse_of(stranger),
            "person": actor(Role.PERSON, **mine),
        },
    }


def say(person, said):
    """What the person said of her care, informed of it or not."""
    if said != "nothing":
        InformationFactory(person=person)
    if said.startswith("opposed"):
        audience = Audience(said.split()[-1])
        SharingFactory(person=person, category=Category.CARE, audience=audience)


def under_way(scene, *, ended):
    """A request and all that hangs from it, with the search that found somebody."""
    sio, person = scene["sio"], scene["person"]
    request = CareRequestFactory(
        organization=sio,
        person=person,
        practitioner=scene["winner"],
        state="closed" if ended else "found",
        found_at=NOW,
        confirmed_at=NOW if ended else None,
        ended_at=NOW if ended else None,
        told_at=NOW if ended else None,
        first_visit_on=NOW.date() if ended else None,
    )
    draft = DraftFactory(organization=sio, person=person, request=request, ended_at=NOW)
    search = SolicitationFactory(
        origin=f"intake/request/{request.pk}",
        organization=sio,
        person=person,
        arrival_notes="Adresse : chez sa fille",
        visit_notes="Chien à attacher",
        is_carried=not ended,
        state="confirmed" if ended else "filled",
        first_visit_at=NOW if ended else None,
    )
    account = AccountFactory()
    with arranging():
        hanging = [
            Document.objects.create(
                request=request, name="o.pdf", media_type="application/pdf", pages=1, size=4,
                sha256="0" * 64, content=b"%PDF",
            ),
            Telling.objects.create(
                request=request, at=NOW, by_account=account,
                how="call", result="reached", about="found",
            ),
            TriageAnswer.objects.create(
                request=request, triage_version=TriageVersionFactory(organization=sio), answers={}
            ),
            Hold.objects.create(
                request=request, held_at=NOW, held_by=account, released_at=NOW,
                released_by=account, release_reason="Rappelée",
            ),
        ]  # fmt: skip
    return {type(one).__name__: one for one in (request, draft, search, *hanging)}


def read_by(reader, rows):
    """What each lock alone lets a reader see of these rows."""
    first = {
        name for name, row in rows.items()
        if visible(type(row)._base_manager.filter(pk=row.pk), reader).exists()
    }  # fmt: skip
    with seen_by(reader):
        second = {
            name for name, row in rows.items() if type(row)._base_manager.filter(pk=row.pk).exists()
        }
    return first, second


@pytest.mark.parametrize("said", ENDED)
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "under way"])
def test_care_is_read_by_whom_it_was_entrusted_to(scene, said, ended):
    rows = under_way(scene, ended=ended)
    say(scene["person"], said)
    expected = (ENDED if ended else LIVE)[said]
    for name, reader in scene["readers"].items():
        first, second = read_by(reader, rows)
        allowed = expected.get(name, set())
        assert first == allowed, name
        # The draft of a request one sees is wider in the second lock (ADR 15).
        assert second - {"Draft"} == allowed - {"Draft"}, name
        assert "Draft" not in second or "CareRequest" in allowed, name


def test_another_medium_closes_no_screen(scene):
    rows = under_way(scene, ended=True)
    SharingFactory(person=scene["person"], audience="health", medium=Medium.PAPER)
    assert read_by(scene["readers"]["winner"], rows) == (WON, WON | {"Draft"})


def test_who_refuses_coordination_is_carried_no_more(scene):
    """All that a team reads of her ends with it."""
    rows = under_way(scene, ended=False)
    SharingFactory(person=scene["person"], category="coordination", audience="coordination")
    for name in ("desk", "desk coordinator", "other team"):
        assert read_by(scene["readers"][name], rows) == (set(), set()), name


# --- on the pages of who comes, and of the desk --------------------------------------------------

SAID_OF_CARE = ("injection", "Chien à attacher", "Ordonnance et pièces jointes")


@pytest.fixture
def pages(client, scene):
    """What the nurse who comes is shown, by her link after the code, then by her account."""
    who, search = scene["winner"], under_way(scene, ended=False)["Solicitation"]
    with arranging():
        search.keep(state="open")
    place = InvitationFactory(
        solicitation=search, practitioner=who, phone=who.practice.mobile, link_hash=hash_of(SECRET)
    )
    identified(client, place)
    with arranging():
        place.settle("accepted", NOW)
        search.keep(state="filled")

    def shown():
        by_link = client.get(reverse("broker:answer", args=[SECRET]))
        documents = client.get(reverse("web:winner_documents", args=[SECRET]))
        yield by_link.text, documents.status_code, documents.text
        signed_in = Browser().as_(speaking_as(who))
        own = signed_in.get(reverse("broker:won", args=[place.pk]))
        documents = signed_in.get(reverse("web:own_documents", args=[place.pk]))
        yield own.text, documents.status_code, documents.text
        mine = signed_in.get(reverse("broker:mine")).text
        assert "injection" not in mine  # beside the link that names her

    return shown


def test_who_comes_is_told_whom_to_visit_and_for_what(scene, pages):
    for page, _, documents in pages():
        assert "o.pdf" in documents
        assert scene["person"].birth_name.upper() in page
        assert all(words in page for words in SAID_OF_CARE)


def test_who_may_not_read_her_care_is_told_to_ask_her(scene, pages):
    say(scene["person"], "opposed to health")
    for page, status, documents in pages():
        assert scene["person"].birth_name.upper() in page
        assert "Les soins demandés ne peuvent pas vous être montrés ici." in page
        assert "chez sa fille" in page  # or she would go to the wrong door
        assert not [words for words in SAID_OF_CARE if words in page]
        assert (status, "o.pdf" in documents) == (404, False)


@pytest.mark.parametrize("category", ["coordination", "identity"])
def test_who_may_not_know_her_at_all_is_told_to_call_the_service(scene, pages, category):
    SharingFactory(person=scene["person"], category=category, audience="health")
    with arranging():
        Organization.objects.update(phone="0492500000")
    for page, _, documents in pages():
        assert "Votre place est gardée." in page
        assert 'href="tel:0492500000"' in page
        assert "Vous rejoignez le cercle" not in page
        assert scene["person"].birth_name.upper() not in page + documents
        assert "chez sa fille" not in page
        assert not [words for words in SAID_OF_CARE if words in page]


def test_another_team_reads_the_search_once_the_person_was_informed(client, scene):
    search = under_way(scene, ended=False)["Solicitation"]
    address = reverse("broker:search", args=[search.pk])
    panel = reverse("broker:person_panel", args=[scene["person"].pk])
    speaking = client.as_(scene["readers"]["other team"])
    assert speaking.get(address).status_code == 404
    assert "injection" not in speaking.get(panel).text
    say(scene["person"], "informed")
    assert speaking.get(address).status_code == 200
    assert "injection" in speaking.get(panel).text


def test_the_desk_finishes_what_it_received_and_then_reads_it_no_more(client, scene):
    say(scene["person"], "opposed to coordination")
    live = under_way(scene, ended=False)["CareRequest"]
    speaking = client.as_(scene["readers"]["desk"])
    address = reverse("intake:request", args=[live.pk])
    assert "Injection" in speaking.get(address).text
    with arranging():
        CareRequest.objects.filter(pk=live.pk).update(
            state="closed", ended_at=NOW, told_at=NOW, confirmed_at=NOW, first_visit_on=NOW.date()
        )
    assert speaking.get(address).status_code == 404


@pytest.mark.parametrize("category", ["identity", "coordination", "care"])
@pytest.mark.parametrize("name", ["desk", "desk coordinator"])
def test_no_opposition_shuts_the_pages_of_the_desk(client, scene, name, category):
    """A row whose person is hidden made the queue and the end of duty fail for the whole desk."""
    live = under_way(scene, ended=False)["CareRequest"]
    SharingFactory(person=scene["person"], category=category, audience="coordination")
    SharingFactory(person=scene["person"], category="identity", audience="desk")
    speaking = client.as_(scene["readers"][name])
    for page in ("intake:queue", "intake:evening"):
        assert speaking.get(reverse(page)).status_code == 200
    opened = speaking.get(reverse("intake:request", args=[live.pk]))
    assert opened.status_code == (200 if category == "care" else 404)


@pytest.mark.parametrize("state", ["exhausted", "confirmed"])
def test_the_desk_goes_on_with_the_search_of_a_request_under_way(client, scene, state):
    say(scene["person"], "opposed to coordination")
    search = under_way(scene, ended=False)["Solicitation"]
    ended = {"exhausted": {"ended_at": NOW, "end_reason": "nobody"}}
    with arranging():
        search.keep(state=state, **ended.get(state, {"first_visit_at": NOW}))
    address = reverse("broker:search", args=[search.pk])
    assert client.as_(scene["readers"]["desk"]).get(address).status_code == 200

"""Where coordination asks for the agreement of the person: the desk asks her, through its door."""

from dataclasses import fields, replace
from datetime import date
from threading import Event

import pytest
from django.db import transaction
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.sight import seen_by
from cordee.intake import services
from cordee.intake.call import Call, CallerSaid, NeedSaid, PersonSaid
from cordee.intake.models import CareRequest, Draft
from cordee.kernel.errors import Forbidden
from cordee.kernel.identifiers import uuid7
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import Information, Person, Processing
from cordee.people.policy import knows
from cordee.people.rules import notices
from cordee.people.rules.processing import Agreed, Basis, Purpose, Will
from cordee.people.rules.sharing import Audience, Category, Choice, Speaker
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
)
from tests.factories.intake import CareRequestFactory, DraftFactory, desk_of
from tests.factories.people import (
    PersonAccountFactory,
    PersonFactory,
    ProcessingFactory,
    RelativeFactory,
    joins_circle,
)
from tests.support import (
    NOW,
    actor,
    coordinator_of,
    facts,
    run_jobs,
    simultaneously,
    until_somebody_waits,
)

pytestmark = pytest.mark.django_db
TICKED = {"agreed": "on"}
ASKED = "La coordination demande ici l’accord de la personne, et il n’est pas noté"


def rest_on(basis):
    people.set_basis(
        actor=actor(Role.DPO, account_id=AccountFactory().pk),
        purpose=Purpose.COORDINATION,
        basis=basis,
        now=NOW,
    )


def herself(person):
    return actor(Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({person.pk}))


@pytest.fixture
def service():
    CommuneFactory()
    return OrganizationFactory()


@pytest.fixture
def consent():
    rest_on(Basis.CONSENT)


@pytest.fixture
def desk(client, service):
    return client.as_(desk_of(service))


def said(**changes):
    return {
        "draft_id": str(uuid7()),
        "caller_phone": "06 12 34 56 78",
        "caller_kind": "gp",
        "caller_name": "Docteur Arnaud",
        "birth_name": "Lefèvre",
        "first_names": "Berthe",
        "birth_date": "7/3/1941",
        "kind": "injection",
        "commune": "saint bonnet en champsaur",
        "delay": "h24",
        "weight": "full",
        "geste": "search",
        "tell_caller": "on",
    } | changes


def take(desk, **changes):
    return desk.post(reverse("intake:desk"), said(**changes))


def nothing_was_made():
    assert not CareRequest.objects.exists()
    assert not Processing.objects.exists()
    assert not Information.objects.exists()


# --- who is not known ----------------------------------------------------------------------------


def test_without_the_tick_nothing_is_made_and_what_was_typed_is_kept(desk, consent):
    answer = take(desk, need="Matin et soir")
    assert answer.status_code == 422
    assert ASKED in answer.text
    nothing_was_made()
    assert not Person.objects.exists()
    assert Draft.objects.get().content["need"] == ["Matin et soir"]
    assert "Matin et soir" in answer.text


@pytest.mark.parametrize("geste", ["search", "keep"])
def test_with_the_tick_the_request_is_taken_searched_told_and_opened_by_its_desk(
    desk, consent, geste
):
    answer = take(desk, **TICKED, geste=geste)
    assert answer.status_code == 302
    request = CareRequest.objects.get()
    assert request.state == ("qualified" if geste == "search" else "received")
    assert desk.get(answer["Location"]).status_code == 200
    run_jobs()
    request.refresh_from_db()
    assert request.ended_at is None


def test_the_agreement_says_who_how_when_from_whom_and_which_notice(desk, consent):
    take(desk, **TICKED)
    agreed, told = Processing.objects.get(), Information.objects.get()
    assert (agreed.purpose, agreed.will, agreed.until) == ("coordination", "accepted", None)
    assert agreed.collected_by_id == desk.speaker.account_id
    for proof in (agreed, told):
        assert (proof.speaker, proof.how, proof.since) == ("person", "oral", NOW)
        assert proof.notice == notices.CURRENT
    kinds = [line["kind"] for line in facts(thread=agreed.person_id)]
    assert kinds.index("people.processing_changed") < kinds.index("intake.request_received")


def test_the_desk_asks_nothing_where_coordination_rests_on_its_mission(desk):
    assert "id_agreed" not in desk.get(reverse("intake:desk")).text
    assert take(desk, **TICKED).status_code == 302
    assert not Processing.objects.exists()


def test_the_desk_asks_it_where_it_rests_on_her_agreement(desk, consent):
    page = desk.get(reverse("intake:desk")).text
    assert "id_agreed" in page
    assert reverse("people:notice", args=[notices.CURRENT]) in page


def test_the_tick_is_kept_with_the_draft(desk, consent):
    call = said(**TICKED, agreed_by="parent", agreed_name="Jeanne Martin")
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    page = desk.get(reverse("intake:draft", args=[call["draft_id"]])).text
    assert 'value="Jeanne Martin"' in page
    assert '<option value="parent" selected>' in page
    tick = page[page.index('id="id_agreed"') - 200 : page.index('id="id_agreed"') + 60]
    assert "checked" in tick


def test_an_advice_without_a_name_needs_nobody_s_agreement(desk, consent):
    advice = {"weight": "advice", "anonymous": "on", "kind": "", "answer_words": "La pharmacie"}
    assert take(desk, **advice, birth_name="", commune="").status_code == 302
    assert CareRequest.objects.get().person_id is None


def test_a_light_request_that_names_somebody_asks_for_it_too(desk, consent):
    light = {"weight": "one_off", "geste": "keep"}
    assert take(desk, **light).status_code == 422
    nothing_was_made()
    answer = take(desk, **light, **TICKED)
    assert desk.get(answer["Location"]).status_code == 200


def test_a_request_that_came_online_is_completed_with_it(desk, service, consent):
    received = CareRequestFactory(organization=service, person=None, channel="online")
    draft = DraftFactory(organization=service, account=None, request=received)
    assert take(desk, draft_id=str(draft.pk)).status_code == 422
    received.refresh_from_db()
    assert received.person_id is None
    assert desk.get(reverse("intake:request", args=[received.pk])).status_code == 200
    assert take(desk, draft_id=str(draft.pk), **TICKED).status_code == 302
    received.refresh_from_db()
    assert received.person.birth_name == "Lefèvre"
    assert desk.get(reverse("intake:request", args=[received.pk])).status_code == 200


def test_whoever_lives_elsewhere_is_taken_by_the_desk_that_was_called(desk, service, consent):
    elsewhere = OrganizationFactory()
    person = PersonFactory(territory=elsewhere.territory)
    joins_circle(person, organization=service)
    answer = take(desk, person_id=str(person.pk), commune="", **TICKED)
    assert desk.get(answer["Location"]).status_code == 200


def test_a_coordinator_at_the_desk_finds_who_is_in_the_circle_and_asks_her(
    client, service, consent
):
    person = PersonFactory(territory=service.territory)
    joins_circle(person, organization=service)
    who = coordinator_of(service, account_id=AccountFactory().pk)
    answer = take(client.as_(who), person_id=str(person.pk), commune="", **TICKED)
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    assert Person.objects.count() == 1


# --- who is known --------------------------------------------------------------------------------


@pytest.fixture
def known(service):
    return PersonFactory(birth_name="Lefèvre", territory=service.territory)


def look_for(desk, **typed):
    call = said(birth_name="lefe", **typed)
    return desk.htmx(reverse("intake:summary", args=[call["draft_id"]]), call).text


def test_who_was_never_asked_is_found_at_the_desk_and_not_entered_twice(desk, known, consent):
    assert str(known.pk) in look_for(desk)
    answer = take(desk)
    assert answer.status_code == 422
    assert "quelqu’un de connu lui ressemble" in answer.text
    assert Person.objects.count() == 1


def test_of_who_was_never_asked_the_desk_reads_the_least_and_nothing_else(desk, known, consent):
    joins_circle(known, organization=OrganizationFactory())
    page = desk.get(reverse("people:identity_panel", args=[known.pk])).text
    assert "Vous voyez le minimum" in page
    for hidden in ("people:circle_panel", "people:choices_panel", "people:choices"):
        assert desk.get(reverse(hidden, args=[known.pk])).status_code == 404


def test_who_had_accepted_is_not_asked_again(desk, known, consent):
    ProcessingFactory(person=known, will="accepted")
    shown = look_for(desk, person_id=str(known.pk))
    assert "Son accord est noté" in shown
    assert take(desk, person_id=str(known.pk), commune="").status_code == 302
    assert Processing.objects.count() == 1


def test_who_was_never_asked_is_asked(desk, known, consent):
    assert "Son accord est noté" not in look_for(desk, person_id=str(known.pk))
    assert take(desk, person_id=str(known.pk), commune="").status_code == 422
    nothing_was_made()
    assert not known.circle.exists()
    assert take(desk, person_id=str(known.pk), commune="", **TICKED).status_code == 302
    assert CareRequest.objects.get().person_id == known.pk


def test_a_refusal_stays_one_whatever_is_ticked(desk, known, consent):
    ProcessingFactory(person=known, will="refused")
    assert str(known.pk) not in look_for(desk)
    answer = take(desk, person_id=str(known.pk), commune="", **TICKED)
    assert answer.status_code == 404
    assert not CareRequest.objects.exists()
    assert Processing.objects.get().will == "refused"


@pytest.mark.parametrize("basis", [Basis.CONSENT, Basis.PUBLIC_TASK])
@pytest.mark.parametrize("geste", ["search", "keep"])
def test_no_request_is_made_that_its_own_desk_could_not_open(desk, known, service, basis, geste):
    """Found by the least view, and shut to coordination: nobody could end it."""
    rest_on(basis)
    for category in (Category.COORDINATION, Category.IDENTITY):
        people.choose_sharing(
            actor=actor(
                Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({known.pk})
            ),
            person=known,
            chosen=people.Chosen(Choice.OPPOSED, category, Audience.COORDINATION),
            told=people.Told(),
            now=NOW,
        )
    answer = take(desk, person_id=str(known.pk), commune="", geste=geste, tell_caller="", **TICKED)
    assert answer.status_code == 422
    assert "Votre service ne peut pas suivre cette personne" in answer.text
    assert not CareRequest.objects.exists()
    assert not known.circle.exists()
    assert Draft.objects.get().ended_at is None


# --- from whom -----------------------------------------------------------------------------------


def test_of_a_child_the_parent_agrees_by_name(desk, consent):
    child = {"birth_date": "5/5/2019", **TICKED}
    refused = take(desk, **child)
    assert refused.status_code == 422
    assert "titulaire de l’autorité parentale" in refused.text
    unnamed = take(desk, **child, agreed_by="parent")
    assert unnamed.status_code == 422
    assert "Écrivez le nom" in unnamed.text
    assert not Person.objects.exists()
    assert take(desk, **child, agreed_by="parent", agreed_name="Jeanne Martin").status_code == 302
    agreed = Processing.objects.get()
    assert (agreed.speaker, agreed.relative.name) == ("parent", "Jeanne Martin")
    assert agreed.relative.has_parental_authority
    assert Information.objects.get().speaker == "parent"


def test_for_somebody_entered_under_guardianship_the_guardian_agrees_by_name(desk, consent):
    guardian = {"agreed_by": "guarded", "agreed_name": "Association des Écrins", **TICKED}
    assert take(desk, **guardian).status_code == 302
    agreed = Processing.objects.get()
    assert (agreed.speaker, agreed.relative.name) == ("representative", "Association des Écrins")
    assert agreed.person.protection == "guarded"
    page = reverse("intake:request", args=[CareRequest.objects.get().pk])
    assert desk.get(page).status_code == 200


GUARDIAN = {"agreed_by": "guarded", "agreed_name": "Paul Martin", **TICKED}
MEASURE = "à vérifier"


def to_verify():
    return Task.objects.open().filter(kind="verify_measure")


@pytest.mark.parametrize("has_account", [True, False])
def test_a_guardian_whom_nobody_noted_agrees_and_reads_nothing_more(
    desk, known, consent, has_account
):
    """The request is taken; neither the measure nor the quality is: either would open her."""
    paul = RelativeFactory(person=known, name="Paul Martin", is_representative=has_account)
    space = PersonAccountFactory(person=known, relative=paul)
    reader = actor(Role.RELATIVE, account_id=space.account_id, person_ids=frozenset({known.pk}))
    assert not knows(reader, known.pk)

    answer = take(desk, person_id=str(known.pk), commune="", **GUARDIAN)

    assert answer.status_code == 302
    assert desk.get(answer["Location"]).status_code == 200
    agreed = Processing.objects.get()
    assert (agreed.speaker, agreed.will, agreed.notice) == (
        "representative",
        "accepted",
        notices.CURRENT,
    )
    assert (agreed.relative.name, agreed.relative == paul) == ("Paul Martin", has_account)
    assert agreed.relative.is_representative is has_account
    assert "tutelle" in agreed.document
    assert MEASURE in agreed.document
    known.refresh_from_db()
    assert known.protection == "none"
    assert not knows(reader, known.pk)
    with seen_by(reader):
        assert not Person.objects.exists()


def test_the_measure_is_verified_by_the_coordination_of_reference_else_by_the_desk(
    desk, service, known, consent
):
    reference = OrganizationFactory()
    joins_circle(known, organization=reference, is_reference=True)
    take(desk, person_id=str(known.pk), commune="", **GUARDIAN)
    run_jobs()
    assert to_verify().get().organization_id == reference.pk
    other = PersonFactory(birth_name="Arnaud", territory=service.territory)
    take(desk, draft_id=str(uuid7()), person_id=str(other.pk), commune="", **GUARDIAN)
    run_jobs()
    assert to_verify().get(person=other).organization_id == service.pk
    panel = desk.get(reverse("people:identity_panel", args=[other.pk])).text
    assert "Une mesure de protection a été dite au téléphone" in panel
    assert "Paul Martin" in panel


@pytest.mark.parametrize("found", ["measure", "her own word"])
def test_once_the_measure_is_noted_or_she_has_spoken_there_is_nothing_to_verify(
    desk, service, known, consent, found
):
    take(desk, person_id=str(known.pk), commune="", **GUARDIAN)
    run_jobs()
    assert to_verify().exists()
    if found == "measure":
        kept = [one.name for one in fields(people.Identity) if hasattr(known, one.name)]
        said = people.Identity(**{name: getattr(known, name) for name in kept})
        said = replace(said, commune_code=known.commune_id or "", protection="guarded")
        people.update_person(actor=desk.speaker, person=known, identity=said, now=NOW)
    else:
        people.choose_processing(
            actor=herself(known),
            person=known,
            purpose=Purpose.COORDINATION,
            will=Will.ACCEPTED,
            told=people.Told(),
            now=NOW,
        )
    run_jobs()
    assert not to_verify().exists()
    panel = desk.get(reverse("people:identity_panel", args=[known.pk])).text
    assert "dite au téléphone" not in panel
    assert CareRequest.objects.get().ended_at is None


def test_a_measure_that_her_other_record_says_is_verified(desk, service, known, consent):
    """Two records of her are brought together, and the other one says the guardian."""
    take(desk, person_id=str(known.pk), commune="", **GUARDIAN)
    run_jobs()
    other = PersonFactory(birth_name="Lefèvre", territory=service.territory, protection="guarded")
    joins_circle(other, organization=service)
    ProcessingFactory(person=other, will="accepted")
    pair = people.propose_pair(actor=desk.speaker, person=known, other=other, now=NOW)
    people.merge_persons(
        actor=desk.speaker, candidate=pair, from_absorbed=frozenset({"protection"}), now=NOW
    )
    assert to_verify().exists()
    run_jobs()
    assert not to_verify().exists()


def test_of_a_child_no_measure_is_declared(desk, service, consent):
    child = PersonFactory(territory=service.territory, birth_date=date(2019, 5, 5))
    refused = take(desk, person_id=str(child.pk), commune="", **GUARDIAN)
    assert refused.status_code == 422
    assert "titulaire de l’autorité parentale" in refused.text
    nothing_was_made()


@pytest.mark.parametrize("is_noted", [True, False])
def test_somebody_close_is_given_no_quality_by_a_call(service, consent, is_noted):
    """It would open what their account reads: who speaks is written down beside them."""
    child = PersonFactory(territory=service.territory, birth_date=date(2019, 5, 5))
    paul = RelativeFactory(person=child, name="Paul Martin", has_parental_authority=is_noted)
    parent = Agreed(Speaker.PARENT, "paul martin")
    word = people.agree(actor=desk_of(service), person=child, agreed=parent, now=NOW)
    paul.refresh_from_db()
    assert paul.has_parental_authority is is_noted
    assert (word.relative == paul) is is_noted
    assert word.relative.has_parental_authority


# --- the other doors -----------------------------------------------------------------------------


def test_the_page_of_the_person_asks_for_it_before_her_request_is_taken_up(desk, known, consent):
    panel = desk.get(reverse("people:identity_panel", args=[known.pk])).text
    assert "agreementform" in panel or "id_agreed" in panel
    enter = reverse("people:enter", args=[known.pk])
    refused = desk.post(enter)
    assert refused.status_code == 409
    assert ASKED in refused.text
    assert not known.circle.exists()
    assert desk.post(enter, TICKED).status_code == 302
    assert knows(desk.speaker, known.pk, Category.COORDINATION)


def test_nobody_but_a_desk_writes_it_so(service, known, consent):
    for who in (
        actor(Role.HOME_HELP, service, account_id=AccountFactory().pk),
        actor(Role.DPO, account_id=AccountFactory().pk),
        desk_of(OrganizationFactory()),
    ):
        with pytest.raises(Forbidden):
            people.agree(actor=who, person=known, agreed=Agreed(), now=NOW)


def test_agreeing_twice_is_one_word_and_never_undoes_a_refusal(service, known, consent):
    who = desk_of(service)
    first = people.agree(actor=who, person=known, agreed=Agreed(), now=NOW)
    assert people.agree(actor=who, person=known, agreed=Agreed(), now=NOW).pk == first.pk
    people.choose_processing(
        actor=herself(known),
        person=known,
        purpose=Purpose.COORDINATION,
        will=Will.REFUSED,
        told=people.Told(),
        now=NOW,
    )
    with pytest.raises(Forbidden):
        people.agree(actor=who, person=known, agreed=Agreed(), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_basis_that_changes_during_a_call_leaves_no_request_to_nobody(service):
    """The change waits for the call: who ends what nobody agreed to then sees what came of it."""
    who, begun, may_end = desk_of(service), Event(), Event()
    draft = DraftFactory(organization=service, account_id=who.account_id)
    need, caller = NeedSaid("injection", commune_code="05132"), CallerSaid("gp", "Docteur")
    call = Call(caller, PersonSaid(birth_name="Lefèvre"), need, tell_caller=False)

    def take_slowly():
        with transaction.atomic():
            services.receive(actor=who, draft=draft, call=call, now=NOW)
            begun.set()
            assert may_end.wait(20)

    def change():
        assert begun.wait(20)
        rest_on(Basis.CONSENT)

    def watch():
        assert begun.wait(20)
        until_somebody_waits()
        may_end.set()

    ended = simultaneously(take_slowly, change, watch)
    assert not [one for one in ended if isinstance(one, Exception)], ended
    run_jobs()
    request = CareRequest.objects.get()
    assert (request.state, request.end_reason) == ("refused", "no_agreement")


def test_a_request_handed_on_keeps_the_agreement(desk, consent):
    take(desk, **TICKED)
    other = OrganizationFactory()
    MembershipFactory(organization=other, role="orienteuse", since="2026-01-05")
    copy = services.hand_on(
        actor=desk.speaker,
        request=CareRequest.objects.get(),
        to=services.HandOn(other, "territory", spoken_with="Nadia"),
        now=NOW,
    )
    run_jobs()
    copy.refresh_from_db()
    assert copy.ended_at is None
    page = desk.as_(desk_of(other)).get(reverse("intake:request", args=[copy.pk]))
    assert page.status_code == 200

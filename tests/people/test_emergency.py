"""Emergency access, through the services and the screens."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.action import verbs
from cordee.access.actor import SYSTEM, Role
from cordee.access.policy import is_allowed
from cordee.access.sight import seen_by
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people import jobs, services
from cordee.people.models import EmergencyGrant
from cordee.people.policy import in_emergency, persons_of
from cordee.people.rules.emergency import ATTEMPTS, Attestation, Motive, Outcome
from cordee.people.rules.sharing import Category
from cordee.people.services import Claim, Told
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
    SectorCommuneFactory,
    SectorFactory,
)
from tests.factories.people import (
    BORN,
    InformationFactory,
    PersonAccountFactory,
    PersonFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.support import (
    NOW,
    actor,
    arranging,
    coordinator_of,
    facts,
    orienteuse_of,
    queued,
    simultaneously,
    speaking_as,
    traces,
)

pytestmark = pytest.mark.django_db
FULL = Attestation(True, True, "Retrouvée au sol, confuse.")
TYPED = {
    "birth_name": "LEFEVRE",
    "first_name": "berthe",
    "birth_date": "07/03/1941",
    "motive": "confused",
    "words": "Retrouvée au sol.",
    "cannot_speak": "on",
    "immediate_risk": "on",
}


@pytest.fixture
def berthe():
    return PersonFactory(birth_name="Lefèvre")


@pytest.fixture
def doctor():
    return speaking_as(PractitionerFactory(profession="10"), account_id=AccountFactory().pk)


def claim(**details):
    traits = {"birth_name": "Lefèvre", "first_name": "Berthe", "birth_date": BORN}
    return Claim(**{"attestation": FULL, "motive": Motive.CONFUSED, **traits, **details})


def opens(doctor, **details):
    return services.open_emergency(actor=doctor, claim=claim(**details), now=NOW)


def test_an_attested_emergency_opens_sight_for_two_hours_and_tells(berthe, doctor):
    dac, sophie = OrganizationFactory(kind="dac"), AccountFactory()
    joins_circle(berthe, organization=dac)
    from tests.factories.people import MemberFactory

    MemberFactory(
        person=berthe, practitioner=None, account=sophie, role="coordination", is_reference=True
    )
    grant = opens(doctor)
    assert persons_of(in_emergency(doctor), Category.CARE).contains(berthe)
    (line,) = facts("people.emergency_opened")
    assert line["data"]["coordinator_account_id"] == str(sophie.pk)
    assert "sol" not in str(line)
    assert grant.expires_at == NOW + timedelta(hours=2)
    assert queued("cordee.people.jobs.end_emergency")[0][3] == grant.expires_at


def test_who_answers_for_the_commune_is_told_when_a_structure_is_of_reference(doctor):
    berthe = PersonFactory(birth_name="Lefèvre")
    structure = OrganizationFactory()
    holds = MembershipFactory(organization=structure, role="coordinator")
    sector = SectorFactory(organization=structure, coordinator=holds.account)
    SectorCommuneFactory(sector=sector, commune=berthe.commune)
    joins_circle(berthe, organization=structure, is_reference=True)
    opens(doctor)
    (told,) = facts("people.emergency_opened")
    assert told["data"]["coordinator_account_id"] == str(sector.coordinator_id)


def test_who_answered_for_the_commune_and_left_is_not_told(doctor):
    berthe = PersonFactory(birth_name="Lefèvre")
    sector = SectorFactory()
    SectorCommuneFactory(sector=sector, commune=berthe.commune)
    joins_circle(berthe, organization=sector.organization, is_reference=True)
    opens(doctor)
    (told,) = facts("people.emergency_opened")
    assert told["data"]["coordinator_account_id"] is None


def test_sight_is_only_through_the_emergency_door_and_never_a_deed(berthe, doctor):
    opens(doctor)
    assert not persons_of(doctor).exists()
    looking = in_emergency(doctor)
    subjects = {"people.leave", "people.close_own_space", "people.end_relative"}
    for verb in sorted(verbs):
        if verb not in subjects and not verb.startswith("test."):
            assert not is_allowed(looking, verb, berthe), verb
    with pytest.raises(Forbidden):
        services.declare_death(actor=looking, person=berthe, deceased_on=BORN, now=NOW)


@pytest.mark.parametrize("category", [Category.MENTAL_HEALTH, Category.SOCIAL])
def test_protected_notes_stay_shut(berthe, doctor, category):
    opens(doctor)
    assert not persons_of(in_emergency(doctor), category).exists()


def test_unknown_several_and_opposed_are_answered_alike(berthe, doctor):
    PersonFactory(birth_name="Martin")
    PersonFactory(birth_name="Martin")
    herself = actor(Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({berthe.pk}))
    services.choose_emergency(actor=herself, person=berthe, opposed=True, told=Told(), now=NOW)
    said = set()
    for name in ("Lefèvre", "Martin", "Inconnue"):
        with pytest.raises(DomainError) as refusal:
            opens(doctor, birth_name=name)
        said.add(refusal.value.message)
    assert len(said) == 1
    assert not EmergencyGrant.objects.exists()


def test_opposing_shuts_what_is_open(berthe, doctor):
    opens(doctor)
    services.choose_emergency(actor=SYSTEM, person=berthe, opposed=True, told=Told(), now=NOW)
    assert not persons_of(in_emergency(doctor)).exists()


def test_time_shuts_it_whether_the_job_ran_or_not(berthe, doctor):
    grant = opens(doctor)
    past = timezone.now() - timedelta(hours=3)
    with arranging():
        EmergencyGrant.objects.update(opened_at=past, expires_at=past + timedelta(hours=2))
    assert not persons_of(in_emergency(doctor)).exists()
    for _ in range(2):
        jobs.end_emergency(grant_id=str(grant.pk))
    assert len(facts("people.emergency_ended")) == 1
    assert opens(doctor).pk != grant.pk


def test_only_health_professionals_may_ask(berthe):
    social = speaking_as(PractitionerFactory(profession="41"), account_id=AccountFactory().pk)
    with pytest.raises(DomainError, match="professionnels de santé"):
        opens(social)
    for role in (Role.COORDINATOR, Role.HOME_HELP, Role.DPO, Role.ADMINISTRATOR, Role.PERSON):
        with pytest.raises(Forbidden):
            opens(actor(role, account_id=AccountFactory().pk, profession="10"))


def test_it_is_read_again_by_another_and_only_once(berthe, doctor):
    grant = opens(doctor)
    dpo = actor(Role.DPO, account_id=AccountFactory().pk)
    review = {"grant": grant, "outcome": Outcome.JUSTIFIED, "words": "", "now": NOW}
    with pytest.raises(Forbidden):
        services.review_emergency(actor=doctor, **review)
    services.review_emergency(actor=dpo, **review)
    with pytest.raises(DomainError, match="déjà"):
        services.review_emergency(actor=dpo, **review)
    assert facts("people.emergency_reviewed")[0]["data"]["outcome"] == "justified"


def test_the_coordination_of_the_person_may_read_it_again_and_another_may_not(berthe, doctor):
    dac, other = OrganizationFactory(kind="dac"), OrganizationFactory(kind="dac")
    joins_circle(berthe, organization=dac)
    grant = opens(doctor)
    review = {"grant": grant, "outcome": Outcome.UNJUSTIFIED, "words": "x", "now": NOW}
    with pytest.raises(Forbidden):
        services.review_emergency(
            actor=coordinator_of(other, account_id=AccountFactory().pk), **review
        )
    services.review_emergency(actor=coordinator_of(dac, account_id=AccountFactory().pk), **review)


def test_the_journey_on_screen_is_traced_as_an_emergency(client, berthe, doctor):
    speaking = client.as_(doctor)
    assert speaking.get(reverse("people:emergency")).status_code == 200
    answer = speaking.post(reverse("people:emergency"), TYPED)
    grant = EmergencyGrant.objects.get()
    record = reverse("people:emergency_record", args=[grant.pk])
    assert answer.headers["Location"] == record
    with arranging():
        EmergencyGrant.objects.update(
            opened_at=timezone.now(), expires_at=timezone.now() + timedelta(hours=1)
        )
    shown = speaking.get(record)
    assert "LEFÈVRE" in shown.text
    assert [line["persons"] for line in traces("read")] == [[berthe.pk]]
    speaking.post(reverse("people:end_emergency", args=[grant.pk]))
    assert speaking.get(record).status_code == 404


def test_a_refused_attestation_says_why_and_is_traced(client, berthe, doctor):
    answer = client.as_(doctor).post(reverse("people:emergency"), {**TYPED, "immediate_risk": ""})
    assert answer.status_code == 409
    assert "deux points" in answer.text
    assert traces("refused")[-1]["reason"] == "people.emergency"


def test_the_review_screen_lets_the_dpo_conclude_and_say_the_person_was_told(
    client, berthe, doctor
):
    grant = opens(doctor)
    dpo = actor(Role.DPO, account_id=AccountFactory().pk)
    page = reverse("people:emergency_review", args=[grant.pk])
    speaking = client.as_(dpo)
    assert "au sol" in speaking.get(page).text
    assert "LEFÈVRE" not in speaking.get(page).text
    speaking.post(reverse("people:tell_emergency", args=[grant.pk]), {"how": "par téléphone"})
    speaking.post(page, {"outcome": "justified", "words": "Conforme."})
    assert "Conforme" in speaking.get(page).text
    assert grant.__class__.objects.get().told_how == "par téléphone"
    listed = speaking.get(reverse("people:emergencies")).text
    assert "Aucun" in listed


WHY = ("au sol", "confuse", "Conforme")  # the words, the coded reason, the conclusion
WHEN = ("Docteur Roux", "Personne prévenue")


def reviewed(berthe, doctor):
    """An access that the data protection officer read again."""
    grant = opens(doctor)
    with arranging():
        EmergencyGrant.objects.update(
            reviewed_at=NOW, reviewed_by=AccountFactory(), outcome="justified",
            review_words="Conforme.",
        )  # fmt: skip
    return grant


@pytest.fixture
def roux():
    account = AccountFactory(name="Docteur Roux")
    return speaking_as(PractitionerFactory(profession="10"), account_id=account.pk)


def told_to(speaking, grant):
    """What the page of an access says, and the list of those to read again."""
    page = speaking.get(reverse("people:emergency_review", args=[grant.pk]))
    return page.status_code, page.text + speaking.get(reverse("people:emergencies")).text


def a_relative(person, *categories, **qualities):
    relative = RelativeFactory(person=person, **qualities)
    account = PersonAccountFactory(person=person, relative=relative).account_id
    for category in categories:
        SharingFactory(person=person, category=category, audience="relatives", choice="consented")
    return actor(Role.RELATIVE, account_id=account, person_ids=frozenset({person.pk}))


def test_why_a_record_was_opened_is_care_and_a_relative_without_it_sees_no_access(
    client, berthe, roux
):
    """A daughter let into the organisation of the pathway reads no finding on her mother."""
    grant = reviewed(berthe, roux)
    daughter = a_relative(berthe, "identity", "coordination")
    status, page = told_to(client.as_(daughter), grant)
    assert status == 404
    assert not any(word in page for word in (*WHY, *WHEN))
    with seen_by(daughter):
        assert not EmergencyGrant._base_manager.exists()
    SharingFactory(person=berthe, category="care", audience="relatives", choice="consented")
    status, page = told_to(client.as_(daughter), grant)
    assert (status, all(word in page for word in (*WHY, *WHEN))) == (200, True)
    with seen_by(daughter):
        assert EmergencyGrant._base_manager.exists()


def test_her_representative_sees_the_access_and_why_unless_she_keeps_her_care_from_relatives(
    client, roux
):
    marie = PersonFactory(birth_name="Lefèvre", protection="guarded")
    grant = reviewed(marie, roux)
    guardian = a_relative(marie, is_representative=True)
    status, page = told_to(client.as_(guardian), grant)
    assert (status, all(word in page for word in (*WHY, *WHEN))) == (200, True)
    SharingFactory(person=marie, category="care", audience="relatives", choice="opposed")
    status, page = told_to(client.as_(guardian), grant)
    assert (status, all(word in page for word in WHEN)) == (200, True)
    assert not any(word in page for word in WHY)
    with seen_by(guardian):
        assert EmergencyGrant._base_manager.exists()


def test_the_desk_that_is_to_tell_her_reads_when_and_by_whom_and_why_with_care_alone(
    client, berthe, roux
):
    grant = reviewed(berthe, roux)
    desk = OrganizationFactory()
    joins_circle(berthe, organization=desk)
    speaking = client.as_(orienteuse_of(desk, account_id=AccountFactory().pk))
    status, page = told_to(speaking, grant)  # she was not informed: care does not pass
    assert (status, all(word in page for word in WHEN), "justifié" in page) == (200, True, True)
    assert not any(word in page for word in WHY)
    told = speaking.post(
        reverse("people:tell_emergency", args=[grant.pk]), {"how": "par téléphone"}
    )
    assert told.status_code == 302
    InformationFactory(person=berthe)
    status, page = told_to(speaking, grant)
    assert all(word in page for word in WHY)


def test_the_list_of_accesses_says_why_of_those_alone_whose_care_one_knows(client, roux):
    desk = OrganizationFactory()
    told, untold = PersonFactory(birth_name="Informée"), PersonFactory(birth_name="Silencieuse")
    for person, motive in ((told, Motive.UNCONSCIOUS), (untold, Motive.LOST)):
        joins_circle(person, organization=desk)
        opens(roux, birth_name=person.birth_name, motive=motive)
    InformationFactory(person=told)
    reader = orienteuse_of(desk, account_id=AccountFactory().pk)
    page = client.as_(reader).get(reverse("people:emergencies")).text
    assert page.count("Docteur Roux") == 2
    assert "inconsciente" in page
    assert "retrouvée seule" not in page


def test_who_examines_an_access_and_who_opened_it_read_why(client, berthe, roux):
    grant = reviewed(berthe, roux)
    dac = OrganizationFactory(kind="dac")
    joins_circle(berthe, organization=dac)  # she was not informed: coordination without care
    elsewhere = OrganizationFactory()
    with arranging():
        EmergencyGrant.objects.update(examiner=elsewhere)
    for reader in (
        roux,
        actor(Role.DPO, account_id=AccountFactory().pk),
        coordinator_of(dac, account_id=AccountFactory().pk),
        coordinator_of(elsewhere, account_id=AccountFactory().pk),
        actor(Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({berthe.pk})),
    ):
        status, page = told_to(client.as_(reader), grant)
        assert (status, all(word in page for word in WHY)) == (200, True), reader.role


def test_tries_are_counted_found_or_not_and_one_too_many_is_refused(client, berthe, doctor):
    speaking = client.as_(doctor)
    page = reverse("people:emergency")
    for _ in range(ATTEMPTS):
        assert speaking.post(page, {**TYPED, "birth_name": "inconnue"}).status_code == 409
    answer = speaking.post(page, TYPED)
    assert answer.status_code == 429
    assert "appelez le 15" in answer.text
    assert "Trop d’essais" in answer.text
    assert not EmergencyGrant.objects.exists()
    assert traces("refused")[-1]["reason"] == "people.emergency_too_many"
    assert (
        len([line for line in traces("act") if line["verb"] == "people.try_emergency"]) == ATTEMPTS
    )


def test_the_tries_of_one_are_not_those_of_another(client, berthe, doctor):
    for _ in range(ATTEMPTS):
        services.count_attempt(actor=doctor, now=NOW)
    with pytest.raises(DomainError, match="Trop d’essais"):
        services.count_attempt(actor=doctor, now=NOW)
    other = speaking_as(PractitionerFactory(profession="10"), account_id=AccountFactory().pk)
    assert client.as_(other).post(reverse("people:emergency"), TYPED).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_tries_fired_together_do_not_pass_the_limit(doctor):
    tries = [lambda: services.count_attempt(actor=doctor, now=NOW)] * (ATTEMPTS + 4)
    ended = simultaneously(*tries)
    assert len([one for one in ended if one is None]) == ATTEMPTS


@pytest.fixture
def merged(berthe):
    """Berthe, whose second record was absorbed: it bore a name of its own, and her own."""
    desk = OrganizationFactory()
    claire = coordinator_of(desk, account_id=AccountFactory().pk)

    def absorb(**traits):
        other = PersonFactory(**{"birth_name": "Lefèvre", **traits})
        for one in (berthe, other):
            joins_circle(one, organization=desk)
        pair = services.propose_pair(actor=claire, person=berthe, other=other, now=NOW)
        services.merge_persons(actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW)
        berthe.refresh_from_db()
        return berthe

    return absorb


def test_who_had_two_records_is_one_person(merged, doctor):
    berthe = merged()
    grant = opens(doctor)
    assert grant.person == berthe
    assert persons_of(in_emergency(doctor), Category.CARE).contains(berthe)


def test_the_name_of_an_absorbed_record_says_nothing_of_her_opposition(merged, doctor):
    berthe = merged(birth_name="Grandidier")
    services.choose_emergency(actor=SYSTEM, person=berthe, opposed=True, told=Told(), now=NOW)
    with pytest.raises(DomainError) as opposed:
        opens(doctor, birth_name="Grandidier")
    with pytest.raises(DomainError) as unknown:
        opens(doctor, birth_name="Personne")
    assert str(opposed.value) == str(unknown.value)
    assert not EmergencyGrant.objects.exists()

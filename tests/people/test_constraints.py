"""The database is the last colleague awake: each promise of the room, broken on purpose."""

from datetime import date, timedelta
from threading import Event

import pytest
from django.db import IntegrityError, transaction

from cordee.people.models import (
    CircleMember,
    EmergencyGrant,
    EmergencyOpposition,
    HintChoice,
    HospitalStay,
    Information,
    Person,
    PersonAccount,
    Processing,
    ProcessingBasis,
    ProtectedNote,
    Relative,
    Sharing,
)
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import (
    MemberFactory,
    PersonAccountFactory,
    PersonFactory,
    RelativeFactory,
    StayFactory,
    number_of,
)
from tests.support import NOW, arranging, simultaneously, until_somebody_waits

TEST_OID = "1.2.250.1.213.1.4.10"
PROOF = {"speaker": "person", "notice": "2026-11", "how": "oral", "since": NOW}
CELL = {"category": "care", "audience": "health", "medium": "screen", "choice": "opposed"}
LATER = NOW + timedelta(hours=1)


def a_note(person):
    """What somebody wrote of a person."""
    with arranging():
        return ProtectedNote.objects.create(
            person=person, category="social", body="x", author=AccountFactory(), written_at=NOW
        )


def breaks(name, make):
    """Expect the database to refuse, naming its promise."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        make()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("people_person_has_a_name", {"birth_name": ""}),
        ("people_person_ins_is_fifteen_characters", {"ins": "12", "ins_oid": TEST_OID}),
        ("people_person_ins_names_its_registry", {"ins": number_of(1)}),
        ("people_person_qualified_identity_has_an_ins", {"ins_status": "qualifiee"}),
        (
            "people_person_in_doubt_is_not_validated",
            {"ins_status": "validee", "is_doubtful": True},
        ),
        ("people_person_dies_after_birth", {"deceased_on": date(1900, 1, 1)}),
    ],
)
def test_a_person_that_cannot_be(name, wrong):
    breaks(name, lambda: PersonFactory(**wrong))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("people_circle_member_is_exactly_one_kind", {"practitioner": None}),
        ("people_circle_member_leaves_after_joining", {"until": NOW - timedelta(days=1)}),
    ],
)
def test_a_member_that_cannot_be(name, wrong):
    breaks(name, lambda: MemberFactory(**wrong))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("people_hospital_stay_tells_a_moment", {"entered_at": None}),
        ("people_hospital_stay_ends_after_it_began", {"left_at": NOW - timedelta(days=1)}),
        ("people_hospital_stay_is_said_again_after_it_began", {"said_again_at": NOW}),
        (
            "people_hospital_stay_is_said_again_after_it_began",
            {"entered_at": None, "left_at": NOW, "said_again_at": NOW},
        ),
        ("people_hospital_stay_leads_nowhere_while_it_lasts", {"destination": "home"}),
    ],
)
def test_a_stay_that_cannot_be(name, wrong):
    breaks(name, lambda: StayFactory(**wrong))


@pytest.mark.django_db
def test_a_member_is_not_two_things_at_once():
    organization = OrganizationFactory()
    breaks(
        "people_circle_member_is_exactly_one_kind",
        lambda: MemberFactory(organization=organization),
    )


@pytest.mark.django_db
def test_a_structure_is_nobody_s_usual_nurse():
    organization = OrganizationFactory()
    breaks(
        "people_circle_usual_nurse_is_a_professional",
        lambda: MemberFactory(practitioner=None, organization=organization, is_usual_nurse=True),
    )


OWN = "people_circle_welcomes_its_own_relatives"


@pytest.mark.django_db
def test_a_circle_holds_no_relative_of_somebody_else():
    person, theirs = PersonFactory(), RelativeFactory()
    stay = {"practitioner": None, "role": "relative", "relative": theirs}
    breaks(OWN, lambda: MemberFactory(person=person, **stay))
    breaks(OWN, lambda: MemberFactory(person=person, until=LATER, **stay))
    rows = CircleMember.objects.filter(pk=MemberFactory(person=theirs.person, **stay).pk)
    breaks(OWN, lambda: rows.update(person=person))


@pytest.mark.django_db
def test_who_was_taken_away_was_in_the_circle_and_comes_in_no_more():
    former = RelativeFactory(ended_at=NOW)
    stay = {"practitioner": None, "role": "relative", "relative": former}
    breaks(OWN, lambda: MemberFactory(person=former.person, **stay))
    assert MemberFactory(person=former.person, until=NOW, **stay).pk


@pytest.mark.django_db(transaction=True)
def test_whoever_lets_in_a_relative_waits_for_who_takes_them_away():
    daughter, leaving = RelativeFactory(), Event()

    def take_away():
        with arranging(), transaction.atomic():
            Relative.objects.filter(pk=daughter.pk).update(ended_at=NOW)
            leaving.set()
            until_somebody_waits()

    def let_in():
        leaving.wait(10)
        MemberFactory(person=daughter.person, practitioner=None, relative=daughter, role="relative")

    first, second = simultaneously(take_away, let_in)
    assert (first, type(second)) == (None, IntegrityError)
    assert OWN in str(second)
    assert not CircleMember.objects.exists()


@pytest.mark.django_db
def test_an_emergency_does_not_last_longer_than_two_hours():
    person, account = PersonFactory(), AccountFactory()
    breaks(
        "people_emergency_lasts_two_hours_at_most",
        lambda: EmergencyGrant(
            person=person,
            account=account,
            motive="other",
            words="x",
            opened_at=NOW,
            expires_at=NOW + timedelta(hours=2, seconds=1),
        ).save(),
    )


@pytest.mark.django_db
def test_a_refusal_taken_back_refuses_nothing():
    breaks(
        "people_emergency_is_no_longer_opposed_from_a_moment",
        lambda: EmergencyOpposition(person=PersonFactory(), **PROOF, opposed=False).save(),
    )


@pytest.mark.django_db
def test_a_review_is_signed_and_concluded_or_is_none():
    person, account = PersonFactory(), AccountFactory()
    breaks(
        "people_emergency_review_is_signed_and_concluded",
        lambda: EmergencyGrant(
            person=person,
            account=account,
            motive="other",
            words="x",
            opened_at=NOW,
            expires_at=LATER,
            reviewed_at=NOW,
        ).save(),
    )


ONCE = [
    (
        "people_circle_has_each_practitioner_once",
        lambda p, w: CircleMember(person=p, practitioner=w["nurse"], role="nurse", since=NOW),
    ),
    (
        "people_circle_has_each_organization_once",
        lambda p, w: CircleMember(person=p, organization=w["desk"], role="other", since=NOW),
    ),
    (
        "people_circle_has_each_relative_once",
        lambda p, w: CircleMember(person=p, relative=w["relative"], role="relative", since=NOW),
    ),
    (
        "people_circle_has_each_account_once",
        lambda p, w: CircleMember(person=p, account=w["account"], role="other", since=NOW),
    ),
    (
        "people_circle_has_one_usual_nurse",
        lambda p, w: CircleMember(
            person=p, practitioner=w["nurses"].pop(), role="nurse", since=NOW, is_usual_nurse=True
        ),
    ),
    (
        "people_circle_has_one_gp",
        lambda p, w: CircleMember(
            person=p, practitioner=w["nurses"].pop(), role="gp", since=NOW
        ),
    ),
    (
        "people_circle_has_one_coordination_of_reference",
        lambda p, w: CircleMember(
            person=p, account=w["accounts"].pop(), role="coordination", since=NOW,
            is_reference=True,
        ),
    ),
    (
        "people_relative_is_the_one_trusted_person",
        lambda p, w: Relative(person=p, name="x", is_trusted=True),
    ),
    (
        "people_own_space_is_opened_once_per_account",
        lambda p, w: PersonAccount(
            person=p, account=w["account"], relative=w["relative"], proved_how="x", since=NOW
        ),
    ),
    (
        "people_own_space_of_a_person_has_one_account",
        lambda p, w: PersonAccount(
            person=p, account=w["accounts"].pop(), proved_how="x", since=NOW
        ),
    ),
    (
        "people_sharing_has_one_last_word_per_cell",
        lambda p, w: Sharing(person=p, **PROOF, **CELL),
    ),
    (
        "people_processing_has_one_last_word_per_purpose",
        lambda p, w: Processing(person=p, **PROOF, purpose="texts", will="refused"),
    ),
    ("people_emergency_is_opposed_once", lambda p, w: EmergencyOpposition(person=p, **PROOF)),
    ("people_hint_has_one_last_word", lambda p, w: HintChoice(person=p, **PROOF, allowed=True)),
    (
        "people_purpose_has_one_legal_basis",
        lambda p, w: ProcessingBasis(purpose="texts", basis="contract", since=NOW),
    ),
    (
        "people_emergency_is_open_once_per_professional",
        lambda p, w: EmergencyGrant(
            person=p, account=w["account"], motive="other", words="x", opened_at=NOW,
            expires_at=LATER,
        ),
    ),
    ("people_hospital_stay_goes_on_once", lambda p, w: HospitalStay(person=p, entered_at=NOW)),
    (
        "people_note_is_corrected_once",
        lambda p, w: ProtectedNote(
            person=p, category="social", body="x", author=w["account"], written_at=NOW,
            corrects=w["note"],
        ),
    ),
]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("name", "row"), ONCE, ids=[name for name, _ in ONCE])
def test_of_two_who_write_at_the_same_moment_one_is_refused(name, row):
    person = PersonFactory()
    world = {
        "nurse": PractitionerFactory(),
        "nurses": [PractitionerFactory(), PractitionerFactory()],
        "desk": OrganizationFactory(),
        "relative": RelativeFactory(person=person),
        "account": AccountFactory(),
        "accounts": [AccountFactory(), AccountFactory()],
        "note": a_note(person),
    }

    def write():
        with arranging():
            row(person, world).save(force_insert=True)
        return "written"

    answers = simultaneously(write, write)
    assert answers.count("written") == 1
    (refusal,) = [one for one in answers if one != "written"]
    assert isinstance(refusal, IntegrityError)
    assert name in str(refusal)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    [
        lambda p: Information(person=p, **PROOF),
        lambda p: Sharing(person=p, **PROOF, **CELL),
        lambda p: Processing(person=p, **PROOF, purpose="texts", will="refused"),
        lambda p: EmergencyOpposition(person=p, **PROOF),
        lambda p: HintChoice(person=p, **PROOF, allowed=True),
    ],
)
def test_a_choice_is_never_rewritten_nor_erased_and_may_only_end(row):
    with arranging():
        choice = row(PersonFactory())
        choice.save()
    rows = type(choice).objects.filter(pk=choice.pk)
    breaks("people_choice_only_ends|never rewritten", lambda: rows.update(how="paper"))
    breaks("people_choice_only_ends|never rewritten", lambda: rows.delete())
    with arranging():
        rows.update(until=LATER)
    breaks("people_choice_only_ends|never rewritten", lambda: rows.update(until=None))


@pytest.mark.django_db
def test_a_note_is_never_rewritten():
    with arranging():
        note = ProtectedNote(
            person=PersonFactory(),
            category="social",
            body="x",
            author=AccountFactory(),
            written_at=NOW,
        )
        note.save()
    rows = ProtectedNote.objects.filter(pk=note.pk)
    breaks("never rewritten", lambda: rows.update(body="y"))


@pytest.mark.django_db
def test_a_former_trusted_person_and_a_former_stay_leave_room():
    person = PersonFactory()
    RelativeFactory(person=person, is_trusted=True, ended_at=NOW)
    RelativeFactory(person=person, is_trusted=True)
    nurse = PractitionerFactory()
    MemberFactory(person=person, practitioner=nurse, until=NOW)
    MemberFactory(person=person, practitioner=nurse)
    PersonAccountFactory(person=person, until=NOW)
    PersonAccountFactory(person=person)
    assert Person.objects.get(pk=person.pk).circle.count() == 2

"""Two records of one person: brought together, shown together, compared on screen."""

from datetime import timedelta
from threading import Event

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.directory.services import close_territory
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people import selectors, services
from cordee.people.models import (
    Candidate,
    CircleMember,
    Merge,
    MergeStep,
    Person,
    Processing,
    Relative,
    Sharing,
)
from cordee.people.rules import identity
from cordee.people.rules.processing import Purpose, Will
from cordee.people.services import moving
from cordee.people.services.choices import Told
from cordee.people.services.moving import hanging
from tests.factories.broker import SolicitationFactory
from tests.factories.directory import (
    PractitionerFactory,
    TerritoryFactory,
)
from tests.factories.intake import CareRequestFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import (
    MemberFactory,
    PersonFactory,
    ProcessingFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.people.two_records import bring_together, claire, desk, elder, pair_of, somebody, younger
from tests.support import (
    NOW,
    arranging,
    coordinator_of,
    facts,
    seen_on,
    simultaneously,
    speaking_as,
    stranger,
    traces,
    until_somebody_waits,
)

__all__ = ["claire", "desk", "elder", "younger"]
pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def state():
    """Every row that hangs from a person, and the persons, but for the count of versions."""
    kept_apart = {"version", "updated_at"}
    return {
        model.__name__: sorted(
            str(sorted((name, str(value)) for name, value in row.items() if name not in kept_apart))
            for row in model._base_manager.values()
        )
        for model in {Person, *(model for model, _ in hanging())}
    }


# --- bringing together ---------------------------------------------------------------------------


def test_what_hangs_from_the_absorbed_record_passes_to_the_kept_one(claire, elder, younger):
    request, search = CareRequestFactory(person=younger), SolicitationFactory(person=younger)
    task, relative = TaskFactory(person=younger), RelativeFactory(person=younger)
    nurse = joins_circle(younger)
    merge = bring_together(claire, elder, younger)
    assert (merge.survivor_id, merge.absorbed_id) == (elder.pk, younger.pk)
    for row in (request, search, task, relative, nurse):
        row.refresh_from_db()
        assert row.person_id == elder.pk, row


def test_both_threads_stay_whole_and_are_read_together(claire, elder, younger):
    services.admit_person(actor=claire, person=younger, organization=None, now=NOW)
    bring_together(claire, elder, younger)
    assert facts("people.person_admitted")[0]["thread"] == younger.pk
    assert {line["thread"] for line in facts("people.merged")} == {elder.pk, younger.pk}
    lines = selectors.thread_of(claire, selectors.get_person(claire, elder.pk)).lines
    (hospital,) = [line for line in lines if "hospitalisée" in line.text]
    assert "sur la fiche réunie" in hospital.source
    call_command("verify_thread", str(elder.pk))
    call_command("verify_thread", str(younger.pk))


def test_the_old_address_leads_to_the_record_that_was_kept(client, claire, elder, younger):
    bring_together(claire, elder, younger)
    page = client.as_(claire).get(reverse("web:person", args=[younger.pk]))
    assert page.url == reverse("web:person", args=[elder.pk])
    panel = client.get(reverse("people:identity_panel", args=[younger.pk]))
    assert "Lefèvre" in panel.text


def test_an_absorbed_record_is_found_no_more(claire, elder, younger):
    bring_together(claire, elder, younger)
    assert [one.person.pk for one in selectors.search(claire, "lefebvre")] == [elder.pk]
    assert not selectors.possible_duplicates(claire, elder.traits, but=elder.pk)


def test_a_new_line_for_the_absorbed_record_goes_to_the_kept_one(claire, elder, younger):
    bring_together(claire, elder, younger)
    late = RelativeFactory(person=younger)
    late.refresh_from_db()
    assert late.person_id == elder.pk


def test_the_absorbed_record_changes_no_more(claire, elder, younger):
    bring_together(claire, elder, younger)
    with pytest.raises(IntegrityError, match="people_absorbed_is_closed|absorbed record"):  # noqa: SIM117
        with arranging(), transaction.atomic():
            Person.objects.filter(pk=younger.pk).update(phone="")


def test_both_records_go_with_their_territory_and_may_be_parted_there(claire, elder, younger):
    merge = bring_together(claire, elder, younger)
    heir = TerritoryFactory()
    close_territory(actor=SYSTEM, territory=elder.territory, heir=heir, now=LATER)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    apart = Person.objects.filter(pk__in=(elder.pk, younger.pk), merged_into=None)
    assert [one.territory for one in apart] == [heir, heir]


def test_every_table_that_hangs_from_a_person_follows_a_merge():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'follows_merge'"
        )
        armed = {row[0] for row in cursor.fetchall()}
    assert armed == {model._meta.db_table for model, _ in hanging() if model is not Person}


# --- traits --------------------------------------------------------------------------------------


def test_the_traits_chosen_are_carried_and_mixed_ones_are_provisional(claire, desk, elder, younger):
    merge = bring_together(claire, elder, younger, "birth_name", "phone")
    kept = Person.objects.get(pk=merge.survivor_id)
    assert (kept.birth_name, kept.phone) == ("Lefebvre", younger.phone)
    assert kept.ins_status == "provisoire"
    assert Person.objects.get(pk=younger.pk).birth_name == "Lefebvre"


def test_a_qualified_identity_is_kept_as_one_block(claire, desk, elder):
    qualified = somebody(desk, birth_name="Lefebvre", qualified=True)
    merge = bring_together(claire, elder, qualified, "birth_name", "ins", "phone")
    kept = Person.objects.get(pk=merge.survivor_id)
    assert kept.pk == qualified.pk
    assert (kept.birth_name, kept.ins, kept.ins_status) == (
        "Lefebvre",
        qualified.ins,
        "qualifiee",
    )
    assert kept.phone == elder.phone


def test_two_different_qualified_numbers_are_two_persons(claire, desk):
    one, other = (somebody(desk, qualified=True) for _ in range(2))
    before = state()
    with pytest.raises(DomainError, match="deux personnes"):
        bring_together(claire, one, other)
    assert state() == before


@pytest.mark.parametrize("order", ["lasting first", "waiting first"])
def test_a_number_of_waiting_gives_way_to_the_lasting_one(claire, desk, order):
    """The elder record is kept but for that: its strict traits, hence its number, would stay."""
    lasting = {"ins": "141030513200776", "ins_oid": identity.Registry.NIR.value}
    waiting = {"ins": "841030513200726", "ins_oid": identity.Registry.NIA.value}
    numbers = [lasting, waiting] if order == "lasting first" else [waiting, lasting]
    one, other = (somebody(desk, qualified=True, **number) for number in numbers)

    bring_together(claire, one, other)

    (kept,) = Person.objects.filter(pk__in=(one.pk, other.pk), merged_into=None)
    assert {"ins": kept.ins, "ins_oid": kept.ins_oid} == lasting
    assert kept.ins_status == identity.Status.QUALIFIED.value


def test_a_death_that_the_other_record_knew_is_told_again(claire, desk, elder, younger):
    services.declare_death(actor=claire, person=younger, deceased_on=NOW.date(), now=NOW)
    bring_together(claire, elder, Person.objects.get(pk=younger.pk), "deceased_on")
    assert facts("people.person_died", elder.pk)


# --- choices and circle --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept_says", "other_says", "holds"),
    [
        ("consented", "opposed", "opposed"),
        ("opposed", "consented", "opposed"),
        ("consented", "neutral", "neutral"),
        ("neutral", "opposed", "opposed"),
        (None, "opposed", "opposed"),
        ("opposed", None, "opposed"),
    ],
)
def test_the_stricter_word_wins(claire, elder, younger, kept_says, other_says, holds):
    for person, word in ((elder, kept_says), (younger, other_says)):
        if word:
            SharingFactory(person=person, choice=word)
    bring_together(claire, elder, younger)
    assert [row.choice for row in Sharing.objects.current().filter(person=elder)] == [holds]


@pytest.mark.parametrize(
    ("kept_says", "other_says", "said"),
    [
        (True, True, True),
        (True, False, False),
        (False, True, False),
        (True, None, False),
        (None, True, False),
        (None, None, False),
    ],
)
def test_partial_is_said_of_both_records_only_where_both_allowed_it(
    claire, elder, younger, kept_says, other_says, said
):
    for person, allowed in ((elder, kept_says), (younger, other_says)):
        if allowed is not None:
            services.choose_hint(actor=claire, person=person, allowed=allowed, told=Told(), now=NOW)
    before = state()
    merge = bring_together(claire, elder, younger)
    hint = selectors.hint_of(claire, Person.objects.get(pk=elder.pk), NOW.date())
    assert bool(hint) is said
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert state() | {"Candidate": []} == before | {"Candidate": []}


def test_a_refused_use_wins_over_an_accepted_one(claire, elder, younger):
    ProcessingFactory(person=elder, purpose="figures", will="accepted")
    ProcessingFactory(person=younger, purpose="figures", will="refused")
    bring_together(claire, elder, younger)
    assert Processing.objects.current().get(person=elder).will == "refused"


def test_one_usual_nurse_one_doctor_and_nobody_lost(claire, elder, younger):
    joins_circle(elder, is_usual_nurse=True)
    second = joins_circle(younger, is_usual_nurse=True)
    joins_circle(elder, role=CircleMember.Role.GP)
    doctor = joins_circle(younger, role=CircleMember.Role.GP)
    bring_together(claire, elder, younger)
    circle = CircleMember.objects.current().filter(person=elder)
    assert circle.filter(is_usual_nurse=True).count() == 1
    assert circle.get(pk=second.pk).is_usual_nurse is False
    assert circle.get(pk=doctor.pk).role == CircleMember.Role.DOCTOR


def test_a_nurse_known_to_both_keeps_her_rank(claire, elder, younger):
    nurse = PractitionerFactory()
    mine = joins_circle(elder, practitioner=nurse, ground="")
    joins_circle(younger, practitioner=nurse, is_usual_nurse=True)
    bring_together(claire, elder, younger)
    mine.refresh_from_db()
    assert (mine.is_usual_nurse, mine.ground) == (True, "recognised")


def test_one_trusted_person(claire, elder, younger):
    RelativeFactory(person=elder, is_trusted=True)
    RelativeFactory(person=younger, is_trusted=True)
    bring_together(claire, elder, younger)
    trusted = Relative.objects.filter(person=elder).values_list("is_trusted", flat=True)
    assert sorted(trusted) == [False, True]


def test_two_live_requests_for_one_need_are_settled_first(claire, elder, younger):
    for person in (elder, younger):
        CareRequestFactory(person=person, kind="injection", state="searching")
    before = state()
    with pytest.raises(DomainError, match="terminez-en une"):
        bring_together(claire, elder, younger)
    assert state() == before


# --- who may -------------------------------------------------------------------------------------


def test_only_who_follows_both_records_may(claire, desk, elder):
    elsewhere = PersonFactory(birth_name="Lefèvre")
    pair = Candidate(one=min(elder, elsewhere, key=lambda p: p.pk), weight=1, probability=0.6,
                     other=max(elder, elsewhere, key=lambda p: p.pk), reasons=[])  # fmt: skip
    with arranging():
        pair.save(force_insert=True)
    assert not selectors.pairs_to_judge(claire)
    for actor in (claire, stranger(), speaking_as(PractitionerFactory()), coordinator_of(desk)):
        with pytest.raises(Forbidden):
            services.merge_persons(actor=actor, candidate=pair, from_absorbed=frozenset(), now=NOW)
    with pytest.raises(Forbidden):
        services.refresh_candidates(actor=claire, now=NOW)
    assert not Merge.objects.exists()


def test_a_merge_is_traced_for_both(claire, elder, younger):
    bring_together(claire, elder, younger)
    told = [line["persons"] for line in traces("act") if line["verb"] == "people.merge"]
    assert [elder.pk] in told
    assert [younger.pk] in told


# --- the database --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("promise", "break_it"),
    [
        (
            "people_candidate_is_one_per_pair",
            lambda m: Candidate.objects.create(
                one=m.candidate.one, other=m.candidate.other, weight=1, probability=1, reasons=[]
            ),
        ),
        (
            "people_candidate_is_written_in_order",
            lambda m: Candidate.objects.create(
                one=m.candidate.other, other=m.candidate.one, weight=1, probability=1, reasons=[]
            ),
        ),
        (
            "people_record_is_absorbed_once",
            lambda m: Merge.objects.create(
                survivor=PersonFactory(),
                absorbed=m.absorbed,
                candidate=m.candidate,
                merged_at=NOW,
            ),
        ),
        (
            "people_record_does_not_absorb_itself",
            lambda m: Merge.objects.create(
                survivor=m.survivor, absorbed=m.survivor, candidate=m.candidate, merged_at=NOW
            ),
        ),
        (
            "people_merge_step_is_told_once_in_order",
            lambda m: MergeStep.objects.create(
                merge=m, order=0, table="t", row=m.pk, before={}, after={}
            ),
        ),
        (
            "people_person_is_not_merged_into_themselves",
            lambda m: Person.objects.filter(pk=m.survivor_id).update(merged_into=m.survivor_id),
        ),
    ],
)
def test_the_database_keeps_its_promises(claire, elder, younger, promise, break_it):
    merge = bring_together(claire, elder, younger)
    with pytest.raises(IntegrityError, match=promise), arranging(), transaction.atomic():
        break_it(merge)


@pytest.mark.django_db(transaction=True)
def test_two_merges_of_one_record_at_once_make_one(desk, claire, elder, younger):
    third = somebody(desk)
    pairs = [pair_of(claire, younger, elder), pair_of(claire, younger, third)]

    def one(pair):
        return lambda: services.merge_persons(
            actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW
        )

    done = simultaneously(one(pairs[0]), one(pairs[1]))
    # Either one is refused, or the second absorbs what the first had made whole.
    for result in done:
        assert isinstance(result, Merge | DomainError), result
    assert any(isinstance(result, Merge) for result in done)
    absorbed = Person.objects.exclude(merged_into=None)
    assert absorbed.count() == sum(isinstance(result, Merge) for result in done)
    assert not absorbed.filter(merged_into__merged_into__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_line_written_while_records_merge_ends_with_the_kept_one(desk, claire, elder, younger):
    pair = pair_of(claire, elder, younger)

    def merge():
        return services.merge_persons(
            actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW
        )

    def write():
        return services.choose_processing(
            actor=claire,
            person=younger,
            purpose=Purpose.FIGURES,
            will=Will.REFUSED,
            told=Told(),
            now=NOW,
        )

    done = simultaneously(merge, write)
    assert isinstance(done[0], Merge), done
    if isinstance(done[1], Processing):
        assert Processing.objects.get().person_id == elder.pk
    else:
        assert isinstance(done[1], Forbidden), done[1]


@pytest.mark.django_db(transaction=True)
def test_a_merge_gives_way_to_who_holds_the_person_and_then_writes_what_hangs_from_her(
    desk, claire, elder, younger
):
    pair, held, merging = pair_of(claire, elder, younger), Event(), Event()

    def writes():
        with arranging():
            Person.objects.select_for_update().get(pk=younger.pk)
            held.set()
            merging.wait(20)
            until_somebody_waits()
            younger.circle.update(is_reference=False)
        return "written"

    def merges():
        held.wait(20)
        merging.set()
        return services.merge_persons(
            actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW
        )

    written, merge = simultaneously(writes, merges)
    assert written == "written"
    assert isinstance(merge, Merge), merge


@pytest.mark.django_db(transaction=True)
def test_a_merge_whose_turn_never_comes_says_so_and_changes_nothing(
    monkeypatch, desk, claire, elder, younger
):
    pair, held, over = pair_of(claire, elder, younger), Event(), Event()
    monkeypatch.setattr(moving, "TRIES", 2)

    def holds():
        with arranging():
            Person.objects.select_for_update().get(pk=younger.pk)
            held.set()
            over.wait(20)

    def merges():
        held.wait(20)
        try:
            services.merge_persons(actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW)
        finally:
            over.set()

    _, refused = simultaneously(holds, merges)
    assert isinstance(refused, DomainError)
    assert refused.code == "people.busy"
    assert not Merge.objects.exists()


# --- screens -------------------------------------------------------------------------------------


def test_a_human_compares_and_brings_together_then_parts(client, claire, elder, younger):
    speaking = client.as_(claire)
    page = speaking.get(reverse("people:alike", args=[elder.pk]))
    assert "LEFEBVRE" in page.text
    sent = speaking.post(reverse("people:propose", args=[elder.pk, younger.pk]))
    page = speaking.get(sent.url)
    assert "Lefèvre" in page.text
    assert "Lefebvre" in page.text
    assert "Lefebvre" in speaking.get(reverse("people:pairs")).text.title()
    pair = Candidate.objects.get()
    typed = seen_on(page) | {"birth_name": "absorbed"}
    sent = speaking.post(reverse("people:merge", args=[pair.pk]), typed)
    assert sent.url == reverse("web:person", args=[elder.pk])
    page = speaking.get(reverse("people:alike", args=[elder.pk]))
    assert "Annuler la réunion" in page.text
    merge = Merge.objects.get()
    speaking.post(reverse("people:undo_merge", args=[merge.pk]))
    assert Person.objects.get(pk=younger.pk).merged_into is None
    speaking.post(reverse("people:tell_apart", args=[pair.pk]))
    assert Candidate.objects.get().state == "not_same"
    assert facts("people.found_different")
    assert "Aucune paire" in speaking.get(reverse("people:pairs")).text


def test_a_relative_follows_into_the_circle_and_back_and_who_came_in_since_may_leave(
    claire, elder, younger
):
    """Undone, a merge may leave a stay that began meanwhile apart from its relative: it ends."""
    before, since = RelativeFactory(person=younger), RelativeFactory(person=younger)
    stay = {"practitioner": None, "role": "relative"}
    member = MemberFactory(person=younger, relative=before, **stay)
    merge = bring_together(claire, elder, younger)
    member.refresh_from_db()
    assert member.person == elder
    late = MemberFactory(person=elder, relative=since, **stay)
    services.undo_merge(actor=claire, merge=merge, now=NOW)
    member.refresh_from_db()
    assert member.person == younger
    assert services.leave_circle(actor=claire, member=late, now=NOW).until == NOW


def test_two_qualified_numbers_show_no_button(client, claire, desk):
    one, other = (somebody(desk, qualified=True) for _ in range(2))
    pair = pair_of(claire, one, other)
    page = client.as_(claire).get(reverse("people:compare", args=[pair.pk]))
    assert "deux personnes" in page.text
    assert "Réunir les deux fiches" not in page.text


def test_an_unqualified_number_is_not_shown(client, claire, desk, elder):
    other = somebody(desk, ins="241030513200776", ins_oid=identity.Registry.TEST.value)
    page = client.as_(claire).get(
        reverse("people:compare", args=[pair_of(claire, elder, other).pk])
    )
    assert "connu, non qualifié" in page.text
    assert "241030513200776" not in page.text

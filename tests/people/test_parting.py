"""Two records brought together by mistake: parted again, to the last field."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordee.kernel.errors import DomainError
from cordee.people import selectors, services
from cordee.people.models import (
    CircleMember,
    EmergencyGrant,
    EmergencyOpposition,
    Person,
    Processing,
    ProtectedNote,
    Relative,
    Sharing,
)
from cordee.people.rules import merging
from cordee.people.rules.sharing import Audience, Category, Choice
from cordee.people.services.choices import Chosen, Told
from cordee.people.services.moving import hanging
from tests.factories.broker import SolicitationFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import (
    InformationFactory,
    PersonAccountFactory,
    ProcessingFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.people.two_records import bring_together, claire, desk, elder, somebody, younger
from tests.support import (
    NOW,
    arranging,
    facts,
    orienteuse_of,
    speaking_as,
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


# --- parting again -------------------------------------------------------------------------------

SCENES = {
    "request": lambda p, n: CareRequestFactory(person=p, kind=["injection", "pansement"][n % 2]),
    "search": lambda p, n: SolicitationFactory(person=p),
    "task": lambda p, n: TaskFactory(person=p),
    "relative": lambda p, n: RelativeFactory(person=p, is_trusted=True),
    "informed": lambda p, n: InformationFactory(person=p),
    "opposed": lambda p, n: says(p, SharingFactory, category="care", choice="opposed"),
    "consented": lambda p, n: says(p, SharingFactory, category="social", choice="consented"),
    "neutral": lambda p, n: says(p, SharingFactory, category="social", choice="neutral"),
    "refused": lambda p, n: says(p, ProcessingFactory, purpose="figures", will="refused"),
    "accepted": lambda p, n: says(p, ProcessingFactory, purpose="figures", will="accepted"),
    "nurse": lambda p, n: joins_circle(p, is_usual_nurse=True),
    "doctor": lambda p, n: has_gp(p),
    "space": lambda p, n: PersonAccountFactory(person=p, relative=RelativeFactory(person=p)),
    "note": lambda p, n: note(p),
    "grant": lambda p, n: grant(p),
    "refusal": lambda p, n: refuses_emergency(p),
}


def says(person, factory, **word):
    """Their word on one thing; the first one holds."""
    cell = {name: value for name, value in word.items() if name in ("category", "purpose")}
    if not factory._meta.model.objects.current().filter(person=person, **cell).exists():
        factory(person=person, **word)


def has_gp(person):
    """A doctor in the circle, that the record names."""
    doctor = joins_circle(person, role=CircleMember.Role.GP)
    with arranging():
        Person.objects.filter(pk=person.pk).update(gp=doctor.practitioner)


def note(person):
    with arranging():
        return ProtectedNote.objects.create(
            person=person, category="social", body="Seule.", author=AccountFactory(), written_at=NOW
        )


def grant(person):
    with arranging():
        return EmergencyGrant.objects.create(
            person=person,
            account=AccountFactory(),
            profession="60",
            motive="unconscious",
            words="Trouvée inconsciente",
            opened_at=NOW,
            expires_at=NOW + timedelta(hours=1),
        )


def refuses_emergency(person):
    with arranging():
        return EmergencyOpposition.objects.create(
            person=person, speaker="person", notice="2026-11", how="oral", since=NOW
        )


things = st.lists(st.sampled_from(sorted(SCENES)), unique=True, max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=things,
    second=things,
    chosen=st.frozensets(st.sampled_from(sorted(merging.GROUPS))),
    traits=st.fixed_dictionaries(
        {},
        optional={
            "used_name": st.sampled_from(["", "Martin"]),
            "email": st.just("b@example.org"),
            "protection": st.just("guarded"),
            "deceased_on": st.just("2026-01-02"),
            "is_doubtful": st.booleans(),
            "first_names": st.just("Berthe"),
        },
    ),
)
def test_a_merge_undone_leaves_every_row_as_it_was(first, second, chosen, traits):
    with transaction.atomic():
        desk = OrganizationFactory()
        claire = orienteuse_of(desk, account_id=AccountFactory().pk)
        one, other = somebody(desk), somebody(desk, **traits)
        numbers = count()
        for person, names in ((one, first), (other, second)):
            for name in names:
                SCENES[name](person, next(numbers))
        before = state()
        try:
            merge = bring_together(claire, one, other, *chosen)
        except DomainError:
            assert {"request"} <= {*first} & {*second}
        else:
            assert state() != before
            left = services.undo_merge(actor=claire, merge=merge, now=LATER)
            assert left == 0
        assert state() == before
        transaction.set_rollback(True)


def test_what_was_written_since_stays_with_the_kept_record(claire, elder, younger):
    moved = RelativeFactory(person=younger)
    merge = bring_together(claire, elder, younger)
    since = RelativeFactory(person=elder)
    with arranging():
        Relative.objects.filter(pk=moved.pk).update(phone="+33639980001")
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    moved.refresh_from_db()
    since.refresh_from_db()
    assert (moved.person_id, moved.phone) == (younger.pk, "+33639980001")
    assert since.person_id == elder.pk
    assert [line["thread"] for line in facts("people.merge_undone")] == [elder.pk, younger.pk]


def test_a_trait_corrected_since_is_not_lost(claire, elder, younger):
    merge = bring_together(claire, elder, younger, "phone")
    with arranging():
        Person.objects.filter(pk=elder.pk).update(phone="+33639980077")
    assert services.undo_merge(actor=claire, merge=merge, now=LATER) == 1
    assert Person.objects.get(pk=elder.pk).phone == "+33639980077"
    assert Person.objects.get(pk=younger.pk).merged_into is None


def dies(person):
    with arranging():
        Person.objects.filter(pk=person.pk).update(deceased_on=NOW.date())


def told_of_death(person):
    """What the thread of a record says of a death, in order."""
    kinds = ("people.person_died", "people.death_denied")
    return [line["kind"] for line in facts(thread=person.pk) if line["kind"] in kinds]


def test_a_death_that_a_wrong_merge_carried_is_taken_back_with_it(claire, elder, younger):
    dies(younger)
    merge = bring_together(claire, elder, younger, "deceased_on")
    assert told_of_death(elder) == ["people.person_died"]
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert told_of_death(elder) == ["people.person_died", "people.death_denied"]
    assert facts("people.death_denied")[0]["data"]["why"] == "other_person"
    assert told_of_death(younger) == []


def test_a_death_that_a_merge_takes_back_is_said_and_comes_back_with_its_record(
    claire, elder, younger
):
    dies(elder)
    merge = bring_together(claire, elder, younger, "deceased_on")
    assert told_of_death(elder) == ["people.death_denied"]
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert told_of_death(elder) == ["people.death_denied", "people.person_died"]


def test_a_word_said_since_holds(claire, elder, younger):
    InformationFactory(person=elder)
    cell = {"category": "social", "audience": "health", "medium": "screen"}
    SharingFactory(person=elder, choice="consented", **cell)
    SharingFactory(person=younger, choice="opposed", **cell)
    merge = bring_together(claire, elder, younger)
    chosen = Chosen(Choice.NEUTRAL, Category.SOCIAL, Audience.HEALTH)
    services.choose_sharing(actor=claire, person=elder, chosen=chosen, told=Told(), now=LATER)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert Sharing.objects.current().get(person=elder, medium="screen").choice == "neutral"
    assert Sharing.objects.current().get(person=younger).choice == "opposed"


SAID = {"speaker": "person", "how": "oral"}
CARE = {"category": "care", "audience": "health", "medium": "screen"}


def opposed(person):
    """What stands of what somebody refused."""
    return {
        *Sharing.objects.current().filter(person=person).values_list("choice", flat=True),
        *Processing.objects.current().filter(person=person).values_list("will", flat=True),
        *EmergencyOpposition.objects.current().filter(person=person).values_list("how", flat=True),
    }


def says_on(page, person, **answers):
    for name, said in answers.items():
        sent = page.post(reverse(f"people:{name}", args=[person.pk]), SAID | said)
        assert sent.status_code == 302, sent.text


def test_what_somebody_refused_stands_again_once_parted(client, claire, elder, younger):
    SharingFactory(person=younger, choice="opposed", **CARE)
    ProcessingFactory(person=younger, purpose="figures", will="refused")
    refuses_emergency(younger)
    merge = bring_together(claire, elder, younger)
    client.now = LATER
    page = client.as_(claire)
    says_on(
        page,
        elder,
        share=CARE | {"choice": "neutral"},
        process={"purpose": "figures", "will": "accepted"},
        emergency_choice={"opposed": "non"},
    )
    assert opposed(elder) == {"neutral", "accepted"}

    sent = page.post(reverse("people:undo_merge", args=[merge.pk]), follow=True)

    assert "choix compris" in sent.text
    assert opposed(elder) == {"neutral", "accepted"}
    assert opposed(younger) == {"opposed", "refused", "oral"}


def test_what_the_person_of_the_kept_record_refused_stands_again_too(
    client, claire, elder, younger
):
    """Nobody knows which of both took it back."""
    SharingFactory(person=elder, choice="opposed", **CARE)
    ProcessingFactory(person=elder, purpose="figures", will="refused")
    refuses_emergency(elder)
    merge = bring_together(claire, elder, younger)
    client.now = LATER
    page = client.as_(claire)
    says_on(
        page,
        elder,
        share=CARE | {"choice": "neutral"},
        process={"purpose": "figures", "will": "accepted"},
        emergency_choice={"opposed": "non"},
    )
    assert opposed(elder) == {"neutral", "accepted"}

    sent = page.post(reverse("people:undo_merge", args=[merge.pk]))

    assert sent.status_code == 302
    assert opposed(elder) == {"opposed", "refused", "oral"}
    assert opposed(younger) == set()
    told = Sharing.objects.filter(person=elder, category="care").order_by("since", "pk")
    assert [row.choice for row in told] == ["opposed", "neutral", "opposed"]


def test_a_refusal_said_again_meanwhile_is_not_written_twice(claire, elder, younger):
    SharingFactory(person=elder, choice="opposed", **CARE)
    merge = bring_together(claire, elder, younger)
    for word in (Choice.NEUTRAL, Choice.OPPOSED):
        chosen = Chosen(word, Category.CARE, Audience.HEALTH)
        services.choose_sharing(actor=claire, person=elder, chosen=chosen, told=Told(), now=LATER)
    standing = Sharing.objects.current().get(person=elder, **CARE)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert Sharing.objects.current().get(person=elder, **CARE) == standing


def test_a_refusal_of_the_kept_record_that_ended_before_does_not_stand_again(
    claire, elder, younger
):
    SharingFactory(person=elder, choice="opposed", **CARE)
    chosen = Chosen(Choice.NEUTRAL, Category.CARE, Audience.HEALTH)
    services.choose_sharing(actor=claire, person=elder, chosen=chosen, told=Told(), now=NOW)
    merge = bring_together(claire, elder, younger)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert opposed(elder) == {"neutral"}


def test_who_was_shut_out_by_somebody_is_shut_out_again_once_parted(client, claire, elder, younger):
    nurse = joins_circle(younger).practitioner
    SharingFactory(person=younger, choice="opposed", **CARE | {"category": "identity"})
    address = reverse("people:identity_panel", args=[younger.pk])
    assert client.as_(speaking_as(nurse)).get(address).status_code == 404
    merge = bring_together(claire, elder, younger)
    client.now = LATER
    says_on(client.as_(claire), elder, share=CARE | {"category": "identity", "choice": "neutral"})
    client.as_(claire).post(reverse("people:undo_merge", args=[merge.pk]))
    assert client.as_(speaking_as(nurse)).get(address).status_code == 404


def test_what_somebody_refused_no_more_before_does_not_stand_again(claire, elder, younger):
    SharingFactory(person=younger, choice="opposed", **CARE)
    chosen = Chosen(Choice.NEUTRAL, Category.CARE, Audience.HEALTH)
    services.choose_sharing(actor=claire, person=younger, chosen=chosen, told=Told(), now=NOW)
    merge = bring_together(claire, elder, younger)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert opposed(younger) == {"neutral"}


def test_what_somebody_allowed_does_not_stand_again(claire, elder, younger):
    SharingFactory(person=younger, choice="consented", **CARE)
    merge = bring_together(claire, elder, younger)
    chosen = Chosen(Choice.OPPOSED, Category.CARE, Audience.HEALTH)
    services.choose_sharing(actor=claire, person=elder, chosen=chosen, told=Told(), now=LATER)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert opposed(elder) == {"opposed"}
    assert opposed(younger) == set()


def test_merges_are_undone_the_last_first(claire, desk, elder, younger):
    third = somebody(desk)
    first = bring_together(claire, elder, younger)
    second = bring_together(claire, elder, third)
    with pytest.raises(DomainError, match="la plus récente"):
        services.undo_merge(actor=claire, merge=first, now=LATER)
    services.undo_merge(actor=claire, merge=second, now=LATER)
    services.undo_merge(actor=claire, merge=first, now=LATER)
    with pytest.raises(DomainError, match="déjà été annulée"):
        services.undo_merge(actor=claire, merge=first, now=LATER)
    assert not Person.objects.exclude(merged_into=None).exists()


def test_a_record_that_absorbed_another_may_be_absorbed_in_turn(claire, desk, younger):
    third, last = somebody(desk), somebody(desk, qualified=True)
    inner = bring_together(claire, younger, third)
    outer = bring_together(claire, younger, last)
    assert outer.survivor_id == last.pk
    assert selectors.get_person(claire, third.pk).pk == last.pk
    with pytest.raises(DomainError, match="la plus récente"):
        services.undo_merge(actor=claire, merge=inner, now=LATER)
    services.undo_merge(actor=claire, merge=outer, now=LATER)
    assert selectors.get_person(claire, third.pk).pk == younger.pk

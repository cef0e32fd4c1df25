"""Whose identity each has, once two records brought together by mistake are parted again."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.directory.services import close_territory
from cordee.people import services
from cordee.people.models import Person
from cordee.people.rules import identity, writing
from tests.factories.directory import (
    CommuneFactory,
    TerritoryFactory,
)
from tests.people.two_records import bring_together, claire, desk, elder, somebody, younger
from tests.support import NOW, arranging, facts

__all__ = ["claire", "desk", "elder", "younger"]
pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


NUMBER = {"ins": "241030513200776", "ins_oid": identity.Registry.TEST.value}
OWN = {"ins": "241030513200873", "ins_oid": identity.Registry.TEST.value}


def checked(page, person, *events):
    for event in events:
        address = reverse("people:check", args=[person.pk])
        assert page.post(address, {"event": event.value}).status_code == 302


@pytest.mark.parametrize("own", [{}, OWN, OWN | {"ins_status": "recuperee"}])
@pytest.mark.parametrize(
    "events",
    [
        (identity.Event.INSI_FOUND, identity.Event.PAPER_CHECKED),
        (identity.Event.PAPER_CHECKED,),
        (identity.Event.INSI_FOUND,),
    ],
)
def test_nobody_leaves_with_the_identity_of_another(client, claire, desk, own, events):
    """What was checked meanwhile was checked of the other’s traits: it proves nothing of these."""
    elder = somebody(desk, **own)
    younger = somebody(desk, birth_name="Lefebvre", **NUMBER)
    was = strict_of(elder)
    merge = bring_together(claire, elder, younger, "birth_name", "ins")
    client.now = LATER
    page = client.as_(claire)
    checked(page, elder, *events)
    assert Person.objects.get(pk=elder.pk).ins == NUMBER["ins"]

    page.post(reverse("people:undo_merge", args=[merge.pk]))

    elder.refresh_from_db()
    assert strict_of(elder) == was
    assert elder.ins_status == "provisoire"
    assert facts("people.identity_changed", elder.pk)[-1]["data"]["status"] == "provisoire"


def strict_of(person):
    return {name: getattr(person, name) for name in writing.STRICT}


def test_an_identity_that_was_her_own_throughout_stays_as_it_was_checked(claire, elder, younger):
    merge = bring_together(claire, elder, younger, "phone")
    paper = identity.Event.PAPER_CHECKED
    services.check_identity(actor=claire, person=elder, event=paper, now=LATER)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    assert Person.objects.get(pk=elder.pk).ins_status == "validee"


def test_a_name_corrected_since_leaves_no_proof_of_the_old_one(claire, desk):
    """Her own identity was proved, with another name than the one that stays."""
    elder = somebody(desk, ins_status="validee")
    younger = somebody(desk, birth_name="Lefebvre", is_doubtful=True)
    merge = bring_together(claire, elder, younger)
    with arranging():
        Person.objects.filter(pk=elder.pk).update(birth_name="Lefort", is_doubtful=False)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    parted = Person.objects.get(pk=elder.pk)
    assert (parted.birth_name, parted.ins_status) == ("Lefort", "provisoire")


def test_a_name_taken_then_corrected_was_proved_of_nobody(claire, elder, younger):
    merge = bring_together(claire, elder, younger, "birth_name")
    with arranging():
        Person.objects.filter(pk=elder.pk).update(birth_name="Lefort", ins_status="validee")
    assert services.undo_merge(actor=claire, merge=merge, now=LATER) == 1
    parted = Person.objects.get(pk=elder.pk)
    assert (parted.birth_name, parted.ins_status) == ("Lefort", "provisoire")


def test_a_doubt_noted_since_stays_and_nothing_is_proved_in_doubt(claire, desk):
    elder = somebody(desk, ins_status="validee")
    younger = somebody(desk, birth_name="Lefebvre", is_fictitious=True)
    merge = bring_together(claire, elder, younger)
    with arranging():
        Person.objects.filter(pk=elder.pk).update(is_doubtful=True)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    parted = Person.objects.get(pk=elder.pk)
    assert (parted.is_fictitious, parted.is_doubtful) == (False, True)
    assert parted.ins_status == "provisoire"


def test_a_place_goes_back_whole_or_stays_whole(claire, desk, elder):
    """A street corrected since stays with its commune: half of each would be nowhere."""
    here = {"address": "3 rue Haute", "commune": CommuneFactory(code="59512")}
    younger = somebody(desk, birth_name="Lefebvre", **here)
    merge = bring_together(claire, elder, younger, "address", "commune_id")
    with arranging():
        Person.objects.filter(pk=elder.pk).update(address="5 rue Haute")
    assert services.undo_merge(actor=claire, merge=merge, now=LATER) == 1
    parted = Person.objects.get(pk=elder.pk)
    assert (parted.address, parted.commune) == ("5 rue Haute", here["commune"])


def test_a_territory_closed_since_holds_back_no_commune(claire, desk, elder):
    here, there = elder.commune, CommuneFactory(code="59512")
    younger = somebody(desk, commune=there, territory=TerritoryFactory())
    merge = bring_together(claire, elder, younger, "address", "commune_id")
    assert Person.objects.get(pk=elder.pk).commune == there
    close_territory(actor=SYSTEM, territory=younger.territory, heir=TerritoryFactory(), now=LATER)
    assert services.undo_merge(actor=claire, merge=merge, now=LATER) == 0
    parted = Person.objects.get(pk=elder.pk)
    assert (parted.commune, parted.territory) == (here, desk.territory)


def test_a_territory_that_the_merge_left_alone_is_not_taken_back(claire, elder, younger):
    merge = bring_together(claire, elder, younger, "phone")
    new = TerritoryFactory()
    with arranging():
        Person.objects.filter(pk=elder.pk).update(territory=new)
    services.undo_merge(actor=claire, merge=merge, now=LATER)
    parted = Person.objects.get(pk=elder.pk)
    assert (parted.territory, parted.phone) == (new, elder.phone)


def test_a_merge_that_proves_less_says_so_on_the_thread(claire, desk):
    """Traits taken from both records were proved of nobody."""
    elder = somebody(desk, ins_status="recuperee", **NUMBER)
    younger = somebody(desk, birth_name="Lefebvre")
    bring_together(claire, elder, younger, "phone")
    assert not facts("people.identity_changed", elder.pk)
    third = somebody(desk, birth_name="Lefort")
    bring_together(claire, elder, third, "birth_name")
    told = facts("people.identity_changed", elder.pk)
    assert [line["data"] for line in told] == [
        {"person_id": str(elder.pk), "fields": ["birth_name"], "status": "provisoire"}
    ]


def test_traits_that_go_together_no_more_refuse_the_parting_and_say_so(client, claire, desk):
    """Rather than let somebody go with the identity of another."""
    elder = somebody(desk, birth_date=date(2020, 5, 5))
    younger = somebody(desk, birth_name="Lefebvre", **NUMBER)
    merge = bring_together(claire, elder, younger, "birth_date", "ins")
    with arranging():
        Person.objects.filter(pk=elder.pk).update(deceased_on=date(2019, 1, 2))
    sent = client.as_(claire).post(reverse("people:undo_merge", args=[merge.pk]))
    assert sent.status_code == 409
    assert "ne vont plus ensemble" in sent.text
    assert Person.objects.get(pk=younger.pk).merged_into_id == elder.pk

"""FINESS: establishments read, compared, and left as they are where they are held here."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection, transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.directory import sample, services
from cordee.directory.finess import AT
from cordee.directory.forms import OrganizationForm
from cordee.directory.models import Commune, Extraction, Organization
from cordee.directory.services import MembershipTraits, OrganizationTraits
from cordee.kernel.errors import DomainError
from tests.directory.test_extractions import PLACE, bring, extraction
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
)
from tests.support import NOW, Browser, actor, until_somebody_waits


def establishments(count=10):
    return list(sample.finess_lines(count, [PLACE]))


@pytest.mark.django_db
def test_establishments_come_in_with_their_kind_and_commune():
    CommuneFactory()

    report = bring(establishments(), source="finess")

    assert report.added == 10
    assert Organization.objects.filter(commune="05132").count() == 10
    assert set(Organization.objects.values_list("kind", flat=True)) <= {
        "hospital",
        "ehpad",
        "pharmacy",
        "msp",
        "health_centre",
        "ssiad",
        "home_help",
    }
    assert bring(establishments(), source="finess").unchanged == 10


@pytest.mark.django_db
@pytest.mark.parametrize("held_by", ["nobody", "somebody", "a desk", "who has left"])
def test_an_establishment_that_is_gone_is_closed_unless_somebody_works_there(tmp_path, held_by):
    """A working desk was closed in silence: nothing more could be handed on to it."""
    CommuneFactory()
    lines = establishments(40)
    bring(lines, source="finess")
    gone = next(one for one in lines if one.startswith("structureet")).split(";")[1]
    organization = Organization.objects.get(finess=gone)
    if held_by == "somebody":
        MembershipFactory(organization=organization)
    if held_by == "who has left":
        MembershipFactory(organization=organization, since=date(2020, 1, 1), until=date(2021, 1, 1))
    if held_by == "a desk":
        PoleFactory(organization=organization)
    rejects = tmp_path / "rejects.csv"

    left = [one for one in lines if gone not in one]
    report = bring(left, source="finess", rejects=rejects)

    organization.refresh_from_db()
    held = held_by in ("somebody", "a desk")
    assert (organization.closed_on is None) is held
    assert report.gone == (0 if held else 1)
    assert ("tenue dans Cordée : laissée ouverte" in rejects.read_text()) is held


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "is_held"), [("sio", True), ("hospital", True), ("hospital", False)]
)
def test_what_is_held_here_stays_what_it_is_whatever_an_extraction_says(tmp_path, kind, is_held):
    """An extraction took its single number from a whole territory: its carrier was an SSIAD."""
    CommuneFactory()
    lines = establishments(20)
    finess = next(one for one in lines if ";354;" in one).split(";")[1]
    ours = OrganizationFactory(finess=finess, kind=kind, name="Ici", phone="+33492999999")
    if is_held and kind == "hospital":
        MembershipFactory(organization=ours)
    rejects = tmp_path / "rejects.csv"

    bring(lines, source="finess", rejects=rejects)

    ours.refresh_from_db()
    assert ((ours.kind, ours.name) == (kind, "Ici")) is is_held
    assert ("tenue dans Cordée : laissée telle quelle" in rejects.read_text()) is is_held


def said_otherwise(lines, finess, column, value):
    """The same extraction, one cell of one structure aside."""
    cells = next(line for line in lines if f";{finess};" in line).split(";")
    changed = ";".join([*cells[: AT[column]], value, *cells[AT[column] + 1 :]])
    return [changed if f";{finess};" in line and "structureet" in line else line for line in lines]


def corrected_here(organization, **cells):
    """Correct a structure on its screen, by hand."""
    browser = Browser().as_(actor(Role.ADMINISTRATOR))
    form = OrganizationForm.of(organization)
    typed = {name: form.initial[name] or "" for name in form.fields} | cells
    typed["territory"] = typed["territory"] and typed["territory"].pk
    path = reverse("directory:change_organization", args=[organization.pk])
    assert browser.post(path, typed).status_code == 303
    organization.refresh_from_db()


@pytest.mark.django_db
def test_what_was_corrected_here_stays_field_by_field(tmp_path):
    """A name and a number corrected by hand, of a structure that nobody holds, were said again."""
    CommuneFactory()
    lines = establishments(10)
    bring(lines, source="finess")
    ours = Organization.objects.order_by("finess").first()
    official = ours.name
    corrected_here(ours, name="Les Écrins", phone="04 92 50 00 01")
    rejects = tmp_path / "rejects.csv"
    moved = said_otherwise(lines, ours.finess, "numvoie", "12 BIS")

    report = bring(moved, source="finess", rejects=rejects)

    was = (ours.address, ours.postal_code, ours.commune_id)
    ours.refresh_from_db()
    assert (ours.name, ours.phone) == ("Les Écrins", "+33492500001")
    assert ours.address != was[0]  # nobody corrected it
    assert (ours.postal_code, ours.commune_id) == was[1:] == ("05500", "05132")
    assert report.kept_here == 1
    (told,) = [line for line in rejects.read_text().splitlines() if "corrigé ici" in line]
    assert f"nom « {official} »" in told
    assert "téléphone «" in told
    assert "adresse" not in told
    assert bring(moved, source="finess").changed == 0


@pytest.mark.django_db
def test_a_number_corrected_does_not_move_a_structure_to_the_larger_commune_of_that_name():
    at = Commune.objects.get(pk="59001")  # Abancourt, Nord: there is another, larger, in Oise
    ours = OrganizationFactory(commune=at, postal_code="59268", finess="590000001", territory=None)

    corrected_here(ours, phone="03 27 50 00 01")

    assert (ours.commune_id, ours.postal_code, ours.corrected) == ("59001", "59268", ["phone"])


@pytest.mark.django_db
def test_a_name_that_two_communes_bear_is_asked_again_with_its_postal_code():
    ours = OrganizationFactory(commune=None, finess=None, territory=None, kind="ehpad")
    typed = {"name": ours.name, "kind": ours.kind, "place": "Abancourt"}

    form = OrganizationForm.of(ours, typed)

    assert "le code postal" in form.errors["place"][0]
    assert OrganizationForm.of(ours, typed | {"place": "Abancourt 59268"}).is_valid()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "at", "code", "marked"),
    [
        ("Gap", "05061", "05000", ["postal_code", "commune_id"]),
        ("Lyon", "69123", "", ["commune_id"]),  # it has nine
    ],
)
def test_a_commune_corrected_here_brings_its_only_postal_code_and_never_takes_that_of_another(
    place, at, code, marked
):
    CommuneFactory()
    lines = establishments(10)
    bring(lines, source="finess")
    ours = Organization.objects.order_by("finess").first()

    corrected_here(ours, place=place)

    assert ours.corrected == marked
    bring([line.replace("05500", "05001") for line in lines], source="finess")
    ours.refresh_from_db()
    assert (ours.commune_id, ours.postal_code) == (at, code)


@pytest.mark.django_db
def test_an_address_corrected_here_stays_whole_when_the_extraction_moves_the_structure(tmp_path):
    """Street of here, commune of there: a place that does not exist."""
    bring(establishments(10), source="finess")
    first, second = Organization.objects.order_by("finess")[:2]
    corrected_here(first, address="3 RUE DES ÉCOLES")
    rejects = tmp_path / "rejects.csv"
    gap = replace(PLACE, code="05061", name="Gap", postal_codes="05000")
    moved = list(sample.finess_lines(10, [gap]))

    report = bring(moved, source="finess", rejects=rejects)

    assert report.kept_here == 1
    first.refresh_from_db()
    second.refresh_from_db()
    kept = (first.address, first.postal_code, first.commune_id)
    assert kept == ("3 RUE DES ÉCOLES", "05500", "05132")
    assert (second.postal_code, second.commune_id) == ("05000", "05061")
    (told,) = [line for line in rejects.read_text().splitlines() if "corrigé ici" in line]
    assert all(said in told for said in ("adresse «", "« 05000 »", "« 05061 »"))
    assert bring(moved, source="finess").changed == 0

    corrected_here(first, place="Gap")
    assert bring(moved, source="finess").kept_here == 1  # its street alone
    first.refresh_from_db()
    assert (first.address, first.commune_id) == ("3 RUE DES ÉCOLES", "05061")
    assert first.corrected == ["address"]


@pytest.mark.django_db
def test_its_screen_says_what_was_corrected_here_to_who_may_correct_it():
    CommuneFactory()
    bring(establishments(10), source="finess")
    ours = Organization.objects.order_by("finess").first()
    page = reverse("directory:organization", args=[ours.pk])
    administrator, reader = (Browser().as_(actor(Role(one))) for one in ("administrator", "dpo"))
    assert "Corrigé ici" not in administrator.get(page).text

    corrected_here(ours, name="Les Écrins", phone="04 92 50 00 01")

    assert "Nom, téléphone <small>(gardé si" in administrator.get(page).text
    assert "Corrigé ici" not in reader.get(page).text


@pytest.mark.django_db
def test_a_correction_that_the_extraction_takes_up_is_no_more_one():
    CommuneFactory()
    lines = establishments(10)
    bring(lines, source="finess")
    ours = Organization.objects.order_by("finess").first()
    official = ours.name
    corrected_here(ours, name="Les Écrins")

    heard = said_otherwise(lines, ours.finess, "rslongue", "Les Écrins")
    assert bring(heard, source="finess").kept_here == 0
    bring(lines, source="finess")

    ours.refresh_from_db()
    assert ours.name == official


@pytest.mark.django_db
def test_what_was_typed_here_before_the_extraction_stays(tmp_path):
    CommuneFactory()
    lines = establishments(10)
    finess = lines[1].split(";")[1]
    traits = OrganizationTraits(name="Ici", kind="other", finess=finess)
    made = services.create_organization(actor=SYSTEM, traits=traits, now=NOW)

    report = bring(lines, source="finess")

    made.refresh_from_db()
    assert (made.name, report.kept_here, report.added) == ("Ici", 1, 9)
    assert made.kind != "other"
    assert made.address


@pytest.mark.django_db(transaction=True)
def test_a_role_given_while_an_extraction_closes_a_structure_keeps_it_open(tmp_path):
    """It waited for that gesture, then closed where somebody had just been given work."""
    CommuneFactory()
    lines = establishments(40)
    bring(lines, source="finess")
    ours = Organization.objects.order_by("finess").first()
    left = [line for line in lines if f";{ours.finess};" not in line]
    traits = MembershipTraits(account=AccountFactory(), role="orienteuse", since=NOW.date())

    def imported():
        try:
            return bring(left, source="finess", rejects=tmp_path / "rejects.csv")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.add_membership(actor=SYSTEM, organization=ours, traits=traits, now=NOW)
            importing = pool.submit(imported)
            until_somebody_waits()
        assert importing.result(30).gone == 0

    ours.refresh_from_db()
    assert ours.closed_on is None
    assert "tenue dans Cordée : laissée ouverte" in (tmp_path / "rejects.csv").read_text()


@pytest.mark.django_db
def test_no_role_is_given_in_a_structure_that_an_extraction_has_just_closed(tmp_path):
    """The page was read before; the role was given in a place that had gone."""
    CommuneFactory()
    lines = establishments(40)
    bring(lines, source="finess")
    ours = Organization.objects.order_by("finess").first()
    bring([line for line in lines if f";{ours.finess};" not in line], source="finess")
    traits = MembershipTraits(account=AccountFactory(), role="orienteuse", since=NOW.date())

    with pytest.raises(DomainError, match="a fermé le"):
        services.add_membership(actor=SYSTEM, organization=ours, traits=traits, now=NOW)

    assert not ours.memberships.exists()


@pytest.mark.django_db(transaction=True)
def test_a_structure_made_by_hand_while_an_extraction_comes_in_stays_as_it_was_typed(tmp_path):
    """The import was undone whole, with a bare error."""
    CommuneFactory()
    lines = establishments(10)
    finess = lines[1].split(";")[1]
    rejects = tmp_path / "rejects.csv"
    traits = OrganizationTraits(name="Ici", kind="hospital", finess=finess, phone="+33492500001")

    def imported():
        try:
            return bring(lines, source="finess", rejects=rejects)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.create_organization(actor=SYSTEM, traits=traits, now=NOW)
            importing = pool.submit(imported)
            until_somebody_waits()
        report = importing.result(30)

    assert Organization.objects.get(finess=finess).name == "Ici"
    assert Organization.objects.filter(commune="05132").count() == 9
    assert (report.added, report.applied) == (9, True)
    assert f"créée ici pendant l’import : laissée telle quelle,{finess}" in rejects.read_text()
    assert Extraction.objects.get().added == 9
    assert bring(lines, source="finess").added == 0


@pytest.mark.django_db
def test_old_finess_files_in_latin_1_are_read():
    lines = [line.replace("DES ALPES", "DES ÉCRINS") for line in establishments()]
    lines[1] = lines[1].replace("R;", "R;ÎLOT ", 1)

    report = bring(lines, source="finess", encoding="latin-1")

    assert (report.added, report.rejected) == (10, 0)


@pytest.mark.django_db
def test_a_file_that_is_not_finess_is_refused():
    with pytest.raises(DomainError) as refusal:
        bring(extraction(), source="finess")
    assert "finess" in refusal.value.message


@pytest.mark.django_db
def test_unusable_establishments_are_left_out_each_with_a_reason(tmp_path):
    first, *lines = establishments(3)
    structures = [line for line in lines if line.startswith("structureet")]
    rejects = tmp_path / "rejects.csv"

    report = bring(
        [first, structures[0], structures[0], "structureet;1;2", "autre;ligne", structures[1]],
        source="finess",
        rejects=rejects,
    )

    assert (report.added, report.rejected) == (2, 3)
    assert rejects.read_text().splitlines()[1:] == [
        "3,écartée,même numéro que la ligne 2," + structures[0].split(";")[1],
        "4,écartée,3 champs au lieu de 32,1",
        "5,écartée,ligne ni « structureet » ni « geolocalisation »,",
    ]


@pytest.mark.django_db
def test_an_establishment_whose_line_lost_a_field_is_left_out():
    """Its commune was emptied: one field less is also a line without its last semicolon."""
    CommuneFactory()
    first, *lines = establishments(3)
    bring([first, *lines], source="finess")
    cells = lines[0].split(";")
    report = bring([first, ";".join([*cells[:9], *cells[10:]]), *lines[1:]], source="finess")
    assert (report.rejected, report.changed, report.gone) == (1, 0, 0)


@pytest.mark.parametrize(
    ("departement", "commune", "code"),
    [("01", "451", "01451"), ("1", "53", "01053"), ("9A", "101", "97101"), ("2A", "004", "2A004")],
)
def test_finess_codes_give_insee_codes(departement, commune, code):
    from cordee.directory.finess import commune_code

    assert commune_code(departement, commune) == code

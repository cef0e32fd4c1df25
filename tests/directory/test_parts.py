"""An extraction taken in by parts, each compared while the next is read: the result is the same."""

import io
from random import Random
from threading import Event

import pytest
from django.db import transaction

from cordee.directory.extract import parts
from cordee.directory.models import PracticeSite, Practitioner
from cordee.directory.services import imports
from tests.directory.test_extractions import bring, extraction
from tests.factories.directory import CommuneFactory

WHOLE = imports.PART


def cut(identifiers, size=2):
    return [
        ("".join(part.lines), part.is_alone)
        for part in parts(((one, one[-1]) for one in identifiers), size)
    ]


def test_a_part_ends_where_an_identifier_ends():
    assert cut(["1", "2", "2", "2", "3", "4", "5"]) == [("1222", True), ("34", True), ("5", True)]
    assert cut([]) == []


def test_shorter_numbers_come_before_longer_ones():
    """ADELI, nine characters, then RPPS, eleven: the file goes by type of number."""
    assert cut(["98", "99", "100", "101"]) == [("89", True), ("01", True)]


def test_whoever_comes_back_makes_a_part_that_is_not_alone():
    assert cut(["1", "2", "3", "2", "4", "5"]) == [("12", True), ("32", False), ("45", True)]


def test_a_little_disorder_within_a_part_is_none():
    assert cut(["2", "1", "4", "3"]) == [("21", True), ("43", True)]


def test_somebody_without_end_is_cut_and_not_alone():
    assert cut(["1"] * 9) == [("1111", True), ("1111", False), ("1", False)]


def busy():
    """Lines of thirty professionals: several places, two names, a broken line, a wrong key."""
    header, *lines = extraction(30)
    for at in (3, 11, 20):
        cells = lines[at].split("|")
        structure = header.split("|").index("Identifiant technique de la structure")
        elsewhere = [*cells[:structure], f"R{at}", *cells[structure + 1 :]]
        lines.insert(at + 1, "|".join(elsewhere))
        lines.insert(at + 2, "|".join([*elsewhere[:9], "10", "Médecin", *elsewhere[11:]]))
        lines.insert(at + 1, lines[at].replace(f"|{cells[7]}|", "|ZZTOP|"))
    lines[7] = lines[7][:60]
    return [header, *lines]


def brought(lines, target, size, monkeypatch):
    """Give what an extraction makes of an empty directory, taken in by parts of a size."""
    monkeypatch.setattr(imports, "PART", size)
    with transaction.atomic():
        report = bring(lines, rejects=target)
        persons = Practitioner.objects.order_by("rpps").values_list(
            "rpps", "last_name", "profession", "specialty", "closed_on"
        )
        sites = PracticeSite.objects.order_by("practitioner__rpps", "structure").values_list(
            "practitioner__rpps", "structure", "name", "address", "commune"
        )
        made = report, list(persons), list(sites), target.read_text()
        transaction.set_rollback(True)
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["by identifier", "one comes back", "none"])
def test_parts_give_what_the_whole_file_gives(order, tmp_path, monkeypatch):
    CommuneFactory()
    header, *lines = busy()
    if order == "one comes back":
        lines.append(lines[3].replace("|Rue|", "|Quai|"))
        lines.append(lines[0].replace(f"|{lines[0].split('|')[7]}|", "|ZZTOP|"))
    elif order == "none":
        Random(7).shuffle(lines)  # noqa: S311 - the same each time

    whole, *rest = [
        brought([header, *lines], tmp_path / "rejects.csv", size, monkeypatch)
        for size in (WHOLE, 2, 5)
    ]

    assert whole[0].added == len(whole[1]) >= 29
    assert whole[0].rejected >= 4
    assert rest == [whole, whole]


@pytest.mark.django_db
def test_the_next_lines_are_read_while_a_part_is_compared(monkeypatch):
    read_on, take = Event(), imports._take  # noqa: SLF001
    raw = "\n".join(extraction(20)).encode()

    class Told(io.BytesIO):
        def readline(self, size=-1):
            if self.tell() > len(raw) / 2:
                read_on.set()
            return super().readline(size)

    def taken(*given):
        assert read_on.wait(20), "nothing was read meanwhile"
        take(*given)

    monkeypatch.setattr(imports, "PART", 8)
    monkeypatch.setattr(imports, "_take", taken)
    monkeypatch.setattr(io, "BytesIO", Told)
    bring(raw)

    assert Practitioner.objects.count() == 20

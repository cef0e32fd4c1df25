"""National extractions: read whatever they contain, compared by sets, applied all or nothing."""

import io
import tracemalloc
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cordee.access.actor import SYSTEM
from cordee.directory import sample, services
from cordee.directory.communes import CommuneRow
from cordee.directory.extract import LONGEST_LINE, ExtractError, Reject
from cordee.directory.models import Extraction, PracticeSite, Practitioner
from cordee.directory.rpps import fold, read
from cordee.directory.services import imports
from cordee.kernel.errors import DomainError
from tests.factories.directory import (
    CommuneFactory,
    PractitionerFactory,
)
from tests.support import NOW

PLACE = CommuneRow(
    code="05132",
    name="Saint-Bonnet-en-Champsaur",
    departement="05",
    departement_name="Hautes-Alpes",
    region="93",
    region_name="Provence-Alpes-Côte d’Azur",
    epci_code="200068096",
    epci_name="CC Champsaur-Valgaudemar",
    population=2086,
    postal_codes="05500",
    other_codes="05067",
)


def extraction(count=20, seed=1):
    return list(sample.rpps_lines(count, [PLACE], seed))


def bring(lines, *, source="rpps", apply=True, encoding="utf-8", now=NOW, **plan):
    raw = lines if isinstance(lines, bytes) else "\n".join(lines).encode(encoding)
    return services.import_extraction(
        actor=SYSTEM,
        source=source,
        file=io.BytesIO(raw),
        plan=services.Plan(file_name="extraction.txt", apply=apply, **plan),
        now=now,
    )


def parsed(lines):
    rows = list(read(io.BytesIO("\n".join(lines).encode())))
    good = [row for row in rows if not isinstance(row, Reject)]
    return good, [row for row in rows if isinstance(row, Reject)]


# -- the file ------------------------------------------------------------------------------------


def test_columns_are_found_whatever_their_spelling_and_order():
    header, line, *_ = extraction()
    cells = dict(zip(header.split("|"), line.split("|"), strict=True))
    cells.pop("")
    spelled = {
        "Libellé civilité exercice": cells.pop("Libellé civilité d'exercice"),
        "NOM D’EXERCICE": cells.pop("Nom d'exercice"),
        "Code Commune (coord. Structure)": cells.pop("Code commune (coord. structure)"),
        **cells,
    }

    good, bad = parsed(["|".join(spelled), "|".join(spelled.values())])

    assert (len(good), bad) == (1, [])
    assert good[0].last_name == cells.get("Nom d'exercice", spelled["NOM D’EXERCICE"])
    assert good[0].commune == "05132"


def test_two_spellings_of_a_column_fold_alike():
    assert fold("Libellé civilité d'exercice") == fold("libelle civilite exercice")
    assert fold("Code Département (structure)") == fold("Code département (coord. structure)")
    assert fold("Téléphone (coord. structure)") != fold("Téléphone 2 (coord. structure)")


def test_a_file_without_the_needed_columns_is_refused_with_their_names():
    with pytest.raises(ValueError, match="Code profession"):
        parsed(["Identifiant PP|Nom d'exercice|Prénom d'exercice", "1|2|3"])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda line: line.replace("|Rue|", "|Ru\0e|"), "caractère nul"),
        (lambda line: line[:60], "colonnes au lieu de"),
        (lambda line: line + "de trop|", "colonnes au lieu de"),
        (lambda line: line + "x" * LONGEST_LINE, "ligne démesurée"),
        (lambda line: line.replace("99", "AB", 1), "identifiant qui n’est ni un RPPS"),
    ],
)
def test_a_bad_line_is_left_out_with_its_number_and_the_rest_goes_in(spoil, reason):
    header, first, second, third, *_ = extraction()

    good, bad = parsed([header, first, spoil(second), third])

    assert [row.line for row in good] == [2, 4]
    assert [(row.line, reason in row.reason) for row in bad] == [(3, True)]


def test_blanks_after_the_last_column_are_no_columns():
    header, first, *_ = extraction()

    good, bad = parsed([header, first + " |\u200b|"])

    assert (len(good), bad) == (1, [])


@pytest.mark.django_db
def test_signs_that_a_copy_would_read_otherwise_go_in_as_they_are():
    header, first, *_ = extraction()
    place = parsed([header, first])[0][0]
    street = r"Rue \\N \t \. « \"x\" »"

    bring([header, first.replace("|Rue|", f"|{street}|").replace(place.first_name, "\\N")])

    site = PracticeSite.objects.select_related("practitioner").get()
    assert site.address == place.address.replace("Rue", street)
    assert site.practitioner.first_name == "\\N"


def test_a_line_in_another_encoding_is_left_out():
    header, first, *_ = extraction()
    latin = first.replace("’", "'").replace("|Rue|", "|Allée|").encode("latin-1")
    raw = b"\n".join((header.encode(), first.encode(), latin))

    rows = list(read(io.BytesIO(raw)))

    assert rows[1] == Reject(3, "encodage autre que UTF-8", rows[0].identifier)


def test_a_file_in_utf_16_is_refused_whole():
    with pytest.raises(ValueError, match="illisible"):
        list(read(io.BytesIO("\n".join(extraction()).encode("utf-16"))))


class Endless(io.RawIOBase):
    """A header, then one line of two gigabytes, made as it is read; remembers the largest read."""

    def __init__(self, size=2_000_000_000):
        self.head = io.BytesIO(extraction()[0].encode() + b"\n")
        self.left, self.largest = size, 0

    def readline(self, limit=-1):
        assert limit > 0, "a line may be endless: never read it whole"
        if piece := self.head.readline(limit):
            return piece
        piece = b"x" * min(limit, self.left)
        self.left -= len(piece)
        self.largest = max(self.largest, len(piece))
        return piece

    def tell(self):
        return 0


def test_a_line_of_two_gigabytes_is_skipped_in_bounded_memory():
    file = Endless()

    assert list(read(file)) == [Reject(2, "ligne démesurée", "")]
    assert file.largest <= LONGEST_LINE


# -- the comparison ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_changes_without_apply():
    report = bring(extraction(), apply=False)

    assert (report.added, report.applied) == (20, False)
    assert not Practitioner.objects.exists()


@pytest.mark.django_db
def test_the_same_file_twice_changes_nothing_the_second_time():
    CommuneFactory()
    bring(extraction())
    before = list(Practitioner.objects.order_by("pk").values_list("pk", "version", "updated_at"))

    again = bring(extraction(), now=NOW + timedelta(days=1))

    assert (again.added, again.changed, again.gone, again.unchanged) == (0, 0, 0, 20)
    after = list(Practitioner.objects.order_by("pk").values_list("pk", "version", "updated_at"))
    assert after == before
    assert PracticeSite.objects.filter(commune="05132").count() >= 20


@pytest.mark.django_db
def test_a_new_name_an_arrival_and_a_new_place_are_counted():
    lines = extraction()
    bring(lines)
    renamed = lines[1].replace("|60|", "|70|").replace("|10|", "|70|")
    moved = lines[2].replace("|Rue|", "|Avenue|")
    newcomer = extraction(21)[-1]

    report = bring([lines[0], renamed, moved, *lines[3:], newcomer])

    assert (report.added, report.gone) == (1, 0)
    assert report.changed == len({renamed.split("|")[1], moved.split("|")[1]})


@pytest.mark.django_db
def test_a_professional_who_disappears_is_closed_never_deleted_and_may_come_back():
    lines = extraction(40)
    bring(lines)
    gone = lines[-1].split("|")[1]
    remaining = [line for line in lines if f"|{gone}|" not in line]

    report = bring(remaining)

    assert report.gone == 1
    assert Practitioner.objects.get(rpps=gone).closed_on == NOW.date()
    assert not PracticeSite.objects.filter(practitioner__rpps=gone, closed_on=None).exists()

    bring(lines)
    assert Practitioner.objects.get(rpps=gone).closed_on is None
    assert PracticeSite.objects.filter(practitioner__rpps=gone, closed_on=None).exists()


@pytest.mark.django_db
def test_a_broken_line_does_not_make_its_professional_disappear():
    lines = extraction(40)
    bring(lines)
    broken = lines[-1].split("|")[1]
    spoiled = [line[:60] if f"|{broken}|" in line else line for line in lines]

    report = bring(spoiled)

    assert (report.gone, report.rejected > 0) == (0, True)
    assert Practitioner.objects.get(rpps=broken).closed_on is None
    assert PracticeSite.objects.filter(practitioner__rpps=broken, closed_on=None).exists()


@pytest.mark.django_db
def test_too_many_gone_stops_everything_until_somebody_accepts():
    lines = extraction(20)
    bring(lines)
    half = [lines[0], *[line for line in lines[1:] if int(line.split("|")[1][2:10]) < 10]]

    stopped = bring(half)

    assert (stopped.too_many_gone, stopped.applied, stopped.gone) == (True, False, 10)
    assert Practitioner.objects.filter(closed_on=None).count() == 20

    accepted = bring(half, accept_gone=True)
    assert accepted.applied
    assert Practitioner.objects.filter(closed_on=None).count() == 10


@pytest.mark.django_db
@pytest.mark.parametrize("share", [0.05, float("nan")])
def test_too_many_places_gone_stop_everything_too(share):
    """Everybody was still there, and every place of practice was closed in silence."""
    header, *lines = extraction(20)
    bring([header, *lines])
    structure = header.split("|").index("Identifiant technique de la structure")
    finess = header.split("|").index("Numéro FINESS site")
    nowhere = []
    for line in lines:
        cells = line.split("|")
        cells[structure] = cells[finess] = ""
        nowhere.append("|".join(cells))

    stopped = bring([header, *nowhere], gone_share=share)

    assert (stopped.too_many_gone, stopped.applied, stopped.gone) == (True, False, 0)
    assert stopped.places_gone == PracticeSite.objects.filter(closed_on=None).count() > 0


@pytest.mark.parametrize("column", ["technique de la structure", "Code commune", "Téléphone"])
def test_a_column_whose_absence_would_empty_the_directory_is_missed(column):
    header, *lines = extraction(2)
    place = next(n for n, name in enumerate(header.split("|")) if column in name)
    renamed = [*header.split("|")[:place], "Autre", *header.split("|")[place + 1 :]]
    with pytest.raises(ExtractError, match=column):
        parsed(["|".join(renamed), *lines])


@pytest.mark.django_db
def test_an_empty_file_does_not_empty_the_directory():
    lines = extraction()
    bring(lines)

    assert bring([lines[0]]).too_many_gone
    with pytest.raises(DomainError):
        bring(b"")


@pytest.mark.django_db
def test_the_same_number_under_another_name_is_left_out():
    header, first, *_ = extraction()
    name = first.split("|")[7]

    report = bring([header, first, first.replace(f"|{name}|", "|ZZTOP|")])

    assert (report.added, report.rejected) == (1, 1)
    assert Practitioner.objects.get().last_name == name


@pytest.mark.django_db
def test_a_wrong_key_is_a_warning_and_goes_in():
    header, first, *_ = extraction()
    number = first.split("|")[1]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)

    report = bring([header, first.replace(number, wrong)])

    assert (report.added, report.doubtful_keys, report.rejected) == (1, 1, 0)


@pytest.mark.django_db
def test_former_codes_of_communes_lead_to_the_commune_of_today():
    commune = CommuneFactory()
    header, first, *_ = extraction()

    bring([header, first.replace("|05132|", "|05067|")])

    assert PracticeSite.objects.get().commune == commune


@pytest.mark.django_db
def test_an_interruption_leaves_the_old_directory_intact_and_can_be_restarted():
    bring(extraction(30))
    lines = extraction(40, seed=2)

    class Cut(io.BytesIO):
        def readline(self, size=-1):
            if self.tell() > 10_000:
                raise KeyboardInterrupt
            return super().readline(size)

    before = list(Practitioner.objects.order_by("pk").values_list("pk", "last_name"))
    with pytest.raises(KeyboardInterrupt):
        services.import_extraction(
            actor=SYSTEM,
            source="rpps",
            file=Cut("\n".join(lines).encode()),
            plan=services.Plan(file_name="x", apply=True),
            now=NOW,
        )
    assert list(Practitioner.objects.order_by("pk").values_list("pk", "last_name")) == before

    assert bring(lines).added == 10


@pytest.mark.django_db
def test_what_one_declared_survives_an_import():
    lines = extraction()
    bring(lines)
    practitioner = Practitioner.objects.order_by("rpps").first()
    services.open_practice(actor=SYSTEM, practitioner=practitioner, now=NOW)

    bring([line.replace("|Rue|", "|Quai|") for line in lines])

    assert Practitioner.objects.get(pk=practitioner.pk).practice is not None


@pytest.mark.django_db
def test_no_statement_searches_the_directory_anew_for_each_line(monkeypatch):
    plans = []

    def explained(execute, sql, parameters, many, context):
        for statement in sql.split(";"):
            if "FROM staged" in statement or "FROM new_" in statement:
                execute(f"EXPLAIN {statement}", parameters, many, context)
                plans.extend(row[0] for row in context["cursor"].fetchall())
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(explained):
        bring(extraction())
        bring(extraction()[:18], accept_gone=True)
        header, *lines = extraction()
        monkeypatch.setattr(imports, "PART", 2)
        bring([header, *reversed(lines)])  # whoever is gathered at the end is by the same words

    assert [line for line in plans if "Join" in line]
    assert not [line for line in plans if "Nested Loop" in line]


@pytest.mark.django_db
def test_each_application_is_remembered():
    bring(extraction())

    kept = Extraction.objects.get()
    assert (kept.source, kept.added, kept.file_name) == ("rpps", 20, "extraction.txt")


class Written(io.RawIOBase):
    """A file that is made up as it is read: nothing of it is kept."""

    def __init__(self, lines):
        self.lines, self.read_so_far = lines, 0

    def readline(self, limit=-1):
        line = (next(self.lines, "") + "\n").encode()
        self.read_so_far += len(line)
        return b"" if line == b"\n" else line

    def tell(self):
        return self.read_so_far


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_file(monkeypatch):
    monkeypatch.setattr(imports, "PART", 200)  # two are in memory: a file of one proves nothing

    def peak(count):
        tracemalloc.start()
        services.import_extraction(
            actor=SYSTEM,
            source="rpps",
            file=Written(sample.rpps_lines(count, [PLACE], 1)),
            plan=services.Plan(file_name="x", apply=True),
            now=NOW,
        )
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(50)  # what is loaded once
    assert peak(5_000) < peak(400) + 500_000
    assert Practitioner.objects.count() == 5_000


# -- the commands --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_generated_file_is_imported_by_command(tmp_path, capsys):
    file = tmp_path / "extraction.txt"
    call_command("generate_extract", "rpps", file, count=50, departement="05")

    call_command("import_rpps", file, "--apply")

    said = capsys.readouterr()
    assert Practitioner.objects.count() == 50
    assert "ajoutés" in said.out
    assert "100 %" in said.err
    assert "n’existe" in (tmp_path / "extraction.txt.LISEZMOI.txt").read_text()
    assert (tmp_path / "extraction.txt.ecartees.csv").exists()


@pytest.mark.django_db
def test_a_missing_file_is_said_in_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("import_rpps", tmp_path / "absent.txt")


@pytest.mark.django_db
def test_the_lines_left_out_do_not_overwrite_the_extraction(tmp_path):
    file = tmp_path / "extraction.txt"
    file.write_text("\n".join(extraction(2)))
    with pytest.raises(CommandError, match="--rejects"):
        call_command("import_rpps", file, "--rejects", file)
    assert file.read_text() == "\n".join(extraction(2))


@pytest.mark.django_db
def test_the_command_fails_when_too_many_are_gone(tmp_path):
    PractitionerFactory()
    file = tmp_path / "extraction.txt"
    file.write_text("\n".join(extraction(0)))

    with pytest.raises(CommandError, match="accept-gone"):
        call_command("import_rpps", file, "--apply")

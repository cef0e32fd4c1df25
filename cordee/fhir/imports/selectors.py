"""Imports as they stand: their files, the lines that wait, and those that were refused."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Sum

from cordee.access.sight import by_the_house
from cordee.fhir.imports.cutting import unpacked
from cordee.fhir.models import Import, ImportedKey, ImportFile, ImportPart
from cordee.partners.sealing import unseal

What = ImportPart.What
ANY = "/"  # the name of what could not be read, and may be of any type


def any_of(kind: str) -> str:
    """The name of what could not be read, of a type: it may have borne any name of it."""
    return f"{kind}/"


@by_the_house
def files_of(work: Import) -> list[ImportFile]:
    """The files of an import, in their order. One query.

    By the house: nobody is shown the table of files; their import was found under its own rule.
    """
    return list(ImportFile.objects.filter(whole=work).order_by("number", "pk"))


@by_the_house
def file_of(work: Import, number: int) -> ImportFile | None:
    """One file of an import. One query.

    By the house: as above.
    """
    return ImportFile.objects.filter(whole=work, number=number).first()


@by_the_house
def kept_of(work: Import) -> dict[UUID, int]:
    """How many refusals are kept of each file of an import. One query.

    By the house: as above.
    """
    rows = ImportPart.objects.filter(file__whole=work, what=What.REFUSED)
    return dict(rows.order_by().values_list("file").annotate(kept=Sum("lines")))


@by_the_house
def refused_in(file: ImportFile) -> list[UUID]:
    """The parts that hold what was refused of a file, in its order. One query.

    By the house: as above.
    """
    parts = ImportPart.objects.filter(file=file, what=What.REFUSED).order_by("number", "pk")
    return list(parts.values_list("pk", flat=True))


@by_the_house
def refusals_of(pk: UUID) -> list[bytes]:
    """What one of them holds, line by line; nothing once it was let go. One query.

    By the house: as above. Raises InvalidTag when the house’s secret has changed.
    """
    part = ImportPart.objects.filter(pk=pk).first()
    return lines_of(part) if part else []


def current(work: Import) -> ImportFile | None:
    """The file that an import is at; None: all are done. One query."""
    return ImportFile.objects.filter(whole=work, ended_at=None).order_by("number", "pk").first()


def next_part(file: ImportFile, *, whole: bool = False) -> ImportPart | None:
    """Which lines of a file come next; `whole`: with what they say, which weighs. One query."""
    rows = ImportPart.objects.filter(file=file, what=What.SENT)
    rows = rows if whole else rows.defer("sealed")
    return rows.order_by("number", "pk").first()


def lines_of(part: ImportPart) -> list[bytes]:
    """The lines of a part. Raises InvalidTag when the house’s secret has changed."""
    return unpacked(unseal(part.sealed, part.pk))


def address_of(file: ImportFile) -> str:
    """Where a file is fetched; nothing when it came with the request."""
    return unseal(file.address, file.pk).decode() if file.address else ""


def held_as(work: Import, sent: Iterable[str]) -> dict[str, str]:
    """What the resources that lines speak of became here, of those that came before in the same
    import; of one that was not written, nothing (« »). One query."""
    rows = ImportedKey.objects.filter(whole=work, sent_as__in=set(sent))
    return dict(rows.values_list("sent_as", "held_as"))


def brought_before(work: Import, sent: set[str]) -> dict[str, str]:
    """What resources became here that former imports of the same system brought: the latest one
    that bore each name. Two queries.

    Only once every line was read: a name that this import bears is its own. What it could not read
    may have borne any name of its type, and none of those is believed.
    """
    rows = ImportedKey.objects.filter(whole=work, sent_as__endswith="/")
    unread = set(rows.values_list("sent_as", flat=True))
    names = {one for one in sent if unread.isdisjoint((ANY, any_of(one.partition("/")[0])))}
    if not names:
        return {}
    former = ImportedKey.objects.filter(whole__client=work.client_id, sent_as__in=names)
    former = former.exclude(whole=work).exclude(held_as="")
    latest_last = former.order_by("whole__asked_at", "whole_id", "pk")
    return dict(latest_last.values_list("sent_as", "held_as"))

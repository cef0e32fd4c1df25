"""A prescription is judged by its content, never by its name: one format, whole, and nothing more.

What is accepted is kept byte for byte: nothing is re-encoded, so what the prescriber signed stays.
"""

import hashlib
import io
import re
import warnings
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_UPLOAD = 10 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_PAGES = 30

_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_OPENED_AS = _FORMATS | {"MPO": "image/jpeg"}
"""A JPEG that a telephone wrote may hold more pictures after the first, which alone is shown."""
_MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
# Each is long enough for ten million octets of a photo not to hold it by chance.
_PAGE = re.compile(rb"<script[\s>]|<html[\s>]|<!doctype html|<svg[\s>][ -~\s]{9}|<\?php\s", re.I)
_PDF = re.compile(rb"%PDF-\d")
_ZIP_END, _ZIP_ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_ZIP_TAIL = 66_000
_PNG_END = b"IEND\xaeB`\x82"
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")
_ACTIVE = frozenset(
    (
        *("/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/GoToE"),
        *("/XFA", "/SubmitForm", "/ImportData", "/RichMedia", "/Rendition", "/Movie", "/Sound"),
    )
)
MAX_OBJECTS = 20_000


@dataclass(frozen=True)
class Judged:
    """What the content really is."""

    media_type: str
    pages: int


class UploadError(ValueError):
    """The sentence that tells why the file is refused and what to do."""


def digest(content: bytes) -> str:
    """Return the SHA-256 of what was given: the same bytes are the same document."""
    return hashlib.sha256(content).hexdigest()


def judge_upload(content: bytes) -> Judged:
    """Say what a file is; raise UploadError when it is empty, too big, broken or two things."""
    if not content:
        raise UploadError("Le fichier est vide. Reprenez la photo, ou continuez sans.")
    if len(content) > MAX_UPLOAD:
        raise UploadError("Le fichier dépasse 10 Mo. Prenez une photo moins lourde ou un PDF.")
    media_type = _by_magic(content)
    if media_type == "application/pdf":
        return Judged(media_type, _judge_pdf(content))
    _judge_image(content, media_type)
    return Judged(media_type, 1)


def _by_magic(content: bytes) -> str:
    for magic, media_type in _MAGIC.items():
        if content.startswith(magic):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:12] in _HEIC:
        raise UploadError(
            "Ce format de photo (HEIC) ne s’ouvre pas partout. Envoyez-la en JPEG ou en PDF."
        )
    raise UploadError("Ce fichier n’est ni une photo (JPEG, PNG, WebP) ni un PDF.")


BROKEN = "L’image est abîmée ou incomplète. Reprenez la photo."


def _holds_archive(content: bytes) -> bool:
    """Say whether a ZIP reader would find one: its end, which leads to the end of the file or to
    an entry. The four letters of an end alone come up by chance in a photo out of sixty thousand.
    """
    at = content.rfind(_ZIP_END, -_ZIP_TAIL)
    if at < 0:
        return False
    comment = int.from_bytes(content[at + 20 : at + 22], "little")
    return at + 22 + comment >= len(content) or _ZIP_ENTRY in content


def _judge_image(content: bytes, media_type: str) -> None:
    if _PAGE.search(content) or _PDF.search(content) or _holds_archive(content):
        raise UploadError(
            "Cette image contient autre chose qu’une image. Refaites une photo de l’ordonnance."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(_FORMATS)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise UploadError("L’image est trop grande. Prenez une photo plus petite.")
                found = _OPENED_AS.get(image.format or "")
                image.load()
    except UploadError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UploadError("L’image ne peut pas être lue. Reprenez la photo.") from None
    except Exception:
        raise UploadError(BROKEN) from None
    if media_type == "image/png" and _PNG_END not in content:
        raise UploadError(BROKEN)
    if found != media_type:
        raise UploadError("L’image ne correspond pas à son format. Reprenez la photo.")


def _judge_pdf(content: bytes) -> int:
    from pypdf import PdfReader  # a third of a second to load: only for who receives a PDF
    from pypdf.errors import PyPdfError

    is_whole = content.rstrip(b"\x00\r\n\t ").endswith(b"%%EOF")
    if not is_whole or _holds_archive(content) or _PAGE.search(content):
        raise UploadError(
            "Ce PDF est incomplet ou contient autre chose qu’un PDF. Enregistrez-le de nouveau."
        )
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise UploadError("Ce PDF est protégé par un mot de passe. Envoyez-le sans.")
        pages = len(reader.pages)
        active = _is_active(reader)
    except UploadError:
        raise
    except (PyPdfError, zlib.error, RecursionError, MemoryError):
        raise UploadError("Ce PDF est abîmé. Enregistrez-le de nouveau.") from None
    except Exception:
        raise UploadError("Ce PDF ne peut pas être lu. Enregistrez-le de nouveau.") from None
    if not 0 < pages <= MAX_PAGES:
        raise UploadError(f"Ce PDF doit avoir entre 1 et {MAX_PAGES} pages.")
    if active:
        raise UploadError(
            "Ce PDF contient un programme ou un fichier joint. Imprimez-le en PDF simple."
        )
    return pages


def _is_active(reader: "PdfReader") -> bool:
    """Look at every object, for what a reader would run, open or send."""
    from pypdf.generic import IndirectObject

    offsets = {number: gen for gen, kept in reader.xref.items() for number in kept}
    numbers = offsets | dict.fromkeys(reader.xref_objStm, 0)
    if len(numbers) > MAX_OBJECTS:
        raise UploadError("Ce PDF est trop compliqué. Imprimez-le en PDF simple.")
    return any(
        _holds_active(reader.get_object(IndirectObject(number, gen, reader)))
        for number, gen in numbers.items()
    )


def _holds_active(value: Any) -> bool:
    """Look into one object; what it refers to is looked at in its turn."""
    if isinstance(value, dict):
        return (
            not _ACTIVE.isdisjoint(value)
            or ("/S" in value and str(value["/S"]) in _ACTIVE)
            or any(_holds_active(child) for child in value.values())
        )
    return isinstance(value, list) and any(_holds_active(child) for child in value)

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
_MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
_FOREIGN = re.compile(rb"<script[\s>]|<html[\s>]|<!doctype html|<svg[\s>]|<\?php\s|%PDF-\d", re.I)
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL = 66_000
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")
_ACTIVE = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA")


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


def _judge_image(content: bytes, media_type: str) -> None:
    if _FOREIGN.search(content) or _ZIP_END in content[-_ZIP_TAIL:]:
        raise UploadError(
            "Cette image contient autre chose qu’une image. Refaites une photo de l’ordonnance."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(_FORMATS)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise UploadError("L’image est trop grande. Prenez une photo plus petite.")
                found = _FORMATS.get(image.format or "")
                image.load()
    except UploadError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UploadError("L’image ne peut pas être lue. Reprenez la photo.") from None
    except Exception:
        raise UploadError("L’image est abîmée ou incomplète. Reprenez la photo.") from None
    if found != media_type:
        raise UploadError("L’image ne correspond pas à son format. Reprenez la photo.")


def _judge_pdf(content: bytes) -> int:
    from pypdf import PdfReader  # a third of a second to load: only for who receives a PDF
    from pypdf.errors import PyPdfError

    if not content.rstrip(b"\x00\r\n\t ").endswith(b"%%EOF") or _ZIP_END in content[-_ZIP_TAIL:]:
        raise UploadError(
            "Ce PDF est incomplet ou contient autre chose qu’un PDF. Enregistrez-le de nouveau."
        )
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise UploadError("Ce PDF est protégé par un mot de passe. Envoyez-le sans.")
        pages = len(reader.pages)
        active = _is_active(reader, pages)
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


def _is_active(reader: "PdfReader", pages: int) -> bool:
    """Walk what a reader would run or open: catalogue, names, forms, pages, annotations."""
    seen: set[int] = set()
    starts: list[Any] = [reader.trailer["/Root"]]
    starts.extend(reader.pages[number] for number in range(min(pages, MAX_PAGES)))
    return any(_holds_active(start, seen, 12) for start in starts)


def _holds_active(value: Any, seen: set[int], depth: int) -> bool:
    value = value.get_object() if hasattr(value, "get_object") else value
    if depth == 0 or id(value) in seen or not isinstance(value, dict | list):
        return False
    seen.add(id(value))
    if isinstance(value, list):
        return any(_holds_active(item, seen, depth - 1) for item in value)
    if any(key in value for key in _ACTIVE) or value.get("/S") in _ACTIVE:
        return True
    return any(
        _holds_active(child, seen, depth - 1) for key, child in value.items() if key != "/Parent"
    )

"""What the door alone remembers."""

from cordee.fhir.models.exports import Export, ExportedPerson, ExportPart
from cordee.fhir.models.imports import Import, ImportedKey, ImportFile, ImportPart
from cordee.fhir.models.kept import ABOUT_NOBODY, WHOLE, KeptBody
from cordee.fhir.models.work import BulkWork

__all__ = [
    "ABOUT_NOBODY",
    "WHOLE",
    "BulkWork",
    "Export",
    "ExportPart",
    "ExportedPerson",
    "Import",
    "ImportFile",
    "ImportPart",
    "ImportedKey",
    "KeptBody",
]

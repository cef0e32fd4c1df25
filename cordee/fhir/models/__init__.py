"""What the door alone remembers."""

from cordee.fhir.models.exports import Export, ExportedPerson, ExportPart
from cordee.fhir.models.kept import ABOUT_NOBODY, KeptBody

__all__ = ["ABOUT_NOBODY", "Export", "ExportPart", "ExportedPerson", "KeptBody"]

"""The shape of a resource: what R4, and the French profiles it claims, ask of how it is written."""

from cordee.fhir.shape.checking import troubles
from cordee.fhir.shape.trouble import Severity, Trouble

__all__ = ["Severity", "Trouble", "troubles"]

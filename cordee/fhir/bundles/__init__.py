"""Bundles: many requests at once, each answered as the door answers it alone."""

from cordee.fhir.bundles.receiving import received

__all__ = ["received"]

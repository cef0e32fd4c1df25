"""What a helper noted of a visit."""

from tests.fhir.rows.encounter import make

__all__ = ["make"]

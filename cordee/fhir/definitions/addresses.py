"""The canonical addresses of what the door defines: where each may be read by `?url=`."""

from cordee.fhir.systems import CANONICAL


def operation_address(type_name: str, name: str) -> str:
    """The address of an operation of a type."""
    return f"{CANONICAL}OperationDefinition/{type_name}-{name}"


def parameter_address(type_name: str, code: str) -> str:
    """The address of a search parameter of a type."""
    return f"{CANONICAL}SearchParameter/{parameter_id(type_name, code)}"


def parameter_id(type_name: str, code: str) -> str:
    """How a search parameter is named: an identifier holds no underscore."""
    return f"{type_name}-{code.lstrip('_')}"

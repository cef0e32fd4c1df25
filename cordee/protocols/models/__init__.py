"""What the room keeps."""

from cordee.protocols.models.versions import ProtocolVersion

__all__ = ["ProtocolVersion"]

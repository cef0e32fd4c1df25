"""Read an incoming deliver_sm (SMPP 3.4 §4.6.1) as real carriers write it. Pure.

The library's own reader drops a text in an unknown coding, refuses a receipt made of optional
parameters only or whose error code is not a number, and misreads 16-bit references: here, whatever
can be understood is.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from cordee.messaging.alphabet import decode, decode_piece
from cordee.messaging.gateways import Fate, Receipt, TextReceived, legible, name_of

USER_MESSAGE_REFERENCE, RECEIPTED_MESSAGE_ID = 0x0204, 0x001E
MESSAGE_PAYLOAD, MESSAGE_STATE, NETWORK_ERROR = 0x0424, 0x0427, 0x0423
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F
_HEADER, MOST_PIECES = 16, 255
_STATES = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD"}
_STATES |= {7: "UNKNOWN", 8: "REJECTD"}
_FAILED = {"EXPIRED", "DELETED", "UNDELIV", "REJECTD", "FAILED"}


class UnreadableError(ValueError):
    """These bytes are no deliver_sm."""


@dataclass(frozen=True)
class Deliver:
    """The fields that matter of one deliver_sm."""

    sequence: int
    source: str
    destination: str
    esm_class: int
    data_coding: int
    body: bytes
    options: dict[int, bytes]

    @property
    def is_receipt(self) -> bool:
        return bool(self.esm_class & 0b00000100)


def _c_string(data: bytes, index: int) -> tuple[str, int]:
    end = data.index(0, index)
    return data[index:end].decode("latin-1"), end + 1


def _options(data: bytes, index: int) -> dict[int, bytes]:
    options = {}
    while index + 4 <= len(data):
        tag, size = struct.unpack_from("!HH", data, index)
        options[tag] = data[index + 4 : index + 4 + size]
        index += 4 + size
    return options


def parse(data: bytes) -> Deliver:
    """Take a deliver_sm apart. Raises UnreadableError."""
    try:
        (sequence,) = struct.unpack_from("!I", data, 12)
        _service, index = _c_string(data, _HEADER)
        source, index = _c_string(data, index + 2)
        destination, index = _c_string(data, index + 2)
        esm_class = data[index]
        _schedule, index = _c_string(data, index + 3)
        _validity, index = _c_string(data, index)
        _registered, _replace, data_coding, _default, size = data[index : index + 5]
        index += 5
        options = _options(data, index + size)
    except (ValueError, IndexError, struct.error) as error:
        raise UnreadableError(str(error)) from error
    body = data[index : index + size] or options.get(MESSAGE_PAYLOAD, b"")
    return Deliver(sequence, source, destination, esm_class, data_coding, body, options)


def _number(raw: bytes | None) -> int | None:
    """Read a number of one or two bytes; a longer one is nothing that the standard knows."""
    return int.from_bytes(raw, "big") if raw and len(raw) <= 2 else None


def _joined_by_header(header: bytes) -> tuple[int, int, int] | None:
    """Find the concatenation element among those of a user data header (TS 23.040 §9.2.3.24)."""
    index = 0
    while index + 2 <= len(header):
        kind, size = header[index], header[index + 1]
        value = header[index + 2 : index + 2 + size]
        if kind == 0x00 and len(value) == 3:
            return value[0], value[2], value[1]
        if kind == 0x08 and len(value) == 4:
            return int.from_bytes(value[:2], "big"), value[3], value[2]
        index += 2 + size
    return None


def _piece(deliver: Deliver) -> tuple[tuple[int, int, int] | None, bytes]:
    if deliver.esm_class & 0b01000000 and deliver.body:
        size = deliver.body[0]
        return _joined_by_header(deliver.body[1 : size + 1]), deliver.body[size + 1 :]
    numbers = [_number(deliver.options.get(tag)) for tag in (SAR_REFERENCE, SAR_NUMBER, SAR_TOTAL)]
    reference, number, total = numbers
    if reference is not None and number and total:
        return (reference, number, total), deliver.body
    return None, deliver.body


def text_of(deliver: Deliver) -> TextReceived:
    """Read a text, or the piece of one."""
    joined, body = _piece(deliver)
    if joined and not (1 <= joined[1] <= joined[2] and 1 < joined[2] <= MOST_PIECES):
        joined = None
    read = decode_piece if joined else decode
    return TextReceived(
        sender=deliver.source,
        text=legible(read(body, deliver.data_coding)),
        to=deliver.destination,
        joined=joined,
    )


def receipt_of(deliver: Deliver) -> Receipt:
    """Read a receipt from its optional parameters first, then from its text (appendix B)."""
    text = decode(deliver.body, deliver.data_coding)
    fields = {key.lower(): value for key, value in re.findall(r"\b(id|stat|err):(\S*)", text, re.I)}
    carrier_id = deliver.options.get(RECEIPTED_MESSAGE_ID, b"").rstrip(b"\x00").decode("latin-1")
    state = _STATES.get(_number(deliver.options.get(MESSAGE_STATE)) or 0, "")
    state = state or fields.get("stat", "").upper()[:7]
    fate = Fate.FAILED if state in _FAILED else Fate.UNDERWAY
    if state == "DELIVRD":
        fate = Fate.DELIVERED
    error = fields.get("err", "")
    reason = "" if fate is Fate.DELIVERED else f"{state} {error}".strip()
    return Receipt(
        fate=fate,
        carrier_id=name_of(carrier_id or fields.get("id", "")),
        reference=_number(deliver.options.get(USER_MESSAGE_REFERENCE)),
        reason=name_of(reason)[:60],
    )

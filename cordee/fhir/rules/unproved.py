"""An INS that stands in what a partner sent of anything but a Patient: a claim, told to nobody.

Its place stays, said to be masked, so that what held it is still right (a subject that is named by
its number alone). A narrative that tells one goes whole: it is built, and is not cut. In other free
words the number alone is masked: a comment is not lost for what it quotes. Only what has the key of
an INS is one; an identifier under another system is its owner’s, and is found by what it is.
Source: https://hl7.org/fhir/R4/extension-data-absent-reason.html (« masked »).
"""

import re
from typing import Any

import orjson

from cordee.people.rules.identity import Registry, key_matches, normalised

SYSTEMS = frozenset(f"{head}{one.value}" for one in Registry for head in ("", "urn:oid:"))
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
MASKED = {"extension": [{"url": ABSENT, "valueCode": "masked"}]}
SUSPECT = (b'"div"', *(one.value.encode() for one in Registry))
"""Without any of these in its text, nor a number like one, a resource tells no INS: its elements
are not looked at."""
NO_WORDS = frozenset(
    {
        *("system", "code", "value", "id", "linkId", "resourceType", "language", "contentType"),
        *("reference", "url", "uri", "fullUrl", "version", "data", "hash", "div"),
        *(f"value{one}" for one in ("Code", "Id", "Uri", "Url", "Canonical", "Oid", "Uuid")),
        *("valueBase64Binary", "instantiatesUri", "instantiatesCanonical", "profile"),
    }
)
"""The elements whose texts are no words: a mask in them would make another code, or none."""
MASK = "[INS masqué]"
AS_SIGNS = bytes(ord("0" if chr(one) in "0123456789ABab" else "x") for one in range(256))
PARTING = b" .-\\nrtuf" + bytes(range(128, 256))
"""What may stand between two signs of a number, as JSON writes it: spaces, escaped or not."""
REFERENCE = re.compile(rb'(?<!\\)"reference":"[^"\\]*"')
"""What leads to somebody; not what is under a longer name that ends so, after a quote."""
NUMBER = re.compile(r"(?<!\d)[1-478](?:[\s.\-\u00a0\u202f]?[0-9ABab]){14}(?!\d)")


def unproved(value: Any) -> Any:
    """Give the same with every INS masked, wherever it stands, and without the narratives that
    tell one."""
    written = orjson.dumps(value, default=str)
    is_suspect = any(one in written for one in SUSPECT) or _may_tell_a_number(written)
    return _masked(value) if is_suspect else value


def _may_tell_a_number(written: bytes) -> bool:
    """Whether fifteen signs of a number follow one another, whatever parts them: nearly no resource
    has that, and a table says so sooner than a pattern.

    One person in five has an identifier that looks so: what leads to them is no word.
    """
    return _is_long(written) and _is_long(REFERENCE.sub(b"", written))


def _is_long(written: bytes) -> bool:
    return b"0" * 15 in written.translate(AS_SIGNS, PARTING)


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        return [_masked(one, name) for one in value]
    if isinstance(value, str):
        return value if name in NO_WORDS else NUMBER.sub(_mask, value)
    if not isinstance(value, dict):
        return value
    if value.get("system") in SYSTEMS and "value" in value:
        value = {key: one for key, one in value.items() if key != "value"} | {"_value": MASKED}
    return {key: _masked(one, key) for key, one in value.items() if not _tells(key, one)}


def _mask(found: re.Match[str]) -> str:
    """What stands for a number like an INS; itself, where it does not have the key of one."""
    return MASK if key_matches(normalised(found[0])) else found[0]


def _tells(key: str, value: Any) -> bool:
    """Say whether an element is a narrative in which a number stands that has the key of an INS."""
    if key != "text" or not isinstance(value, dict):
        return False
    words = NUMBER.findall(str(value.get("div", "")))
    return any(key_matches(normalised(one)) for one in words)

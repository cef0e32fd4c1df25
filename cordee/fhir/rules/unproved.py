"""An INS that stands in what a partner sent of anything but a Patient: a claim, told to nobody.

Its place stays, said to be masked, so that what held it is still right (a subject that is named by
its number alone). A narrative that tells one goes whole: words are not cut.
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
"""Without any of these in its text, a resource tells no INS: its elements are not looked at."""
NUMBER = re.compile(r"(?<!\d)[1-478](?:[\s.\-\u00a0\u202f]?[0-9ABab]){14}(?!\d)")


def unproved(value: Any) -> Any:
    """Give the same with every INS masked, wherever it stands, and without the narratives that
    tell one."""
    written = orjson.dumps(value, default=str)
    return _masked(value) if any(one in written for one in SUSPECT) else value


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("system") in SYSTEMS and "value" in value:
        value = {key: one for key, one in value.items() if key != "value"} | {"_value": MASKED}
    return {key: _masked(one) for key, one in value.items() if not _tells(key, one)}


def _tells(key: str, value: Any) -> bool:
    """Say whether an element is a narrative in which a number stands that has the key of an INS."""
    if key != "text" or not isinstance(value, dict):
        return False
    words = NUMBER.findall(str(value.get("div", "")))
    return any(key_matches(normalised(one)) for one in words)

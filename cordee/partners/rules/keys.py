"""The keys that a partner gives: public ones, of the two kinds that SMART asks of every server.

Source: HL7, SMART App Launch 2.2.0, « Client Authentication: Asymmetric »: RS384 and ES384; each
key has a `kid`, and what is shown holds no private part. RSA of 2 048 bits at least (RFC 7518).
"""

import json
from collections.abc import Mapping
from typing import Any

ALGORITHMS = ("RS384", "ES384")
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
MOST, HEAVIEST, LEAST_BITS = 10, 20_000, 2_048


class Unfit(ValueError):  # noqa: N818 — a sentence for who gives them
    """Keys that cannot be taken; the message says why, in French."""


def read_keys(text: str) -> dict[str, Any]:
    """Read a JWKS (RFC 7517, `{"keys": […]}`). Raises Unfit."""
    try:
        said = json.loads(text) if len(text) <= HEAVIEST else None
    except ValueError:
        said = None
    keys = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST:
        raise Unfit('un objet JSON {"keys": […]} d’une à dix clés est attendu')
    names = [_name(one) for one in keys]
    if len(set(names)) != len(names):
        raise Unfit("deux clés portent le même «\u00a0kid\u00a0»")
    return {"keys": keys}


def _name(key: object) -> str:
    if not isinstance(key, Mapping):
        raise Unfit("chaque clé est un objet JSON")
    if PRIVATE & set(key):
        raise Unfit("une clé contient sa partie privée\u00a0: gardez-la, et remplacez cette clé")
    kid = key.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= 200:
        raise Unfit("chaque clé porte un «\u00a0kid\u00a0»")
    if key.get("use", "sig") != "sig" or key.get("alg", "") not in ("", *_fits(key)):
        raise Unfit("une clé RSA (RS384) ou EC P-384 (ES384), pour signer, est attendue")
    return kid


def _fits(key: Mapping[str, Any]) -> tuple[str, ...]:
    if key.get("kty") == "EC" and key.get("crv") == "P-384":
        return ("ES384",)
    if key.get("kty") == "RSA" and len(str(key.get("n", ""))) * 6 >= LEAST_BITS:
        return ("RS384",)
    raise Unfit("une clé RSA d’au moins 2\u00a0048 bits ou EC P-384 est attendue")

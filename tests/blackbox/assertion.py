"""Reading what the gateway tells an application, with nothing but the published keys."""

import base64
import json

from . import ed25519
from .processes import http


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified(server: str, token: str) -> tuple[dict, dict] | None:
    """Header and claims of a JWS signed by one of the server's published Ed25519 keys, else none."""
    first, second, third = token.split(".")
    header = json.loads(_decode(first))
    keys = http("GET", f"{server}/.well-known/jwks.json").json()["keys"]
    key = next((key for key in keys if key.get("kid") == header.get("kid")), None)
    if key is None or header.get("alg") != "EdDSA" or key.get("crv") != "Ed25519":
        return None
    is_signed = ed25519.verifies(_decode(key["x"]), f"{first}.{second}".encode(), _decode(third))
    return (header, json.loads(_decode(second))) if is_signed else None

"""Request signatures, versions 1 to 3, as HubSpot computes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

# What version 3 decodes in the URI before signing; everything else stays as it is.
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
    "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ESCAPES = re.compile("|".join(_DECODED), re.IGNORECASE)


def v1(secret: str, body: bytes) -> str:
    return hashlib.sha256(secret.encode() + body).hexdigest()


def v2(secret: str, method: str, uri: str, body: bytes) -> str:
    return hashlib.sha256(f"{secret}{method}{uri}".encode() + body).hexdigest()


def v3(secret: str, method: str, uri: str, body: bytes, timestamp_ms: int) -> str:
    """Base64 of HMAC-SHA256 over method, URI, body and timestamp."""
    message = f"{method}{decoded(uri)}".encode() + body + str(timestamp_ms).encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def decoded(uri: str) -> str:
    return _ESCAPES.sub(lambda found: _DECODED[found.group().upper()], uri)


def headers(secret: str, method: str, uri: str, body: bytes, now_ms: int, *, version: str = "v3") -> dict[str, str]:
    """The signature headers of one delivery: always version 3, and version 1 or 2 beside it."""
    old = v2(secret, method, uri, body) if version == "v2" else v1(secret, body)
    return {
        "X-HubSpot-Signature-v3": v3(secret, method, uri, body, now_ms),
        "X-HubSpot-Request-Timestamp": str(now_ms),
        "X-HubSpot-Signature": old,
        "X-HubSpot-Signature-Version": "v2" if version == "v2" else "v1",
    }

"""Which addresses our credentials may be sent to.

The sign-in's answer names the address for all further calls. It is followed only where it is the connection's own
origin, or https at a host under ``intacct.com``; anything else would hand session and sender password to a stranger.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from include.connectors.intacct.errors import SYSTEM
from include.core.errors import SettingsError
from include.core.near_host import is_near

DOMAIN = ("intacct", "com")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
_URL = re.compile(r"[!-\[\]-~]+\Z")  # printable ASCII without space and backslash
_PORTS = {"http": 80, "https": 443}


def check_url(url: str) -> str:
    """The connection's own address, if it can be used: https, or http to this machine or its container network.

    Raises ``SettingsError`` with what is wrong.
    """
    parts = _split(url)
    if parts is None:
        raise SettingsError(
            "The address of the Sage Intacct gateway is no plain URL; write the whole one, "
            "for example https://api.intacct.com/ia/xml/xmlgw.phtml.",
            system=SYSTEM,
        )
    if parts.scheme == "http" and not is_near(parts.hostname or ""):
        raise SettingsError(
            f"The Sage Intacct gateway at {parts.hostname} must be addressed by https; "
            "http would send the passwords in clear.",
            system=SYSTEM,
        )
    return url


def trusted_endpoint(endpoint: str, own_url: str) -> str:
    """``endpoint`` if it may be followed from a connection to ``own_url``. Raises ``SettingsError`` otherwise."""
    named, own = _split(endpoint), _split(own_url)
    if named is not None and own is not None:
        if _origin(named) == _origin(own):
            return endpoint
        if named.scheme == "https" and _port(named) == 443 and _under_intacct(named.hostname or ""):
            return endpoint
    host = named.hostname if named is not None else "an address that cannot be read"
    raise SettingsError(
        f"Sage Intacct's sign-in answered with another address ({host}) that is neither the connection's own nor under "
        "intacct.com; nothing was sent there. Check the host of the connection.",
        system=SYSTEM,
    )


def _split(url: str) -> SplitResult | None:
    """The parts of a plain http(s) URL with a host and without user, password and fragment, else ``None``."""
    if not _URL.match(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    plain = parts.scheme in _PORTS and parts.hostname and "@" not in parts.netloc and not parts.fragment
    return parts if plain and "%" not in parts.netloc and port != 0 and not parts.netloc.endswith(":") else None


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", _port(parts)


def _under_intacct(host: str) -> bool:
    labels = host.split(".")
    return len(labels) > 2 and tuple(labels[-2:]) == DOMAIN and all(_LABEL.match(label) for label in labels)
